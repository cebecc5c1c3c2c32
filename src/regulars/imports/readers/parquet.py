"""Parquet, batch by batch, only the columns that are asked for."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from regulars.imports.errors import FileUnusable, ReaderMissing
from regulars.imports.records import Record

if TYPE_CHECKING:
    import pyarrow

BATCH_ROWS = 8_192


class ParquetSource:
    """An open Parquet file. Its lines are its rows, counted from 1."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        try:
            # Heavy (165 MB) and an extra: whoever imports CSV only neither has it nor waits for it.
            import pyarrow.parquet  # noqa: PLC0415
        except ImportError:
            raise ReaderMissing(
                "Parquet files need the package pyarrow: install regulars with its extra “parquet”."
            ) from None
        try:
            self._parquet = pyarrow.parquet.ParquetFile(file)
        except (pyarrow.ArrowException, OSError):
            raise FileUnusable(f"{name} cannot be read as a Parquet file.") from None
        self.columns: tuple[str, ...] = tuple(self._parquet.schema_arrow.names)
        self.raw_columns: tuple[str, ...] = ()
        self.total: int = self._parquet.metadata.num_rows
        self.done = 0

    def read(self, columns: Sequence[str | None]) -> Iterator[Record]:
        """See Source. A file that breaks off in the middle is unusable from there on: FileUnusable."""
        wanted = tuple(dict.fromkeys(name for name in columns if name is not None))
        self.raw_columns = wanted
        places = [wanted.index(name) if name is not None else -1 for name in columns]
        try:
            for batch in self._parquet.iter_batches(batch_size=BATCH_ROWS, columns=list(wanted)):
                lists = [_plain(batch.column(place)) for place in range(len(wanted))]
                for row in zip(*lists, strict=True):
                    self.done += 1
                    cells = [row[place] if place >= 0 else None for place in places]
                    yield Record(self.done, cells, _Shown(row))
        except OSError as problem:
            raise FileUnusable(f"The file is damaged after row {self.done}: {problem}.") from None


class _Shown(Sequence[str]):
    """A row as the rejects file repeats it, written out only when it is needed."""

    def __init__(self, row: tuple[Any, ...]) -> None:
        self._row = row

    def __getitem__(self, index: Any) -> Any:
        return ["" if value is None else str(value) for value in self._row][index]

    def __len__(self) -> int:
        return len(self._row)


def _plain(column: "pyarrow.Array") -> list[Any]:
    """Python values. Nanoseconds become microseconds first: pyarrow would make pandas objects of them."""
    import pyarrow  # noqa: PLC0415 (heavy and an extra, see above)

    kind = column.type
    if pyarrow.types.is_dictionary(kind):
        column, kind = column.dictionary_decode(), kind.value_type
    if pyarrow.types.is_timestamp(kind):
        column = column.cast(pyarrow.timestamp("us", tz=kind.tz), safe=False)
    return list(column.to_pylist())
