"""What crosses the door of facts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ibis.backends import BaseBackend
    from ibis.expr.types import Table


@dataclass(frozen=True, slots=True)
class Facts:
    """The tables of `schemas.py` as Ibis tables on one engine; expressions over them may be combined freely.

    `as_of` is the last day they are complete for, in `time_zone`, the shop's own. Instants are UTC without a
    zone, to the microsecond. A table that nothing stands in is empty. `change` numbers the last sync that is
    in it, for `note_followed`.
    """

    orders: "Table"
    order_lines: "Table"
    returns: "Table"
    events: "Table"
    ledger: "Table"
    redemptions: "Table"
    tier_changes: "Table"
    members: "Table"
    products: "Table"
    rewards: "Table"
    backend: "BaseBackend"
    as_of: date
    time_zone: str
    change: int = 0


@dataclass(frozen=True, slots=True)
class Extract:
    """Where the rows of one table come from: SQL that a room writes over its own tables, never a user.

    `columns` gives an expression for each column of the schema, of PostgreSQL's type for it (bigint, text,
    timestamptz, boolean, arrays of those); `occurred_on` follows from `occurred_at`. `source` is a FROM
    clause. `written` names the aliases in it whose rows tell that something is new, by the transaction that
    wrote them; `rewritten` are subqueries of member ids, in which `{fresh:alias}` stands for that test, whose
    rows, found by `owner`, are all to be read anew.
    """

    table: str
    source: str
    columns: dict[str, str]
    written: tuple[str, ...]
    owner: str = ""
    rewritten: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Addition:
    """A column that a room adds to another's extract: its join, its expression, and the alias to watch."""

    table: str
    column: str
    join: str
    sql: str
    written: str


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """How far a sync is: what it reads, and how many rows it has read in all."""

    table: str
    rows: int


OnProgress = Callable[[SyncProgress], None]


@dataclass(frozen=True, slots=True)
class TableSync:
    """What a sync did to one table."""

    table: str
    months_written: tuple[str, ...]
    months_kept: int
    rows_written: int
    bytes_written: int


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did. `transport` is adbc or copy, or empty where nothing had to be read."""

    tables: tuple[TableSync, ...]
    as_of: date
    time_zone: str
    transport: str
    whole: bool
    seconds: float

    @property
    def rows_written(self) -> int:
        """Rows of all files that were written."""
        return sum(table.rows_written for table in self.tables)

    @property
    def files_written(self) -> int:
        """Files that were written."""
        return sum(len(table.months_written) for table in self.tables)


@dataclass(frozen=True, slots=True)
class TableStatus:
    """One table as it was last copied."""

    table: str
    files: int
    rows: int
    bytes: int
    last_written_at: datetime | None


@dataclass(frozen=True, slots=True)
class Freshness:
    """How fresh the facts are: `as_of` is the last day they are complete for, in the shop's time zone."""

    synced_at: datetime
    as_of: date
    time_zone: str
    age_seconds: float
    is_stale: bool


@dataclass(frozen=True, slots=True)
class FactsStatus:
    """All that `regulars facts status` tells. `freshness` is None before the first sync."""

    freshness: Freshness | None
    tables: tuple[TableStatus, ...]
    engine: str
    directory: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a month of facts is not what PostgreSQL says. `is_awaited`: written since the sync."""

    table: str
    month: str
    problem: str
    is_awaited: bool = False


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """Facts compared with PostgreSQL: how much was compared, and where they part."""

    files: int
    rows: int
    differences: tuple[Difference, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Whether they agree, but for what the next sync brings."""
        return all(difference.is_awaited for difference in self.differences)
