"""CSV and its cousins: delimiter, encoding and line ends as they come, one bad record at a time.

An unclosed quote would swallow the rest of the file. So a record may span at most RECORD_LINES_MAX lines.
Where it does not end by then, or is malformed, only its first line is faulty; reading goes on at the second.
"""

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from regulars.imports.errors import FileUnusable
from regulars.imports.readers.lines import LINE_LENGTH_MAX, TooLong, iterate_lines, open_text
from regulars.imports.records import Record
from regulars.imports.types import ImportOptions

RECORD_LINES_MAX = 200
DELIMITERS = ",;\t|"
COLUMNS_MAX = 2_000


class _Unfinished(Exception):
    """The record at hand does not end where records end."""


class DelimitedSource:
    """An open CSV file, its head read."""

    def __init__(self, file: BinaryIO, size: int, options: ImportOptions) -> None:
        self._file = file
        self._text = open_text(file, options.encoding)
        self._lines = iterate_lines(self._text)
        self._ahead: deque[str | TooLong] = deque()
        self._line = 0
        self.total = size
        head = self._read_head()
        self._delimiter = options.delimiter or _guess_delimiter(head)
        names = self._split_head(head)
        self.columns: tuple[str, ...] = names
        self.raw_columns: tuple[str, ...] = names

    @property
    def done(self) -> int:
        """Bytes taken from the file so far."""
        return self._file.tell()

    def read(self, columns: Sequence[str | None]) -> Iterator[Record]:
        """See Source."""
        places = [self.columns.index(name) if name is not None else -1 for name in columns]
        width = len(self.columns)
        for line, row, broken in self._rows():
            fault = broken
            if not broken and not any(map(str.strip, row)):
                continue  # a blank line, or one of delimiters only
            if not broken and len(row) != width:
                fault = f"has {len(row)} cells where the head has {width}"
            cells = [row[place] if 0 <= place < len(row) else None for place in places]
            yield Record(line, cells, row, fault)

    def _read_head(self) -> str:
        for line in self._lines:
            self._line += 1
            if isinstance(line, TooLong):
                raise FileUnusable(f"Line {self._line} is too long to be the head of a CSV file.")
            if line.strip():
                return line
        raise FileUnusable("The file holds nothing but blank lines.")

    def _split_head(self, head: str) -> tuple[str, ...]:
        try:
            names = next(csv.reader([head], delimiter=self._delimiter, strict=True))
        except (csv.Error, TypeError) as problem:
            raise FileUnusable(
                f"Line {self._line} cannot be read as the head of a CSV file: {problem}."
            ) from None
        names = [name.strip() for name in names]
        if len(names) > COLUMNS_MAX:
            raise FileUnusable(f"The head has {len(names)} columns: this is no CSV file of rows.")
        return tuple(names)

    def _rows(self) -> Iterator[tuple[int, list[str], str]]:
        """(line number, cells, fault) of every record."""
        taken: list[str | TooLong] = []
        reader = self._start_reader(taken)
        while True:
            taken.clear()
            first = self._line + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except (csv.Error, _Unfinished) as problem:
                yield self._give_up(first, taken, problem)
                # What raised is at its end; another reader goes on with what was put back.
                reader = self._start_reader(taken)
            else:
                yield first, row, ""

    def _start_reader(self, taken: list[str | TooLong]) -> Iterator[list[str]]:
        return csv.reader(self._feed(taken), delimiter=self._delimiter, strict=True)

    def _feed(self, taken: list[str | TooLong]) -> Iterator[str]:
        """Lines for the reader, noted in `taken`."""
        while len(taken) < RECORD_LINES_MAX:
            line = self._ahead.popleft() if self._ahead else next(self._lines, None)
            if line is None:
                return
            self._line += 1
            taken.append(line)
            if isinstance(line, TooLong):
                raise _Unfinished
            yield line
        raise _Unfinished

    def _give_up(
        self, first: int, taken: list[str | TooLong], problem: Exception
    ) -> tuple[int, list[str], str]:
        """Put back all but the first line of a record that came to nothing; say what is wrong with that."""
        self._ahead.extendleft(reversed(taken[1:]))
        self._line = first
        line = taken[0]
        if isinstance(line, TooLong):
            return first, [], f"is longer than {LINE_LENGTH_MAX} characters"
        unclosed = isinstance(problem, _Unfinished) or "unexpected end" in str(problem)
        # The cells are a guess, so that a row whose order can still be told takes that order along.
        try:
            cells = next(csv.reader([line], delimiter=self._delimiter), [])
        except csv.Error:
            cells = [line.rstrip("\r\n")]
        return first, cells, "has a quote that is not closed" if unclosed else f"is not CSV: {problem}"


def _guess_delimiter(head: str) -> str:
    """The delimiter that splits the head most often; a comma where none does."""
    outside = "".join(head.split('"')[::2])
    return max(DELIMITERS, key=lambda delimiter: (outside.count(delimiter), delimiter == ","))
