"""One row as a reader hands it on, and the door every reader has."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(slots=True)
class Record:
    """One row. `cells` are in the order of the columns asked for; None where the row lacks one.

    `line` is where it stands in the file, from 1; `raw` is what the rejects file repeats of it. A row
    that cannot be read has a `fault`, and `cells` as far as they are known.
    """

    line: int
    cells: Sequence[Any]
    raw: Sequence[str]
    fault: str = ""


class Source(Protocol):
    """An open file of rows."""

    @property
    def columns(self) -> tuple[str, ...] | None:
        """The file's columns; None where each row brings its own names."""
        ...

    @property
    def raw_columns(self) -> tuple[str, ...]:
        """The head of what rejected rows repeat."""
        ...

    @property
    def done(self) -> int:
        """How far reading is, in the file's own measure."""
        ...

    @property
    def total(self) -> int:
        """Where reading ends, in the file's own measure."""
        ...

    def read(self, columns: Sequence[str | None]) -> Iterator[Record]:
        """The rows, with the cells of these columns (None: a column that the file does not have)."""
        ...
