"""Members' browser sessions: which there are, and their end from elsewhere."""

from datetime import datetime, timedelta

from django.db import transaction

from regulars.identity.endings import end_sessions
from regulars.identity.models import MemberSession
from regulars.identity.types import MemberSessionInfo
from regulars.kit.actor import Actor, ActorKind
from regulars.kit.ids import MemberId
from regulars.kit.statements import fetch_rows
from regulars.trail import facade as trail

AGENT_LENGTH_MAX = 300
_SEEN = "SELECT seen_at FROM identity_membersession WHERE id = %s::bigint AND member_id = %s::bigint"
SEEN_RECORDED_EVERY = timedelta(minutes=10)
SESSION_LASTS = timedelta(days=14)
"""As long as the browser keeps its cookie."""


def open_member_session(*, member_id: MemberId, agent: str, now: datetime) -> int:
    """Note that a member has signed in somewhere; answer the number, which the browser's session keeps.

    `agent` is what the browser says of itself. Locks nothing.
    """
    kept = "".join(sign for sign in agent if sign.isprintable())[:AGENT_LENGTH_MAX]
    row = MemberSession.objects.create(member_id=member_id, signed_in_at=now, seen_at=now, agent=kept)
    return row.pk


def is_member_session_open(*, number: int, member_id: MemberId, now: datetime) -> bool:
    """Whether the member is still signed in there. One query; every ten minutes a second notes the use."""
    rows = fetch_rows(_SEEN, (str(number), str(member_id)))
    if not rows:
        return False
    if now - rows[0][0] >= SEEN_RECORDED_EVERY:
        MemberSession.objects.filter(pk=number, member_id=member_id).update(seen_at=now)
    return True


def list_member_sessions(member_id: MemberId, now: datetime) -> list[MemberSessionInfo]:
    """Where the member is signed in, latest seen first, without what browsers have forgotten. One query."""
    rows = MemberSession.objects.filter(member_id=member_id, seen_at__gt=now - SESSION_LASTS)
    return [
        MemberSessionInfo(row.pk, row.signed_in_at, row.seen_at, row.agent)
        for row in rows.order_by("-seen_at", "-id")
    ]


@transaction.atomic(durable=True)
def end_member_sessions(
    *, member_id: MemberId, now: datetime, only: int | None = None, but: int | None = None
) -> int:
    """Sign the member out: everywhere, in one place (`only`), or everywhere else (`but`); answer in how many.

    Takes effect with the next request from there. Locks the rows.
    """
    rows = MemberSession.objects.filter(member_id=member_id)
    member = Actor(ActorKind.MEMBER, str(member_id))
    return end_sessions(rows, actor=member, whose=f"member:{member_id}", now=now, only=only, but=but)


def forget_member_sessions(*, member_id: MemberId) -> None:
    """Take away where a member was signed in: a step of erasing them; RuntimeError outside a transaction."""
    trail.require_transaction()
    MemberSession.objects.filter(member_id=member_id).delete()


def purge_member_sessions(*, now: datetime) -> None:
    """Throw away what browsers have forgotten."""
    MemberSession.objects.filter(seen_at__lte=now - SESSION_LASTS - SEEN_RECORDED_EVERY).delete()
