"""Reads of the trail."""

from django.db import connection

from regulars.kit.actor import Actor, ActorKind
from regulars.kit.paging import Page, clamp_page_size, decode_cursor, encode_cursor
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
    cursor: str | None = None,
    size: int | None = None,
) -> Page[AuditRecord]:
    """The audit trail, latest first, narrowed by exact subject, actor and action. One query.

    An actor without `ref` stands for every actor of its kind.
    """
    rows = AuditEntry.objects.order_by("-id")
    if subject:
        rows = rows.filter(subject=subject)
    if actor:
        rows = rows.filter(actor_kind=actor.kind)
        if actor.ref:
            rows = rows.filter(actor_ref=actor.ref)
    if action:
        rows = rows.filter(action=action)
    if cursor:
        (last_id,) = decode_cursor(cursor, (int,))
        rows = rows.filter(id__lt=last_id)
    limit = clamp_page_size(size)
    found = list(rows[: limit + 1])
    next_cursor = encode_cursor(found[limit - 1].pk) if len(found) > limit else None
    return Page(tuple(_record(row) for row in found[:limit]), next_cursor)


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
