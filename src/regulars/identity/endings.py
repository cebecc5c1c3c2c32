"""Ending sessions, operators' and members' alike: which rows go, and what the audit trail says of it."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from regulars.kit.actor import Actor
from regulars.trail import facade as trail


def end_sessions(
    rows: QuerySet[Any], *, actor: Actor, whose: str, now: datetime, only: int | None, but: int | None
) -> int:
    """Delete these sessions: all, one (`only`), or all others (`but`); answer how many.

    `whose` is the subject, `member:17`. A step inside the caller's transaction: RuntimeError outside one
    where anything was ended.
    """
    if only is not None:
        rows = rows.filter(pk=only)
    if but is not None:
        rows = rows.exclude(pk=but)
    ended, _by_table = rows.delete()
    if ended:
        kind = whose.partition(":")[0]
        trail.record_audit(
            actor=actor, now=now, action=f"{kind}.signed_out", subject=whose, details={"sessions": ended}
        )
    return ended
