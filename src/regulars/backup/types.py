"""What crosses the door of backups."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

FORMAT = 1
"""Of the file: raised when an older Regulars could not read it."""


@dataclass(frozen=True, slots=True)
class TableSum:
    """How many rows a table has, and a number that depends on every byte of them and not on their order."""

    rows: int
    control_sum: str


@dataclass(frozen=True, slots=True)
class Part:
    """One member of the file: its name, its bytes, and the SHA-256 of them in hexadecimal."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What one snapshot of the database holds. `totals` are the ledger's sums by currency."""

    migrations: tuple[str, ...]
    tables: Mapping[str, TableSum]
    totals: Mapping[str, Mapping[str, int]]

    @property
    def rows(self) -> int:
        """All rows of all tables."""
        return sum(table.rows for table in self.tables.values())


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `taken_at` is the instant of the snapshot, as the database tells time."""

    format: int
    regulars: str
    taken_at: datetime
    server_version: str
    dump_major: int
    schema: str
    contents: Contents
    database: Part
    files: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class BackupReport:
    """A backup that was written, read back and found whole. `left_out` are tables that are not Regulars'."""

    path: Path
    size_bytes: int
    manifest: Manifest
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What was restored. `is_proved` is False where the ledger must still be proved after migrating."""

    manifest: Manifest
    is_proved: bool
    kept_aside: Path | None = None
    problems: tuple[str, ...] = field(default=())


class Progress(Protocol):
    """How far it is."""

    def reach(self, done: int, total: int | None = None) -> None:
        """So much is done in all."""

    def note(self, text: str) -> None:
        """What is being done now."""


Note = Callable[[str], None]
