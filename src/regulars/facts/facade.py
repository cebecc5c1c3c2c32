"""The door of facts. What needs the `analytics` extra is imported when called: the web never loads it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from regulars.facts import queries
from regulars.facts.declared import (
    register_addition,
    register_extract,
    register_follower,
    register_time_zone,
)
from regulars.facts.errors import (
    AnalyticsMissing,
    ExtractsIncomplete,
    FactsBusy,
    FactsMissing,
    SparkMissing,
    SparkUnreachable,
)
from regulars.facts.jobs import ask_sync, note_followed, tell_followers
from regulars.facts.schemas import SCHEMAS, Column, ColumnType, Schema
from regulars.facts.types import (
    Addition,
    Difference,
    Extract,
    Facts,
    FactsStatus,
    Freshness,
    OnProgress,
    SyncProgress,
    SyncReport,
    TableStatus,
    TableSync,
    VerifyReport,
)

if TYPE_CHECKING:
    from ibis.backends import BaseBackend

__all__ = [
    "SCHEMAS",
    "Addition",
    "AnalyticsMissing",
    "Column",
    "ColumnType",
    "Difference",
    "Extract",
    "ExtractsIncomplete",
    "Facts",
    "FactsBusy",
    "FactsMissing",
    "FactsStatus",
    "Freshness",
    "Schema",
    "SparkMissing",
    "SparkUnreachable",
    "SyncProgress",
    "SyncReport",
    "TableStatus",
    "TableSync",
    "VerifyReport",
    "ask_sync",
    "count_missing_files",
    "facts_from_arrow",
    "find_news",
    "get_freshness",
    "get_status",
    "note_followed",
    "open_facts",
    "open_spark",
    "register_addition",
    "register_extract",
    "register_follower",
    "register_time_zone",
    "sync_facts",
    "tell_followers",
    "verify_facts",
]


def get_freshness(now: datetime) -> Freshness | None:
    """How fresh the facts are, for a page to say; None where nothing was copied yet. One small query."""
    return queries.find_freshness(now)


def count_missing_files() -> int:
    """How many files of facts are not where they were written."""
    return queries.count_missing_files()


def get_status(now: datetime) -> FactsStatus:
    """Each table's files, rows and bytes, the engine, and how fresh all of it is."""
    return queries.get_status(now)


def find_news(task: str) -> date | None:
    """The first day of which something changed that a following job has not taken in; None: nothing. Late
    and corrected events are of days long past, the usual ones of today. Two small queries.
    """
    return queries.find_news(task)


def sync_facts(
    *, now: datetime, whole: bool = False, adbc: bool = True, on_progress: OnProgress | None = None
) -> SyncReport:
    """Copy what changed since the last sync; with `whole`, everything. See `operations.sync_facts`.

    Raises AnalyticsMissing, FactsBusy, ExtractsIncomplete, OSError.
    """
    _engine()
    from regulars.facts import operations  # noqa: PLC0415 - heavy: see above

    return operations.sync_facts(now=now, whole=whole, adbc=adbc, on_progress=on_progress or _ignore)


def verify_facts(*, on_progress: OnProgress | None = None) -> VerifyReport:
    """Compare files, counts and sums with PostgreSQL. See `checking.verify_facts`.

    Raises AnalyticsMissing, FactsMissing, FactsBusy, ExtractsIncomplete.
    """
    _engine()
    from regulars.facts import checking  # noqa: PLC0415 - heavy: see above

    return checking.verify_facts(on_progress=on_progress or _ignore)


@contextmanager
def open_facts() -> Iterator[Facts]:
    """Open what was last synced, on the engine of the settings, while the block runs.

    Raises AnalyticsMissing, SparkMissing, FactsMissing.
    """
    _engine()
    from regulars.facts.reading import open_files  # noqa: PLC0415 - heavy: see above

    with open_files() as facts:
        yield facts


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

    Raises AnalyticsMissing, SparkMissing.
    """
    return cast("BaseBackend", _engine().start_spark(master, options=options))


def _engine() -> ModuleType:
    try:
        from regulars.facts import engine  # noqa: PLC0415 - heavy: see above
    except ModuleNotFoundError as error:
        raise AnalyticsMissing.lacking(error) from error
    return engine


def _ignore(progress: SyncProgress) -> None:
    """Nobody watches."""
