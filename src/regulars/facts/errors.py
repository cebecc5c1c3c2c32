"""Refusals of facts."""

from regulars.kit.errors import Conflict, Unavailable


class AnalyticsMissing(Unavailable):
    """Facts and measures need packages that are not installed."""

    code = "analytics_missing"

    @classmethod
    def lacking(cls, error: ModuleNotFoundError) -> "AnalyticsMissing":
        """The refusal that names what could not be imported, and what installs it."""
        return cls(
            f"Facts and measures need a package that is not here ({error.name}). "
            "Install it with: pip install 'regulars[analytics]'"
        )


class SparkMissing(Unavailable):
    """The settings name a Spark master, and Spark is not installed."""

    code = "spark_missing"


class SparkUnreachable(Unavailable):
    """The settings name a Spark master, and nobody answers there."""

    code = "spark_unreachable"


class FactsMissing(Unavailable):
    """Nothing was copied yet, or files that were are gone."""

    code = "facts_missing"


class FactsBusy(Conflict):
    """Another sync is at work."""

    code = "facts_busy"


class ExtractsIncomplete(Unavailable):
    """No room has declared where a table's rows come from."""

    code = "extracts_incomplete"
