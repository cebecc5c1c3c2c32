"""Seeing what a member sees, without being them.

The look is a mark in the operator's own session, beside their sign-in: it is worth nothing without that
sign-in, no session of the member comes of it, and it ends after a quarter of an hour at the latest.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.http import HttpRequest

from regulars.identity import facade as identity
from regulars.identity.facade import OperatorInfo, Permission
from regulars.kit.ids import MemberId
from regulars.members.errors import MemberErased, MemberMerged
from regulars.members.queries import find_survivors, get_member, get_profiles
from regulars.members.types import MemberProfile
from regulars.trail import facade as trail

LOOK = "members_look"
LOOK_LASTS = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Look:
    """An operator looking at the store as a member sees it, until an instant."""

    operator: OperatorInfo
    member: MemberProfile
    until: datetime


def begin_look(request: HttpRequest, *, operator: OperatorInfo, now: datetime, member_id: MemberId) -> Look:
    """Begin to see the store as a member sees it. Beginning anew ends another look and counts from now.

    Writes an audit line. Raises PermissionMissing, MemberUnknown, MemberErased, MemberMerged.
    """
    identity.check_can(operator, Permission.MEMBERS_EDIT)
    member = get_member(member_id)
    if member.anonymised_at is not None:
        raise MemberErased(f"The data of member {member_id} was erased.")
    if member.merged_into is not None:
        raise MemberMerged(f"Member {member_id} was merged: look at member {member.merged_into}.")
    until = now + LOOK_LASTS
    with transaction.atomic(durable=True):
        trail.record_audit(
            actor=operator.actor,
            now=now,
            action="member.look_began",
            subject=f"member:{member_id}",
            details={"until": until.isoformat()},
        )
    request.session[LOOK] = {"member": member_id, "operator": operator.id, "until": until.isoformat()}
    return Look(operator, member, until)


def find_look(request: HttpRequest, now: datetime) -> Look | None:
    """The look that goes on in this browser, or None. No query where none was begun.

    It holds only while the operator who began it is signed in here and may still do so.
    """
    mark = request.session.get(LOOK)
    if mark is None:
        return None
    until = datetime.fromisoformat(mark["until"])
    visit = identity.find_visit(request, now)
    number = MemberId(mark["member"])
    if (
        until <= now
        or visit is None
        or visit.must_enrol
        or visit.operator.id != mark["operator"]
        or not identity.can(visit.operator, Permission.MEMBERS_EDIT)
    ):
        del request.session[LOOK]
        return None
    member = get_profiles([number]).get(number)
    if member is None or member.anonymised_at is not None or find_survivors([number]):
        del request.session[LOOK]
        return None
    return Look(visit.operator, member, until)


def end_look(request: HttpRequest, *, operator: OperatorInfo, now: datetime) -> MemberId | None:
    """Stop looking; answer at whom it was. Where nobody looks, nothing happens. Writes an audit line."""
    mark = request.session.pop(LOOK, None)
    if mark is None:
        return None
    number = MemberId(mark["member"])
    with transaction.atomic(durable=True):
        trail.record_audit(
            actor=operator.actor, now=now, action="member.look_ended", subject=f"member:{number}"
        )
    return number


def is_looking(request: HttpRequest) -> bool:
    """Whether a look was begun here, still good or not: what writes is refused either way."""
    return LOOK in request.session
