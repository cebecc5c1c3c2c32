"""Reads of the trail."""

from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from regulars.kit.actor import Actor, ActorKind
from regulars.kit.paging import BadCursor, Page, clamp_page_size, cut_page, decode_cursor
from regulars.trail.errors import KeyReused
from regulars.trail.models import AuditEntry, StoredAnswer
from regulars.trail.types import Answer, AuditRecord

# Jumps from one action to the next along the index instead of reading every entry.
ACTIONS_SQL = """
WITH RECURSIVE found(action) AS (
    (SELECT action FROM trail_auditentry ORDER BY action LIMIT 1)
    UNION ALL
    SELECT (SELECT action FROM trail_auditentry WHERE action > found.action ORDER BY action LIMIT 1)
    FROM found WHERE found.action IS NOT NULL
)
SELECT action FROM found WHERE action IS NOT NULL
"""


def list_audit(
    *,
    subject: str | None = None,
    actor: Actor | None = None,
    action: str | None = None,
    recorded_from: datetime | None = None,
    recorded_before: datetime | None = None,
    cursor: str | None = None,
    backwards: bool = False,
    size: int | None = None,
) -> Page[AuditRecord]:
    """The audit trail, latest first, narrowed by exact subject, actor, action and a span of time. One query.

    Latest is by time; of one actor or action without a span, by when it was written down.

    An actor without `ref` stands for every actor of its kind. `recorded_from` is inclusive,
    `recorded_before` exclusive. The entries after the cursor; `backwards`, those before it, in the same
    order. Raises BadCursor.
    """
    rows = _narrow(subject, actor, action)
    limit = clamp_page_size(size)
    # What somebody did long ago and never since: by time one would walk through all that came after.
    as_written = bool(actor or action) and recorded_from is None and recorded_before is None
    if recorded_from:
        rows = rows.filter(recorded_at__gte=recorded_from)
    if recorded_before:
        rows = rows.filter(recorded_at__lt=recorded_before)
    if cursor:
        rows = rows.filter((_beyond_id if as_written else _beyond)(cursor, later=backwards))
    order = ("id",) if as_written else ("recorded_at", "id")
    found = list(rows.order_by(*order if backwards else [f"-{name}" for name in order])[: limit + 1])
    page = cut_page(
        found, size=limit, key=_key_as_written if as_written else _key, cursor=cursor, backwards=backwards
    )
    return Page(tuple(_record(row) for row in page.items), page.next_cursor, page.previous_cursor)


def _narrow(subject: str | None, actor: Actor | None, action: str | None) -> QuerySet[AuditEntry]:
    rows = AuditEntry.objects.all()
    if subject:
        rows = rows.filter(subject=subject)
    if actor:
        rows = rows.filter(actor_kind=actor.kind)
        if actor.ref:
            rows = rows.filter(actor_ref=actor.ref)
    return rows.filter(action=action) if action else rows


def _key(row: AuditEntry) -> tuple[str, int]:
    return row.recorded_at.isoformat(), row.pk


def _key_as_written(row: AuditEntry) -> tuple[int]:
    return (row.pk,)


def _beyond_id(cursor: str, *, later: bool) -> Q:
    (told_id,) = decode_cursor(cursor, (int,))
    return Q(id__gt=told_id) if later else Q(id__lt=told_id)


def _beyond(cursor: str, *, later: bool) -> Q:
    told, told_id = decode_cursor(cursor, (str, int))
    try:
        instant = datetime.fromisoformat(str(told))
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise BadCursor("The cursor is not one that this server gave; start from the first page.")
    if later:
        return Q(recorded_at__gte=instant) & (Q(recorded_at__gt=instant) | Q(id__gt=told_id))
    return Q(recorded_at__lte=instant) & (Q(recorded_at__lt=instant) | Q(id__lt=told_id))


def list_audit_actions() -> list[str]:
    """Every action that the trail knows, in alphabetical order."""
    with connection.cursor() as cursor:
        cursor.execute(ACTIONS_SQL)
        return [row[0] for row in cursor.fetchall()]


def read_answer(scope: str, key: str, input_hash: bytes) -> Answer | None:
    """The answer stored under the key, or None. Raises KeyReused where the input was another."""
    row = StoredAnswer.objects.filter(scope=scope, key=key).first()
    if row is None:
        return None
    if bytes(row.input_hash) != input_hash:
        raise KeyReused(
            "This idempotency key was used before for another request; use a new key for a new request.",
            key=key,
        )
    return Answer(row.status, bytes(row.body), replayed=True)


def _record(row: AuditEntry) -> AuditRecord:
    return AuditRecord(
        id=row.pk,
        recorded_at=row.recorded_at,
        actor=Actor(ActorKind(row.actor_kind), row.actor_ref),
        action=row.action,
        subject=row.subject,
        reason=row.reason,
        details=row.details,
    )
