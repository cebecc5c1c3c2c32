"""Segments: one, all, how many would match, how many are in two at once, how sizes went."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from regulars.kit.ids import MemberId
from regulars.segments.compiling.statements import state_preview
from regulars.segments.errors import TooSlowToCount
from regulars.segments.models import Segment, SegmentVersion, Size
from regulars.segments.queries.loading import Asking, get_row, to_view
from regulars.segments.types import Preview, SegmentView

PREVIEW_SECONDS = 8
SAMPLE_SIZE = 8
TREND_DAYS = 84
_OVERLAP = """
SELECT one.segment_id, other.segment_id, count(*)
FROM segments_membership one JOIN segments_membership other USING (member_id)
WHERE one.segment_id = ANY(%(ids)s) AND other.segment_id = ANY(%(ids)s) AND one.segment_id <= other.segment_id
GROUP BY 1, 2
"""


def get_segment(code: str) -> SegmentView:
    """The segment of a code, archived or not. One query. Raises SegmentNotFound."""
    return to_view(get_row(code))


def list_segments(*, with_archived: bool = False) -> list[SegmentView]:
    """All segments: those of the shop by name, then the built-in ones. One query."""
    rows = Segment.objects.order_by("built_in", "name", "pk")
    if not with_archived:
        rows = rows.filter(archived_at__isnull=True)
    return [to_view(row) for row in rows]


def find_tree(segment_id: int, version: int) -> Mapping[str, Any] | None:
    """A tree that a segment had or has. One query."""
    return (
        SegmentVersion.objects.filter(segment_id=segment_id, number=version)
        .values_list("tree", flat=True)
        .first()
    )


def preview(*, tree: Any, now: datetime, code: str = "", uid: UUID | None = None) -> Preview:
    """How many members a tree matches now and some of them, before anything is saved.

    By the same statement that fills a segment. `code` names the segment that is being changed, so that its
    random shares stay; a new one gets a `uid` to be saved with. Raises TreeInvalid, TooSlowToCount after
    eight seconds.
    """
    salt = get_row(code).uid if code else uid or uuid4()
    asking = Asking(now)
    statement = state_preview(asking.question(asking.read(tree), salt), SAMPLE_SIZE)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(PREVIEW_SECONDS * 1000)])
            cursor.execute(statement.sql, statement.params)
            count, sample = cursor.fetchone()
            cursor.execute("SELECT set_config('statement_timeout', '0', true)")
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", None) != "57014":
            raise
        raise TooSlowToCount(
            _("Counting takes longer than %(seconds)s seconds; save the segment, and a job will count.")
            % {"seconds": PREVIEW_SECONDS}
        ) from error
    return Preview(count, tuple(MemberId(one) for one in sample), salt, asking.day.today)


def count_overlap(segment_ids: Sequence[int]) -> dict[tuple[int, int], int]:
    """How many members are in both of two segments, and under (id, id) in one. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_OVERLAP, {"ids": list(segment_ids)})
        found = {(one, other): count for one, other, count in cursor.fetchall()}
    return found | {(other, one): count for (one, other), count in found.items()}


def list_sizes(
    segment_ids: Iterable[int], today: date, days: int = TREND_DAYS
) -> dict[int, list[tuple[date, int]]]:
    """How many were in each segment, by day, the earliest first. One query."""
    rows = Size.objects.filter(segment_id__in=list(segment_ids), day__gt=today - timedelta(days=days))
    found: dict[int, list[tuple[date, int]]] = {}
    for segment_id, day, members in rows.order_by("day").values_list("segment_id", "day", "members"):
        found.setdefault(segment_id, []).append((day, members))
    return found
