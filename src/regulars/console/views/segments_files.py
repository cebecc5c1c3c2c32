"""What the pages of segments show, as files."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import transaction
from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_safe

from regulars.console.desk import Desk, at_desk
from regulars.console.pages.segments.shown import list_member_rows, list_overlap, list_rows
from regulars.console.tables.exporting import write_cell
from regulars.identity import facade as identity
from regulars.identity.facade import Permission
from regulars.segments import facade as segments
from regulars.trail import facade as trail


class _Line:
    """What the writer of the csv module writes to: hands each line on."""

    def write(self, line: str) -> str:
        """The line itself."""
        return line


@require_safe
@at_desk(Permission.SEGMENTS_VIEW)
def list_csv(request: HttpRequest, desk: Desk) -> StreamingHttpResponse:  # noqa: ARG001 (Django's)
    """Every segment with its size."""
    heads = ("code", "name", "built_in", "state", "members", "tested_at")
    rows = [
        (
            row.segment.code,
            row.name,
            "yes" if row.segment.built_in else "no",
            row.segment.state.value,
            row.segment.members_count,
            row.segment.fresh_at,
        )
        for row in list_rows(desk)
    ]
    return _answer(desk, "segments", heads, rows)


@require_safe
@at_desk(Permission.SEGMENTS_VIEW)
def overlap_csv(request: HttpRequest, desk: Desk) -> StreamingHttpResponse:  # noqa: ARG001 (Django's)
    """How many are in two segments at once: a line for each two."""
    matrix = list_overlap(list_rows(desk))
    rows = [
        (row.segment.code, other.segment.code, cell.count, f"{cell.share:.4f}")
        for row, cells in matrix
        for (other, _cells), cell in zip(matrix, cells, strict=True)
    ]
    return _answer(desk, "overlap", ("segment", "other", "members_in_both", "share_of_segment"), rows)


@require_safe
@at_desk(Permission.SEGMENTS_VIEW)
def members_csv(
    request: HttpRequest,  # noqa: ARG001 (Django hands it over)
    desk: Desk,
    code: str,
) -> StreamingHttpResponse:
    """Who is in a segment. Who takes persons' data out is on record."""
    identity.check_can(desk.operator, Permission.MEMBERS_VIEW)
    segments.get_segment(code)
    with transaction.atomic():
        trail.record_audit(
            actor=desk.actor, now=desk.now, action="table.exported", subject=f"segment:{code}", details={}
        )
    return _answer(desk, code, ("number", "external_id", "name", "since"), _list_members(code))


def _list_members(code: str) -> Iterator[Sequence[Any]]:
    cursor = None
    while True:
        page = list_member_rows(code, cursor)
        for row in page.items:
            yield row.profile.id, row.profile.external_id, row.profile.name, row.since
        cursor = page.next_cursor
        if cursor is None:
            return


def _answer(
    desk: Desk, name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]
) -> StreamingHttpResponse:
    writer = csv.writer(_Line(), lineterminator="\n")
    lines = ([write_cell(cell, desk.zone) for cell in row] for row in rows)
    return StreamingHttpResponse(
        _stream(writer, heads, lines),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="regulars-{name}_{desk.now:%Y-%m-%d}.csv"',
            "X-Content-Type-Options": "nosniff",
        },
    )


def _stream(writer: Any, heads: Sequence[str], lines: Iterable[list[str]]) -> Iterator[bytes]:
    yield writer.writerow(heads).encode()
    for line in lines:
        yield writer.writerow(line).encode()
