"""What crosses the door of imports: what is asked for, how far it is, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo


class ImportKind(StrEnum):
    """What a file holds."""

    ORDERS = "orders"
    RETURNS = "returns"
    MEMBERS = "members"
    PRODUCTS = "products"
    EVENTS = "events"


class FileFormat(StrEnum):
    """How a file is written."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How to read a file and what to do with it.

    - `format`: None follows the file's extension.
    - `mapping`: field → the file's column, where they differ.
    - `dry_run`: everything is done, counted and taken back.
    - `create_members`: an unknown member is created instead of the row being rejected.
    - `rejects`: where rejected rows go; None: beside the file, as NAME.rejects.csv.
    - `time_zone`: of times without an offset; None: the programme's.
    - `encoding`, `delimiter`: of CSV; None: UTF-8, or UTF-16 by its mark, and whatever the header shows.
    - `decimal_comma`: amounts are written 12,50.
    """

    format: FileFormat | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    dry_run: bool = False
    create_members: bool = False
    rejects: Path | None = None
    time_zone: ZoneInfo | None = None
    encoding: str | None = None
    delimiter: str | None = None
    decimal_comma: bool = False


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How far an import is: `done` of `total` in the file's own measure (bytes or rows)."""

    done: int
    total: int
    rows: int
    rejected_rows: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. Rows are the file's; the rest counts orders, members and so on.

    `points` is what the new orders and events gave, or the new returns took back. `rejects` is the file
    with the rejected rows, where there are any.
    """

    kind: ImportKind
    dry_run: bool
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    rejected_rows: int = 0
    members_created: int = 0
    points: int = 0
    rejects: Path | None = None

    @property
    def changed_nothing(self) -> bool:
        """Whether everything good in the file was there already."""
        return not (self.new or self.changed or self.members_created)
