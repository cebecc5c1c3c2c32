"""The door of facts. What needs the `analytics` extra is imported when called: the web never loads it."""

from collections.abc import Mapping
from datetime import date
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from regulars.facts.errors import AnalyticsMissing, SparkMissing
from regulars.facts.schemas import SCHEMAS, Column, ColumnType, Schema
from regulars.facts.types import Facts

if TYPE_CHECKING:
    from ibis.backends import BaseBackend

__all__ = [
    "SCHEMAS",
    "AnalyticsMissing",
    "Column",
    "ColumnType",
    "Facts",
    "Schema",
    "SparkMissing",
    "facts_from_arrow",
    "open_spark",
]


def facts_from_arrow(
    tables: Mapping[str, Any], as_of: date, time_zone: str = "UTC", backend: "BaseBackend | None" = None
) -> Facts:
    """Hold pyarrow tables, by name, as facts: for an order file or a test.

    Missing tables are empty, with the right columns; so are missing columns that may be null. `backend` is
    an Ibis backend, DuckDB in process unless given. Raises AnalyticsMissing without the `analytics` extra,
    ValueError where a table does not fit its schema.
    """
    return cast(Facts, _engine().hold_arrow(tables, as_of=as_of, time_zone=time_zone, backend=backend))


def open_spark(master: str, *, options: Mapping[str, str] | None = None) -> "BaseBackend":
    """Open an Ibis backend on a Spark master (`spark://host:port`); `options` are Spark's own.

    One at a time in a process. Raises AnalyticsMissing, SparkMissing.
    """
    return cast("BaseBackend", _engine().start_spark(master, options=options))


def _engine() -> ModuleType:
    try:
        from regulars.facts import engine  # noqa: PLC0415 - heavy: see above
    except ModuleNotFoundError as error:
        raise AnalyticsMissing(
            f"Facts and measures need a package that is not here ({error.name}). "
            "Install it with: pip install 'regulars[analytics]'"
        ) from error
    return engine
