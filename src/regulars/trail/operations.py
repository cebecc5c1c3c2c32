"""Writes of the trail."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db import OperationalError, connection, transaction

from regulars.kit.actor import Actor
from regulars.trail.errors import AnswerInProgress
from regulars.trail.models import AuditEntry
from regulars.trail.policies import check_key, lock_number
from regulars.trail.queries import read_answer
from regulars.trail.types import Answer, AuditNote

NO_DETAILS: Mapping[str, Any] = MappingProxyType({})
WAIT_MS = 10_000


def require_transaction() -> None:
    """Refuse (RuntimeError) to run outside a transaction: for steps that belong to a caller's operation."""
    if not connection.in_atomic_block:
        raise RuntimeError("This step belongs to an operation: call it inside that operation's transaction.")


def record_audit(
    *,
    actor: Actor,
    now: datetime,
    action: str,
    subject: str,
    reason: str = "",
    details: Mapping[str, Any] = NO_DETAILS,
) -> None:
    """Write down who did what, in the transaction that does it; RuntimeError outside one. Takes no lock."""
    record_audits(actor=actor, now=now, notes=[AuditNote(action, subject, reason, details)])


def record_audits(*, actor: Actor, now: datetime, notes: Sequence[AuditNote]) -> None:
    """Write many lines at once, in the order given; RuntimeError outside a transaction. Takes no lock."""
    require_transaction()
    AuditEntry.objects.bulk_create(
        [
            AuditEntry(
                recorded_at=now,
                actor_kind=actor.kind,
                actor_ref=actor.ref,
                action=note.action,
                subject=note.subject,
                reason=note.reason,
                details=dict(note.details),
            )
            for note in notes
        ],
        batch_size=1_000,
    )


def find_answer(*, scope: str, key: str, input_hash: bytes) -> Answer | None:
    """The answer given before under this key, or None.

    Inside a transaction it first takes the key's advisory lock until the end of that transaction, so a
    second request waits for the first and then sees its answer. Outside one it only looks; where
    the work is an operation with a transaction of its own, use `answer_once`.
    Raises KeyInvalid, KeyReused (an IdempotencyConflict).
    """
    check_key(key)
    if connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock_number(scope, key)])
    return read_answer(scope, key, input_hash)


def store_answer(
    *, scope: str, key: str, input_hash: bytes, status: int, body: bytes, now: datetime
) -> Answer:
    """Keep an answer for ever and give back the one that is kept: the first, where two were stored.

    Raises KeyInvalid, KeyReused (an IdempotencyConflict).
    """
    check_key(key)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO trail_storedanswer (scope, key, input_hash, status, body, recorded_at)"
            " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (scope, key) DO NOTHING",
            [scope, key, input_hash, status, body, now],
        )
        stored = cursor.rowcount == 1
    if stored:
        return Answer(status, body)
    kept = read_answer(scope, key, input_hash)
    if kept is None:
        raise RuntimeError("An answer that stood in the way of another is gone.")
    return kept


def answer_once(
    *,
    scope: str,
    key: str,
    input_hash: bytes,
    now: datetime,
    execute: Callable[[], tuple[int, bytes]],
    wait_ms: int = WAIT_MS,
) -> Answer:
    """Give the answer kept under the key, or run `execute` -> (status, body) once and keep what it answers.

    For surfaces, outside a transaction: `execute` runs an operation in a transaction of its own. Requests
    with the same key take turns on the key's advisory lock, held by the session, which ends with a lost
    connection. Where `execute` raises, nothing is kept. Where the process dies between the operation and
    the keeping, the repeated request runs `execute` again, and the operation recognises its own key.
    Raises KeyInvalid, KeyReused, AnswerInProgress after `wait_ms`; RuntimeError inside a transaction.
    """
    check_key(key)
    with _turn(lock_number(scope, key), wait_ms):
        kept = read_answer(scope, key, input_hash)
        if kept is not None:
            return kept
        status, body = execute()
        return store_answer(scope=scope, key=key, input_hash=input_hash, status=status, body=body, now=now)


@contextmanager
def _turn(number: int, wait_ms: int) -> Iterator[None]:
    try:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            # The time-out is the transaction's; the lock is the session's and outlives it.
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [str(wait_ms)])
            cursor.execute("SELECT pg_advisory_lock(%s)", [number])
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != "55P03":
            raise
        raise AnswerInProgress(
            "A request with this idempotency key is still being worked on; try again in a moment."
        ) from error
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [number])
