"""JSON Lines: one object a line. Decimals are read exactly, never through a float."""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, BinaryIO, NoReturn

from regulars.imports.readers.lines import LINE_LENGTH_MAX, TooLong, iterate_lines, open_text
from regulars.imports.records import Record
from regulars.imports.types import ImportOptions

ATTRIBUTES = "attributes"


class JsonLinesSource:
    """An open file of JSON Lines. Each row brings its own names; `attributes` may be an object of its own."""

    columns: tuple[str, ...] | None = None
    raw_columns: tuple[str, ...] = ("row",)

    def __init__(self, file: BinaryIO, size: int, options: ImportOptions) -> None:
        self._file = file
        self._text = open_text(file, options.encoding)
        self.total = size

    @property
    def done(self) -> int:
        """Bytes taken from the file so far."""
        return self._file.tell()

    def read(self, columns: Sequence[str | None]) -> Iterator[Record]:
        """See Source."""
        for number, line in enumerate(iterate_lines(self._text), start=1):
            if isinstance(line, TooLong):
                yield Record(
                    number, [None] * len(columns), (), f"is longer than {LINE_LENGTH_MAX} characters"
                )
                continue
            if not line.strip():
                continue
            raw = (line.rstrip("\r\n"),)
            try:
                row = json.loads(line, parse_float=Decimal, parse_constant=_refuse_constant)
            except (ValueError, ArithmeticError, RecursionError) as problem:
                yield Record(number, [None] * len(columns), raw, f"is not JSON: {_shorten(problem)}")
                continue
            if not isinstance(row, dict):
                yield Record(number, [None] * len(columns), raw, "is not a JSON object")
                continue
            yield Record(number, [_pick(row, name) for name in columns], raw)


def _pick(row: Mapping[str, Any], name: str | None) -> Any:
    if name is None:
        return None
    if name in row:
        return row[name]
    # `attributes.size` may stand flat or as {"attributes": {"size": …}}.
    outer, dot, inner = name.partition(".")
    nested = row.get(outer) if dot else None
    return nested.get(inner) if isinstance(nested, dict) else None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON's")


def _shorten(problem: Exception) -> str:
    if isinstance(problem, ArithmeticError):
        return "a number is beyond all measure"
    return "it is nested too deeply" if isinstance(problem, RecursionError) else str(problem)
