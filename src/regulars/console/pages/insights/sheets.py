"""Tables of insights: what a page shows and what the file holds are made of the same cells."""

from collections.abc import Iterator
from dataclasses import dataclass

from regulars.design import facade as design
from regulars.design.facade import Chart

Raw = str | int | float | None


@dataclass(frozen=True, slots=True)
class SheetCell:
    """One value as a file has it and as a reader does; `href` leads to what is behind it."""

    raw: Raw
    text: str
    href: str = ""
    sub: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table. `heads`: a label, and whether numbers stand below it. The first cell of a row names it."""

    name: str
    title: str
    heads: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[SheetCell, ...], ...]
    csv_href: str = ""
    note: str = ""


def list_rows(shown: Chart | Sheet) -> Iterator[list[Raw]]:
    """Just what is shown, as rows of a file; the first is the heads."""
    if isinstance(shown, Chart):
        yield from design.list_csv_rows(shown)
        return
    yield [label for label, _is_number in shown.heads]
    for row in shown.rows:
        yield [cell.raw for cell in row]
