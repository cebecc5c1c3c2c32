"""Rebuilding a segment: everybody is asked, what differs is put right, in one transaction or not at all.

The long question is asked without any lock. Whoever is tested live meanwhile is noted (`Touched`) and asked
again under the segment's lock, before what differs is applied: so a rebuild never brings back what an event
has changed since it looked. docs/segments.md tells the whole.
"""

import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext_lazy

from regulars.kit.errors import Refusal
from regulars.kit.locks import try_lock
from regulars.segments.compiling.statements import Statement, state_application, state_difference
from regulars.segments.errors import TreeInvalid
from regulars.segments.models import Membership, Segment, Size, Touched
from regulars.segments.operations.retesting import find_reach, lock_membership
from regulars.segments.queries.loading import Asking, get_row
from regulars.segments.tree.nodes import list_segments_named
from regulars.segments.types import Cause, Rebuilt

TIMEOUT_SECONDS = 600
# Stored in English and said in the reader's language.
TOO_LONG = gettext_lazy("Asking everybody took longer than ten minutes and was stopped.")
RETRY_MINUTES_MAX = 60
_TURN = 0x5345_474D
"""One rebuild of a segment at a time: the first half of the name of its lock."""

log = logging.getLogger(__name__)


class _Moved(Exception):
    """The definition changed while it was asked; the next rebuild asks the new one."""


def rebuild_segment(*, code: str, now: datetime, timeout_seconds: float = TIMEOUT_SECONDS) -> Rebuilt:
    """Make a segment's membership what its tree says of today.

    Several transactions: the last applies everything or nothing. Locks the segment's turn, and its
    membership and row while applying. Where the tree cannot be compiled or asking takes longer than the
    time-out, the membership stays as it is, the error is kept and told, and `rebuild_due` tries again.
    Raises SegmentNotFound.
    """
    row = get_row(code)
    with try_lock(_TURN, row.pk) as is_ours:
        if not is_ours:
            return Rebuilt(code, is_skipped=True)
        began = time.monotonic()
        row = _begin(row.pk, now)
        if row.archived_at is not None:
            return Rebuilt(code, is_skipped=True)
        try:
            return _rebuild(row, now, timeout_seconds, began)
        except _Moved:
            return Rebuilt(code, is_skipped=True)
        except (DatabaseError, Refusal) as error:
            sentence = _explain(error)
            log.error("Segment %s keeps its last membership: %s", code, sentence)
            _note_failure(row.pk, sentence, now)
            return Rebuilt(code, seconds=time.monotonic() - began, error=sentence)


def rebuild_due(*, now: datetime, timeout_seconds: float = TIMEOUT_SECONDS) -> list[Rebuilt]:
    """Rebuild what was asked for, what a new day asks for, and what failed and may be tried again.

    A segment comes after those it is defined by.
    """
    asking = Asking(now)
    due = Q(wanted_at__isnull=False) | Q(rebuilt_on__isnull=True) | Q(rebuilt_on__lt=asking.day.today)
    rows = list(Segment.objects.filter(due, archived_at__isnull=True))
    waiting = [row for row in rows if not _must_wait(row, now)]
    return [
        rebuild_segment(code=row.code, now=now, timeout_seconds=timeout_seconds)
        for row in order_by_dependence(waiting, asking)
    ]


def order_by_dependence(rows: Sequence[Segment], asking: Asking) -> list[Segment]:
    """Segments after those they name; those that cannot be read go last."""
    by_code = {row.code: row for row in rows}
    named: dict[str, set[str]] = {}
    for row in rows:
        try:
            named[row.code] = list_segments_named(asking.read(row.tree)) & by_code.keys()
        except TreeInvalid:
            named[row.code] = set(by_code) - {row.code}
    ordered: list[Segment] = []
    placed: set[str] = set()
    left = sorted(by_code)
    while left:
        ready = [code for code in left if named[code] <= placed] or left
        ordered += [by_code[code] for code in ready]
        placed.update(ready)
        left = [code for code in left if code not in placed]
    return ordered


