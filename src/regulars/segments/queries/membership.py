"""Who is in a segment, now and at any time before; in which segments somebody is, and why."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from regulars.kit.ids import MemberId
from regulars.kit.paging import Page, clamp_page_size, decode_cursor, encode_cursor
from regulars.segments.models import Change, Membership, Segment
from regulars.segments.queries.loading import get_row, to_view
from regulars.segments.types import (
    Belonging,
    Cause,
    ChangePosition,
    MemberIn,
    MembershipChange,
)

CHANGES_MAX = 10_000
_AS_OF = """
SELECT member_id, happened_at FROM (
    SELECT DISTINCT ON (member_id) member_id, entered, happened_at FROM segments_change
    WHERE segment_id = %(segment_id)s AND happened_at <= %(at)s AND member_id > %(after)s
    ORDER BY member_id, id DESC
) latest WHERE entered ORDER BY member_id LIMIT %(limit)s
"""
_COUNT_AS_OF = """
SELECT coalesce(sum(CASE WHEN entered THEN 1 ELSE -1 END), 0) FROM segments_change
WHERE segment_id = %(segment_id)s AND happened_at <= %(at)s
"""
# Of transactions that have ended, in the order in which they were numbered: none comes in between later.
_CHANGES = """
SELECT c.xid::text::bigint, c.id, c.segment_id, s.code, c.member_id, c.entered, c.happened_at, c.version,
    c.cause, c.facts::text
FROM segments_change c JOIN segments_segment s ON s.id = c.segment_id
WHERE (c.xid, c.id) > (%(xid)s::text::xid8, %(id)s) AND c.xid < pg_snapshot_xmin(pg_current_snapshot())
    AND (%(codes)s::text[] IS NULL OR s.code = ANY(%(codes)s::text[]))
ORDER BY c.xid, c.id LIMIT %(limit)s
"""


def list_members_of(
    code: str, *, cursor: str | None = None, size: int | None = None, as_of: datetime | None = None
) -> Page[MemberIn]:
    """Who is in a segment, by number; with `as_of`, who was then. Two queries.

    Raises SegmentNotFound, BadCursor.
    """
    row = get_row(code)
    limit = clamp_page_size(size)
    after = int(decode_cursor(cursor, (int,))[0]) if cursor else 0
    if as_of is None:
        found = list(
            Membership.objects.filter(segment_id=row.pk, member_id__gt=after)
            .order_by("member_id")
            .values_list("member_id", "since")[: limit + 1]
        )
    else:
        params: dict[str, Any] = {"segment_id": row.pk, "at": as_of, "after": after, "limit": limit + 1}
        with connection.cursor() as sql:
            sql.execute(_AS_OF, params)
            found = sql.fetchall()
    shown = found[:limit]
    next_cursor = encode_cursor(shown[-1][0]) if len(found) > limit else None
    return Page(tuple(MemberIn(MemberId(one), since) for one, since in shown), next_cursor)


def count_members_as_of(code: str, as_of: datetime) -> int:
    """How many were in a segment at an instant: entries less exits. Two queries. Raises SegmentNotFound."""
    row = get_row(code)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_AS_OF, {"segment_id": row.pk, "at": as_of})
        (count,) = cursor.fetchone()
    return int(count)


def list_segments_of(member_id: MemberId) -> list[Belonging]:
    """In which segments a member is, by name. Two queries at most."""
    since = dict(Membership.objects.filter(member_id=member_id).values_list("segment_id", "since"))
    if not since:
        return []
    rows = Segment.objects.filter(pk__in=since).order_by("name", "pk")
    return [Belonging(to_view(row), since[row.pk]) for row in rows]


def list_history(
    *,
    code: str | None = None,
    member_id: MemberId | None = None,
    cursor: str | None = None,
    size: int | None = None,
) -> Page[MembershipChange]:
    """Entries and exits of a segment, of a member or of one in the other, latest first. Three queries.

    Raises SegmentNotFound, BadCursor.
    """
    limit = clamp_page_size(size)
    rows = Change.objects.order_by("-pk")
    if code is not None:
        rows = rows.filter(segment_id=get_row(code).pk)
    if member_id is not None:
        rows = rows.filter(member_id=member_id)
    if cursor:
        rows = rows.filter(pk__lt=int(decode_cursor(cursor, (int,))[0]))
    found = list(rows[: limit + 1])
    shown = found[:limit]
    codes = dict(Segment.objects.filter(pk__in={one.segment_id for one in shown}).values_list("pk", "code"))
    next_cursor = encode_cursor(shown[-1].pk) if len(found) > limit else None
    return Page(tuple(_to_change(one, codes[one.segment_id]) for one in shown), next_cursor)


def find_last_change(code: str, member_id: MemberId) -> MembershipChange | None:
    """The last entry or exit of a member: why they are in a segment, or are not. Two queries."""
    row = get_row(code)
    last = Change.objects.filter(segment_id=row.pk, member_id=member_id).order_by("-pk").first()
    return None if last is None else _to_change(last, row.code)


def read_changes(
    after: ChangePosition, *, codes: Sequence[str] | None = None, limit: int = 1_000
) -> tuple[list[MembershipChange], ChangePosition]:
    """Entries and exits after a position, in the order of transactions, and the position to go on from.

    This is how other rooms subscribe: keep the position in the transaction that does what a change asks for.
    Nothing comes twice and nothing is passed by, however late it is committed; what a transaction wrote is
    read once all that began before it are over. One query.
    """
    params: dict[str, Any] = {
        "xid": str(after.xid),
        "id": after.id,
        "codes": None if codes is None else list(codes),
        "limit": min(max(limit, 1), CHANGES_MAX),
    }
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES, params)
        rows = cursor.fetchall()
    changes = [
        MembershipChange(
            number,
            segment_id,
            code,
            MemberId(member_id),
            entered,
            at,
            version,
            Cause(cause),
            json.loads(facts),
        )
        for _xid, number, segment_id, code, member_id, entered, at, version, cause, facts in rows
    ]
    return changes, ChangePosition(rows[-1][0], rows[-1][1]) if rows else after


def _to_change(row: Change, code: str) -> MembershipChange:
    return MembershipChange(
        row.pk,
        row.segment_id,
        code,
        MemberId(row.member_id),
        row.entered,
        row.happened_at,
        row.version,
        Cause(row.cause),
        row.facts,
    )
