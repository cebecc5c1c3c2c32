"""Lines to files: CSV that no spreadsheet runs, or Parquet, a batch at a time."""

import csv
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from regulars.finance.errors import WriterMissing
from regulars.finance.policies import make_safe
from regulars.finance.types import ExportFormat

Row = Sequence[Any]


class Writer(Protocol):
    """An open file. Leaving its block closes it."""

    def write(self, rows: Sequence[Row]) -> None:
        """Add rows: text, whole numbers, instants (aware) and None, as the columns say."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def open_writer(path: Path, columns: Sequence[tuple[str, str]], file_format: ExportFormat) -> Writer:
    """`columns` are names and types: text, code (made by us, so no formula), integer or instant.

    Raises WriterMissing before a file is made.
    """
    if file_format is ExportFormat.CSV:
        return _CsvWriter(path, columns)
    return _ParquetWriter(path, columns)


def check_format(file_format: ExportFormat) -> None:
    """Raises WriterMissing where a package is not installed."""
    if file_format is not ExportFormat.PARQUET:
        return
    try:
        # Heavy (165 MB) and an extra: whoever exports CSV only neither has it nor waits for it.
        import pyarrow.parquet  # noqa: F401, PLC0415
    except ImportError:
        raise WriterMissing(
            "Parquet files need the package pyarrow: install regulars with its extra “parquet”, "
            "or export CSV."
        ) from None


class _CsvWriter:
    """UTF-8, commas, lines that end in \\n; instants in UTC as ISO 8601, nothing for None."""

    def __init__(self, path: Path, columns: Sequence[tuple[str, str]]) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow([name for name, _type in columns])
        self._instants = [place for place, (_name, kind) in enumerate(columns) if kind == "instant"]
        self._texts = [place for place, (_name, kind) in enumerate(columns) if kind == "text"]

    def write(self, rows: Sequence[Row]) -> None:
        """See Writer."""
        ready = [list(row) for row in rows]
        for row in ready:
            for place in self._instants:
                row[place] = write_instant(row[place])
            for place in self._texts:
                row[place] = make_safe(row[place] or "")
        self._writer.writerows(ready)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


class _ParquetWriter:
    """Instants in microseconds and UTC; one row group a batch."""

    def __init__(self, path: Path, columns: Sequence[tuple[str, str]]) -> None:
        check_format(ExportFormat.PARQUET)
        import pyarrow  # noqa: PLC0415 (heavy and an extra, see above)
        import pyarrow.parquet  # noqa: PLC0415

        types = {
            "text": pyarrow.string(),
            "code": pyarrow.string(),
            "integer": pyarrow.int64(),
            "instant": pyarrow.timestamp("us", "UTC"),
        }
        self._pyarrow = pyarrow
        self._schema = pyarrow.schema([(name, types[kind]) for name, kind in columns])
        self._writer = pyarrow.parquet.ParquetWriter(path, self._schema)

    def write(self, rows: Sequence[Row]) -> None:
        """See Writer."""
        if not rows:
            return
        arrays = [
            self._pyarrow.array(values, type=column.type)
            for values, column in zip(zip(*rows, strict=True), self._schema, strict=True)
        ]
        self._writer.write_table(self._pyarrow.Table.from_arrays(arrays, schema=self._schema))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()


def write_instant(instant: datetime | None) -> str:
    """An aware instant in UTC: 2026-01-31T12:00:00.000000Z."""
    if instant is None:
        return ""
    # Rows come in UTC; to convert them once more would take a third of the export's time.
    utc = instant if not instant.utcoffset() else instant.astimezone(UTC)
    return f"{utc.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def sha256_of(path: Path) -> str:
    """Of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