def _must_wait(row: Segment, now: datetime) -> bool:
    """Whether a failed segment was tried too lately: after 1, 2, 4 … minutes, an hour at most."""
    if not row.error or row.failed_at is None or row.failures == 0:
        return False
    pause = min(2 ** (min(row.failures, 10) - 1), RETRY_MINUTES_MAX)
    return row.failed_at + timedelta(minutes=pause) > now


@transaction.atomic(durable=True)
def _begin(segment_id: int, now: datetime) -> Segment:
    """From here on whoever is tested live is noted. Locks the membership: live tests have ended or see it."""
    lock_membership(segment_id)
    row = Segment.objects.select_for_update().get(pk=segment_id)
    Touched.objects.filter(segment_id=segment_id).delete()
    row.rebuilding_since = now
    row.save(update_fields=["rebuilding_since"])
    return row


@transaction.atomic(durable=True)
def _rebuild(row: Segment, now: datetime, timeout_seconds: float, began: float) -> Rebuilt:
    asking = Asking(now)
    question = asking.question(asking.read(row.tree), row.uid)
    wanted = state_difference(question, row.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('statement_timeout', %s, true)", [str(max(int(timeout_seconds * 1000), 1))]
        )
        cursor.execute(f"CREATE TEMP TABLE segments_wanted ON COMMIT DROP AS {wanted.sql}", wanted.params)
        lock_membership(row.pk)
        current = Segment.objects.select_for_update().get(pk=row.pk)
        if current.version != row.version or current.archived_at is not None:
            raise _Moved
        touched = list(Touched.objects.filter(segment_id=row.pk).values_list("member_id", flat=True))
        if touched:
            _ask_again(cursor, state_difference(question, row.pk, scoped=True), touched)
        at = max(now, current.changed_at or now)
        application = state_application(
            Statement("SELECT member_id, belongs, facts FROM segments_wanted", {"segment_id": row.pk}),
            version=row.version,
            cause=Cause.REBUILD.value,
            at=at,
        )
        cursor.execute(application.sql, application.params)
        entered, left = cursor.fetchone()
        cursor.execute("DROP TABLE segments_wanted")
    count = Membership.objects.filter(segment_id=row.pk).count()
    current.members_count, current.membership_version = count, row.version
    current.rebuilt_at, current.rebuilt_on = now, asking.day.today
    current.rebuilt_seconds = time.monotonic() - began
    current.changed_at = at if entered or left else current.changed_at
    current.error, current.failed_at, current.failures = "", None, 0
    current.rebuilding_since = None
    if current.wanted_at is not None and current.wanted_at <= now:
        current.wanted_at = None
    current.save()
    Touched.objects.filter(segment_id=row.pk).delete()
    Size.objects.update_or_create(segment_id=row.pk, day=asking.day.today, defaults={"members": count})
    return Rebuilt(row.code, entered, left, count, current.rebuilt_seconds)


def _ask_again(cursor: "object", scoped: Statement, touched: list[int]) -> None:
    """Whoever was tested live since the rebuild looked: their answer is the one of now, under the lock."""
    scope, reach = find_reach(touched)
    execute = cursor.execute  # type: ignore[attr-defined]
    execute("DELETE FROM segments_wanted WHERE member_id = ANY(%s)", [scope])
    execute(
        f"INSERT INTO segments_wanted {scoped.sql}",
        {**scoped.params, "scope": scope, "reach": reach},
    )


@transaction.atomic(durable=True)
def _note_failure(segment_id: int, sentence: str, now: datetime) -> None:
    row = Segment.objects.select_for_update().get(pk=segment_id)
    row.error, row.failed_at, row.failures = sentence[:500], now, row.failures + 1
    row.rebuilding_since = None
    row.wanted_at = row.wanted_at or now
    row.save()
    Touched.objects.filter(segment_id=segment_id).delete()


def _explain(error: Exception) -> str:
    if isinstance(error, Refusal):
        return error.detail
    if getattr(error.__cause__, "sqlstate", None) == "57014":
        with translation.override("en"):
            return str(TOO_LONG)
    return f"The database refused the question: {str(error).splitlines()[0]}"
