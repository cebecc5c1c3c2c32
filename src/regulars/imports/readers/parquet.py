"""Parquet, batch by batch, only the columns that are asked for."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from regulars.imports.errors import FileUnusable, ReaderMissing
from regulars.imports.records import Record

if TYPE_CHECKING:
    import pyarrow

BATCH_ROWS = 8_192


class _Unreadable:
    """Stands where a value is that Python cannot hold, such as a time in the year 146,000."""

    def __str__(self) -> str:
        return "unreadable"


_UNREADABLE = _Unreadable()


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
            self.columns: tuple[str, ...] = tuple(self._parquet.schema_arrow.names)
            self.total: int = self._parquet.metadata.num_rows
        except (pyarrow.ArrowException, OSError):
            raise FileUnusable(f"{name} cannot be read as a Parquet file.") from None
        self.raw_columns: tuple[str, ...] = ()
        self.done = 0

    def read(self, columns: Sequence[str | None]) -> Iterator[Record]:
        """See Source. A file that breaks off in the middle is unusable from there on: FileUnusable.

        A value that Python cannot hold is a fault of its row.
        """
        import pyarrow  # noqa: PLC0415 (heavy and an extra, see above)

        wanted = tuple(dict.fromkeys(name for name in columns if name is not None))
        self.raw_columns = wanted
        places = [wanted.index(name) if name is not None else -1 for name in columns]
        try:
            for batch in self._parquet.iter_batches(batch_size=BATCH_ROWS, columns=list(wanted)):
                lists = [_plain(batch.column(place)) for place in range(len(wanted))]
                is_whole = not any(_UNREADABLE in values for values in lists)
                for row in zip(*lists, strict=True):
                    self.done += 1
                    fault = "" if is_whole else _find_fault(row, wanted)
                    known = _leave_out(row) if fault else row
                    cells = [known[place] if place >= 0 else None for place in places]
                    yield Record(self.done, cells, _Shown(row), fault)
        except (pyarrow.ArrowException, OSError) as problem:
            raise FileUnusable(f"The file is damaged after row {self.done}: {problem}.") from None


class _Shown(Sequence[str]):
    """A row as the rejects file repeats it, written out only when it is needed."""

    def __init__(self, row: tuple[Any, ...]) -> None:
        self._row = row

    def __getitem__(self, index: Any) -> Any:
        return ["" if value is None else str(value) for value in self._row][index]

    def __len__(self) -> int:
        return len(self._row)


def _find_fault(row: tuple[Any, ...], names: Sequence[str]) -> str:
    bad = [name for name, value in zip(names, row, strict=True) if value is _UNREADABLE]
    return f"{', '.join(bad)} cannot be read: the value is out of range or damaged" if bad else ""


def _leave_out(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(None if value is _UNREADABLE else value for value in row)


def _plain(column: "pyarrow.Array") -> list[Any]:
    """Python values; _UNREADABLE where there is none.

    Nanoseconds become microseconds first: pyarrow would make pandas objects of them.
    """
    import pyarrow  # noqa: PLC0415 (heavy and an extra, see above)

    kind = column.type
    if pyarrow.types.is_dictionary(kind):
        column, kind = column.dictionary_decode(), kind.value_type
    if pyarrow.types.is_timestamp(kind) and kind.unit == "ns":
        column = column.cast(pyarrow.timestamp("us", tz=kind.tz), safe=False)
    try:
        return list(column.to_pylist())
    except (ArithmeticError, LookupError, ValueError, pyarrow.ArrowException):
        return [_read_one(value) for value in column]


def _read_one(value: "pyarrow.Scalar") -> Any:
    import pyarrow  # noqa: PLC0415 (heavy and an extra, see above)

    try:
        return value.as_py()
    except (ArithmeticError, LookupError, ValueError, pyarrow.ArrowException):
        return _UNREADABLE
