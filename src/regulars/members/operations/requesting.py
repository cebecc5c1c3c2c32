"""What members ask for concerning their data: a copy of it, or that it be erased."""

import json
from datetime import date, datetime, timedelta

from django.db import transaction
from procrastinate.contrib.django import app

from regulars.kit.actor import SYSTEM, Actor
from regulars.kit.ids import MemberId
from regulars.members.copies import collect_copy
from regulars.members.errors import MemberErased, MemberUnknown, RequestNotOpen
from regulars.members.models import Member, PrivacyRequestRow
from regulars.members.operations.erasing import erase_member
from regulars.members.policies import check_is_self
from regulars.members.privacy import read_request
from regulars.members.types import PrivacyKind, PrivacyRequest, PrivacyState
from regulars.trail import facade as trail

COPY_TASK = "members.write_copy"
COPY_KEPT = timedelta(days=7)
ERASURE_WAITS = timedelta(days=14)
"""Time to think again: nobody brings the data back."""


@transaction.atomic(durable=True)
def request_privacy(*, actor: Actor, now: datetime, member_id: MemberId, kind: PrivacyKind) -> PrivacyRequest:
    """Ask for a copy, written by a job at once, or for erasure, carried out after fourteen days.

    While one of that kind is open, asking again answers that one. Locks the member's row.
    Raises NotThem, MemberUnknown, MemberErased.
    """
    check_is_self(member_id, actor)
    member = Member.objects.select_for_update(no_key=True).filter(id=member_id).first()
    if member is None:
        raise MemberUnknown(f"There is no member {member_id}.")
    if member.anonymised_at is not None:
        raise MemberErased(f"The data of member {member_id} was erased.")
    row = PrivacyRequestRow.objects.filter(member_id=member_id, kind=kind, state=PrivacyState.OPEN).first()
    if row is not None:
        return read_request(row)
    due_at = now + ERASURE_WAITS if kind is PrivacyKind.ERASURE else now
    row = PrivacyRequestRow.objects.create(member_id=member_id, kind=kind, requested_at=now, due_at=due_at)
    trail.record_audit(actor=actor, now=now, action=f"member.{kind}_requested", subject=f"member:{member_id}")
    if kind is PrivacyKind.COPY:
        # By name: the task stands above this module and calls back into it.
        app.configure_task(COPY_TASK).defer(request_id=row.pk)
    return read_request(row)


@transaction.atomic(durable=True)
def withdraw_request(*, actor: Actor, now: datetime, member_id: MemberId, kind: PrivacyKind) -> None:
    """Take an open request back. Locks the request. Raises NotThem, RequestNotOpen."""
    check_is_self(member_id, actor)
    rows = PrivacyRequestRow.objects.select_for_update(no_key=True)
    row = rows.filter(member_id=member_id, kind=kind, state=PrivacyState.OPEN).first()
    if row is None:
        raise RequestNotOpen("There is no such request that waits.")
    row.state, row.done_at = PrivacyState.WITHDRAWN, now
    row.save(update_fields=["state", "done_at"])
    trail.record_audit(actor=actor, now=now, action=f"member.{kind}_withdrawn", subject=f"member:{member_id}")


@transaction.atomic(durable=True)
def write_copy(*, now: datetime, request_id: int) -> bool:
    """Write the copy that was asked for; answer whether there was still one to write. Locks the request."""
    rows = PrivacyRequestRow.objects.select_for_update(no_key=True)
    row = rows.filter(pk=request_id, kind=PrivacyKind.COPY, state=PrivacyState.OPEN).first()
    if row is None:
        return False
    copy = collect_copy(MemberId(row.member_id), now)
    row.content = json.dumps(copy, ensure_ascii=False, indent=1, default=_write_value)
    row.state, row.done_at, row.kept_until = PrivacyState.DONE, now, now + COPY_KEPT
    row.save(update_fields=["content", "state", "done_at", "kept_until"])
    trail.record_audit(actor=SYSTEM, now=now, action="member.copy_written", subject=f"member:{row.member_id}")
    return True


def carry_out_requests(*, now: datetime, limit: int = 1_000) -> int:
    """Erase those whose time to think again is over, write copies that were missed; answer how many.

    Each is a transaction of its own. What an erasure leaves of its requests is that they were made.
    """
    due = PrivacyRequestRow.objects.filter(state=PrivacyState.OPEN, due_at__lte=now).order_by("due_at", "id")
    done = 0
    for row in list(due[:limit]):
        if row.kind == PrivacyKind.COPY:
            done += write_copy(now=now, request_id=row.pk)
        else:
            done += _erase(row, now)
    return done


@transaction.atomic(durable=True)
def purge_copies(*, now: datetime) -> None:
    """Throw away copies whose time is over."""
    PrivacyRequestRow.objects.filter(kept_until__lte=now).exclude(content="").update(content="")


def _write_value(value: object) -> str:
    """An instant or a day as ISO 8601, anything else as it reads."""
    return value.isoformat() if isinstance(value, date) else str(value)


def _erase(row: PrivacyRequestRow, now: datetime) -> bool:
    # The request may have been withdrawn since the list was read; its lock and the erasure are one.
    claimed = PrivacyRequestRow.objects.filter(pk=row.pk, state=PrivacyState.OPEN).update(
        state=PrivacyState.DONE, done_at=now
    )
    if not claimed:
        return False
    try:
        erase_member(
            actor=SYSTEM, now=now, member_id=MemberId(row.member_id), reason="The member asked for it."
        )
    except MemberErased:
        return False
    except Exception:
        PrivacyRequestRow.objects.filter(pk=row.pk).update(state=PrivacyState.OPEN, done_at=None)
        raise
    PrivacyRequestRow.objects.filter(member_id=row.member_id).update(content="")
    return True
