"""Writes of invitations: a link that lets one person choose a password, once and for a week."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from regulars.identity.errors import InvitationExists, InvitationUnknown, OperatorExists
from regulars.identity.models import Invitation, Operator
from regulars.identity.notices import send_invitation
from regulars.identity.operations.checks import check_email, check_name, check_new_password, check_role
from regulars.identity.policies import INVITATION_LASTS, hash_secret, make_token
from regulars.identity.queries import invitation_info, is_invitation_good, operator_info
from regulars.identity.types import InvitationInfo, OperatorInfo, Role
from regulars.kit.actor import Actor, ActorKind
from regulars.trail import facade as trail

LinkOf = Callable[[str], str]


@transaction.atomic(durable=True)
def invite_operator(
    *, actor: Actor, now: datetime, email: str, name: str, role: Role, link_of: LinkOf, shop: str
) -> tuple[InvitationInfo, str, bool]:
    """Offer somebody a place in the team; answer the link's token, which is kept only as a hash, and whether
    the link went out by e-mail. `link_of` makes the address of a token.

    Locks nothing. Raises OperatorInvalid, OperatorExists, InvitationExists.
    """
    address = check_email(email)
    if Operator.objects.filter(email=address).exists():
        raise OperatorExists(_("%(email)s works here already.") % {"email": address})
    token = make_token()
    row = Invitation(
        email=address,
        name=check_name(name),
        role=check_role(role),
        invited_by_id=_operator_number(actor),
        token_hash=hash_secret(token),
        created_at=now,
        sent_at=now,
        expires_at=now + INVITATION_LASTS,
    )
    # The unique constraint decides between two at once; a failed insert would abort the transaction.
    Invitation.objects.bulk_create([row], ignore_conflicts=True)
    stored = Invitation.objects.filter(token_hash=row.token_hash).first()
    if stored is None:
        raise InvitationExists(_("%(email)s is invited already: send it again.") % {"email": address})
    _record(actor, stored, "invitation.sent", now)
    return invitation_info(stored), token, _send(stored, token, link_of, shop, now)


@transaction.atomic(durable=True)
def resend_invitation(
    *, actor: Actor, now: datetime, number: int, link_of: LinkOf, shop: str
) -> tuple[InvitationInfo, str, bool]:
    """Send a new link for another week; the one before is no longer good. Answers as `invite_operator` does.

    Whoever sends it again answers for it from now on. Locks the invitation's row. Raises InvitationUnknown.
    """
    row = _lock_open(number)
    token = make_token()
    row.token_hash, row.sent_at, row.expires_at = hash_secret(token), now, now + INVITATION_LASTS
    row.invited_by_id = _operator_number(actor)
    row.save(update_fields=["token_hash", "sent_at", "expires_at", "invited_by"])
    _record(actor, row, "invitation.sent", now)
    return invitation_info(row), token, _send(row, token, link_of, shop, now)


@transaction.atomic(durable=True)
def revoke_invitation(*, actor: Actor, now: datetime, number: int) -> InvitationInfo:
    """Withdraw an invitation: its link is good no more. Locks its row. Raises InvitationUnknown."""
    row = _lock_open(number)
    row.revoked_at = now
    row.save(update_fields=["revoked_at"])
    _record(actor, row, "invitation.revoked", now)
    return invitation_info(row)


@transaction.atomic(durable=True)
def accept_invitation(*, token: str, name: str, password: str, now: datetime) -> OperatorInfo:
    """Become an operator by an open link, once.

    Locks the invitation's row: of two at once, the second finds it taken.
    Raises InvitationUnknown, OperatorInvalid, OperatorExists.
    """
    row = Invitation.objects.select_for_update(of=("self",)).filter(token_hash=hash_secret(token)).first()
    if row is None or not is_invitation_good(row, now):
        raise InvitationUnknown(_("This invitation is no longer good. Ask for a new one."))
    operator = Operator(
        email=row.email, name=check_name(name) or row.name, role=check_role(row.role), created_at=now
    )
    check_new_password(password, operator)
    operator.set_password(password)
    Operator.objects.bulk_create([operator], ignore_conflicts=True)
    stored = Operator.objects.filter(email=row.email, password=operator.password).first()
    if stored is None:
        raise OperatorExists(_("%(email)s works here already.") % {"email": row.email})
    row.accepted_at = now
    row.save(update_fields=["accepted_at"])
    info = operator_info(stored)
    trail.record_audit(
        actor=info.actor,
        now=now,
        action="invitation.accepted",
        subject=f"operator:{info.id}",
        details={"invitation": row.pk, "role": row.role},
    )
    return info


def _lock_open(number: int) -> Invitation:
    rows = Invitation.objects.select_for_update().filter(accepted_at__isnull=True, revoked_at__isnull=True)
    row = rows.filter(pk=number).first()
    if row is None:
        raise InvitationUnknown(_("There is no such invitation any more."))
    return row


def _send(row: Invitation, token: str, link_of: LinkOf, shop: str, now: datetime) -> bool:
    by = Operator.objects.filter(id=row.invited_by_id).first() if row.invited_by_id else None
    inviter = (by.name or by.email) if by else ""
    return send_invitation(row, token=token, link_of=link_of, inviter=inviter, shop=shop, now=now)


def _operator_number(actor: Actor) -> int | None:
    return int(actor.ref) if actor.kind is ActorKind.OPERATOR else None


def _record(actor: Actor, row: Invitation, action: str, now: datetime) -> None:
    trail.record_audit(
        actor=actor,
        now=now,
        action=action,
        subject=f"invitation:{row.pk}",
        details={"email": row.email, "role": row.role},
    )
