"""A table as a file: exactly what is filtered, streamed, and without formulas."""

import csv
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.http import StreamingHttpResponse

from regulars.console.desk import Desk
from regulars.console.tables.state import TableState
from regulars.console.tables.types import Value
from regulars.finance import facade as finance
from regulars.trail import facade as trail

ReadPage = Callable[[str | None], tuple[Sequence[Any], str | None]]
"""From a cursor to rows and the next cursor."""


class _Line:
    """What the writer of the csv module writes to: hands each line on."""

    def write(self, line: str) -> str:
        """The line itself."""
        return line


def export_table(desk: Desk, state: TableState, read_page: ReadPage) -> StreamingHttpResponse:
    """All rows of a table in their order, page by page as the reader takes them; who took them is noted.

    The first page is read before the answer begins, so that a refusal is still one.
    """
    first = read_page(None)
    _record(desk, state)
    name = f"regulars-{state.table.name}_{desk.now.astimezone(desk.zone):%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        _lines(state, first, read_page, desk.zone),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


def _record(desk: Desk, state: TableState) -> None:
    """Note who takes which rows out: a file of members leaves what the console can guard."""
    told = {"columns": [column.name for column in state.columns], "filters": sorted(state.filters)}
    with transaction.atomic():
        trail.record_audit(
            actor=desk.actor,
            now=desk.now,
            action="table.exported",
            subject=f"table:{state.table.name}",
            details=told,
        )


def _lines(
    state: TableState, first: tuple[Sequence[Any], str | None], read_page: ReadPage, zone: ZoneInfo
) -> Iterator[bytes]:
    writer = csv.writer(_Line(), lineterminator="\n")
    columns = state.columns
    yield _written(writer, [column.name for column in columns])
    rows, cursor = first
    while True:
        yield b"".join(
            _written(writer, [write_cell(column.export(row), zone) for column in columns]) for row in rows
        )
        if cursor is None:
            return
        rows, cursor = read_page(cursor)


def write_cell(value: Value, zone: ZoneInfo) -> str:
    """A value as a spreadsheet takes it: instants in the programme's zone, texts without formulas."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(zone if value.tzinfo else UTC).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    return finance.make_safe(value) if isinstance(value, str) else str(value)


def _written(writer: Any, cells: Sequence[str]) -> bytes:
    line: str = writer.writerow(cells)
    return line.encode()
