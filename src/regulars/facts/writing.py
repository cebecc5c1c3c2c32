"""Rows into Parquet, a file for each month, in bounded memory. Imports pyarrow: never for the web."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from regulars.facts.arrow import make_arrow_schema
from regulars.facts.schemas import Schema
from regulars.facts.statements import WHOLE, summed_columns

GROUP_ROWS = 128 * 1024
"""Rows of a row group: what a reader must take in at once."""
WAITING_BYTES = 48 * 1024 * 1024
"""What may wait in memory for its group to fill, over all months together."""
PART = ".part"


@dataclass(frozen=True, slots=True)
class Written:
    """A file that holds a month, whole and on disk. `file` is relative to the directory of facts."""

    table: str
    month: str
    file: str
    rows: int
    sums: dict[str, str]
    bytes: int


class _Month:
    """One file being written."""

    def __init__(self, schema: Schema, folder: Path, month: str) -> None:
        self.schema = schema
        self.month = month
        self.rows = 0
        self.sums = dict.fromkeys(summed_columns(schema), 0)
        self.waiting: list[Any] = []
        self.waiting_rows = 0
        self.waiting_bytes = 0
        folder.mkdir(parents=True, exist_ok=True)
        self._part = folder / f"{os.getpid()}-{month}{PART}"
        self._writer = pq.ParquetWriter(self._part, make_arrow_schema(schema), compression="zstd")

    def add(self, batch: Any) -> None:
        """Take rows; they are written when a group is full."""
        self.rows += batch.num_rows
        for name in self.sums:
            self.sums[name] += pc.sum(batch.column(name)).as_py() or 0
        self.waiting.append(batch)
        self.waiting_rows += batch.num_rows
        self.waiting_bytes += batch.nbytes
        if self.waiting_rows >= GROUP_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if self.waiting:
            table = pa.Table.from_batches(self.waiting)
            self._writer.write_table(table, row_group_size=GROUP_ROWS)
        self.waiting, self.waiting_rows, self.waiting_bytes = [], 0, 0

    def finish(self, root: Path) -> Written:
        """Have it on disk under a name that follows from what is in it."""
        self.flush()
        self._writer.close()
        with self._part.open("rb+") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            os.fsync(stream.fileno())
        final = self._part.with_name(f"{digest}.parquet")
        self._part.replace(final)
        return Written(
            self.schema.name,
            self.month,
            str(final.relative_to(root)),
            self.rows,
            {name: str(total) for name, total in self.sums.items()},
            final.stat().st_size,
        )

    def discard(self) -> None:
        """Leave nothing behind."""
        self._writer.close()
        self._part.unlink(missing_ok=True)


def write_months(
    root: Path, schema: Schema, batches: Iterable[Any], *, on_rows: Any = lambda _rows: None
) -> list[Written]:
    """Write batches into a file for each month; months without rows get none. Nothing is left where it fails.

    `on_rows` is told how many rows were taken in each time.
    """
    months: dict[str, _Month] = {}
    try:
        for batch in batches:
            for month, rows in _split(schema, batch):
                if month not in months:
                    months[month] = _Month(schema, root / schema.name / month, month)
                months[month].add(rows)
            while sum(one.waiting_bytes for one in months.values()) > WAITING_BYTES:
                max(months.values(), key=lambda one: one.waiting_bytes).flush()
            on_rows(batch.num_rows)
        written = [months[month].finish(root) for month in sorted(months)]
    except BaseException:
        for one in months.values():
            one.discard()
        raise
    for folder in {root / Path(one.file).parent for one in written}:
        _sync_folder(folder)
    return written


def _split(schema: Schema, batch: Any) -> Iterator[tuple[str, Any]]:
    """Rows by the month of `occurred_on`. The pieces share nothing with the batch, which may be large."""
    if not schema.monthly:
        if batch.num_rows:
            yield WHOLE, batch
        return
    days = batch.column("occurred_on")
    marks = pc.add(pc.multiply(pc.year(days), 12), pc.subtract(pc.month(days), 1))
    for mark in pc.unique(marks).to_pylist():
        name = f"{mark // 12:04}-{mark % 12 + 1:02}"
        yield name, batch.filter(pc.equal(marks, mark))


def _sync_folder(folder: Path) -> None:
    """A power cut must not take the name of a file that the manifest knows."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def hash_file(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
