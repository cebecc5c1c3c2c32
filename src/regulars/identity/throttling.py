"""Counting attempts in PostgreSQL, so that every process counts together."""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import ngettext

from regulars.identity.errors import TooManyAttempts
from regulars.identity.models import Throttle
from regulars.identity.policies import Limit, hash_subject

TAKE_SQL = """
INSERT INTO identity_throttle AS t (scope, subject_hash, window_started_at, window_ends_at, attempts)
VALUES (%(scope)s, %(subject)s, %(now)s, %(ends)s, 1)
ON CONFLICT (scope, subject_hash) DO UPDATE SET
    attempts = CASE WHEN t.window_ends_at <= EXCLUDED.window_started_at THEN 1 ELSE t.attempts + 1 END,
    window_started_at = CASE WHEN t.window_ends_at <= EXCLUDED.window_started_at
        THEN EXCLUDED.window_started_at ELSE t.window_started_at END,
    window_ends_at = CASE WHEN t.window_ends_at <= EXCLUDED.window_started_at
        THEN EXCLUDED.window_ends_at ELSE t.window_ends_at END
WHERE t.window_ends_at <= EXCLUDED.window_started_at OR t.attempts < %(most)s
RETURNING attempts
"""


def take_attempt(*, limit: Limit, subject: str, now: datetime) -> None:
    """Count an attempt before it is made: those made at once cannot slip past the limit together.

    It is kept whatever becomes of the attempt, so it stands in a transaction of its own.
    Raises TooManyAttempts; a refused attempt is not counted and does not prolong the window.
    """
    key = hash_subject(subject)
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(
            TAKE_SQL,
            {
                "scope": limit.scope,
                "subject": key,
                "now": now,
                "ends": now + limit.window,
                "most": limit.attempts,
            },
        )
        taken = cursor.fetchone() is not None
    if taken:
        return
    row = Throttle.objects.filter(scope=limit.scope, subject_hash=key).first()
    raise too_many(row.window_ends_at if row else now, now)


def too_many(until: datetime, now: datetime) -> TooManyAttempts:
    """The refusal, saying when to try again."""
    wait_s = max(1, round((until - now).total_seconds()))
    minutes = -(-wait_s // 60)
    told = ngettext(
        "Too many attempts; try again in %(minutes)d minute.",
        "Too many attempts; try again in %(minutes)d minutes.",
        minutes,
    )
    return TooManyAttempts(told % {"minutes": minutes}, retry_after_seconds=wait_s)


def forget_attempts(*, limit: Limit, subject: str) -> None:
    """Begin to count afresh: after an attempt that succeeded."""
    Throttle.objects.filter(scope=limit.scope, subject_hash=hash_subject(subject)).delete()
