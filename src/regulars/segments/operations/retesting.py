"""Testing some members of one segment anew, in a transaction of its own."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F

from regulars.members.facade import EVERYBODY
from regulars.segments.compiling.calendar import Day
from regulars.segments.compiling.statements import Question, state_application, state_difference
from regulars.segments.models import Segment
from regulars.segments.types import Cause

TIMEOUT_MS = 10_000
_SURVIVORS = f"""
SELECT DISTINCT coalesce(gone.merged_into, told.id) FROM unnest(%s::bigint[]) AS told (id)
LEFT JOIN ({EVERYBODY.merged}) gone ON gone.id = told.id
UNION SELECT unnest(%s::bigint[])
"""  # noqa: S608 (constants)
_REACH = f"SELECT id FROM ({EVERYBODY.merged}) gone WHERE merged_into = ANY(%s::bigint[])"  # noqa: S608
_NOTE = """
INSERT INTO segments_touched (segment_id, member_id) SELECT %s, unnest(%s::bigint[]) ON CONFLICT DO NOTHING
"""


def find_reach(member_ids: Sequence[int]) -> tuple[list[int], list[int]]:
    """Whom to test, survivors of merges included, and under whose numbers to look for what they did."""
    with connection.cursor() as cursor:
        ids = list(member_ids)
        cursor.execute(_SURVIVORS, [ids, ids])
        scope = sorted(row[0] for row in cursor.fetchall())
        cursor.execute(_REACH, [scope])
        return scope, scope + [row[0] for row in cursor.fetchall()]


def lock_membership(segment_id: int) -> None:
    """Wait for whoever changes who is in a segment; ours until the transaction ends.

    An advisory lock and not the row's: a test that changes nothing then writes nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('segments.membership'), %s)", [segment_id])


@transaction.atomic(durable=True)
def retest_members(
    *, segment_id: int, question: Question, scope: Sequence[int], reach: Sequence[int], now: datetime
) -> int:
    """Have these members in the segment or not, as its tree says of them now; answers how many changed.

    `scope` and `reach` are what `find_reach` answers. Locks the segment's membership: tests of one segment
    and the last step of its rebuild take turns. While a rebuild is under way it is told whom to ask again. A
    segment whose tree awaits its first rebuild, or is archived, is left alone.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(TIMEOUT_MS)])
    lock_membership(segment_id)
    row = Segment.objects.get(pk=segment_id)
    if row.archived_at is not None or row.membership_version != row.version:
        return 0
    question = _on_latest_day(question, row)
    at = max(now, row.changed_at or now)
    application = state_application(
        state_difference(question, segment_id, scoped=True),
        version=row.version,
        cause=Cause.LIVE.value,
        at=at,
    )
    with connection.cursor() as cursor:
        cursor.execute(application.sql, {**application.params, "scope": list(scope), "reach": list(reach)})
        entered, left = cursor.fetchone()
        if row.rebuilding_since is not None:
            cursor.execute(_NOTE, [segment_id, list(scope)])
    if entered or left:
        Segment.objects.filter(pk=segment_id).update(
            members_count=F("members_count") + entered - left, changed_at=at
        )
    return int(entered + left)


def _on_latest_day(question: Question, row: Segment) -> Question:
    """A test begun before midnight does not undo a rebuild of the new day."""
    if row.rebuilt_on is None or row.rebuilt_on <= question.day.today:
        return question
    day = Day(row.rebuilt_on, question.day.zone)
    return Question(question.node, question.vocabulary, day, question.uid, question.segment_ids)
