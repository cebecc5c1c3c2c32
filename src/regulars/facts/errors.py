"""Refusals of facts."""

from regulars.kit.errors import Unavailable


class AnalyticsMissing(Unavailable):
    """Facts and measures need packages that are not installed."""

    code = "analytics_missing"


class SparkMissing(Unavailable):
    """The settings name a Spark master, and Spark is not installed."""

    code = "spark_missing"
