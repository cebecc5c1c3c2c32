"""An order file as a header and rows of cells, each with its line: CSV or Parquet."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from regulars.analytics.orderfiles.errors import OrdersUnreadable

Row = tuple[int, list[Any] | str]
"""The line a row begins on, and its cells, or in words why it cannot be taken apart."""
UNCLOSED = "a quotation mark that is not closed"
TOO_LONG = "a cell is too long"


def open_rows(path: Path) -> tuple[list[str], Iterator[Row]]:
    """The header, and the rows after it. Raises OrdersUnreadable."""
    if not path.is_file():
        raise OrdersUnreadable(f"There is no file {path}.")
    header, rows = _open_parquet(path) if path.suffix in {".parquet", ".pq"} else _open_csv(path)
    if not header:
        raise OrdersUnreadable(f"{path} is empty.")
    return header, rows


def is_text(cell: Any) -> bool:
    """Whether a cell was UTF-8: bytes that were none stand in it as lone surrogates."""
    if not isinstance(cell, str) or cell.isascii():
        return True
    return not any("\udc80" <= sign <= "\udcff" for sign in cell)


def _open_csv(path: Path) -> tuple[list[str], Iterator[Row]]:
    """The mark between cells is what the first line that is not empty has most of."""
    with _open_text(path) as file:
        first = next((line for line in file if line.strip()), "")
    if not is_text(first):
        raise OrdersUnreadable(f"{path} is no text in UTF-8; save it so.")
    mark = max(",;\t|", key=first.count)
    header = next(csv.reader([first], delimiter=mark), [])
    return header, _list_csv(path, mark, len(header))


def _open_text(path: Path) -> TextIO:
    # What is no UTF-8 is kept apart: with a mark in its place, two names would become one.
    return path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")


def _list_csv(path: Path, mark: str, width: int) -> Iterator[Row]:
    """One quotation mark too many would take all lines after it into its cell: they are given back."""
    with _open_text(path) as file:
        lines = _Lines(file)
        reader = csv.reader(lines, delimiter=mark)
        is_header = True
        while True:
            lines.taken.clear()
            begun = lines.number + 1
            cells: list[str] | None = None
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                pass
            if cells is not None and (not cells or is_header):
                is_header = is_header and not cells
            elif len(lines.taken) > 1 and (cells is None or len(cells) != width):
                lines.put_back()
                yield begun, UNCLOSED
            else:
                yield begun, TOO_LONG if cells is None else cells


class _Lines:
    """Lines of a file. All but the first of those `taken` can be put back."""

    def __init__(self, file: TextIO) -> None:
        self.taken: list[str] = []
        self.number = 0
        self._file = file
        self._back: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._back.pop() if self._back else next(self._file)
        self.taken.append(line)
        self.number += 1
        return line

    def put_back(self) -> None:
        self._back += reversed(self.taken[1:])
        self.number -= len(self.taken) - 1
        del self.taken[1:]


def _open_parquet(path: Path) -> tuple[list[str], Iterator[Row]]:
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise OrdersUnreadable(f"{path} is no Parquet file.") from error
    return list(file.schema_arrow.names), _list_parquet(file)


def _list_parquet(file: Any) -> Iterator[Row]:
    line = 0
    for batch in file.iter_batches(batch_size=10_000):
        columns = [column.to_pylist() for column in batch.columns]
        for cells in zip(*columns, strict=True):
            line += 1
            yield line, list(cells)
