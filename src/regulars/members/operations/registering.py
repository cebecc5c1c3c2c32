"""Joining by oneself, and whether that may be."""

from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from regulars.kit.actor import SYSTEM, Actor, ActorKind
from regulars.kit.ids import MemberId
from regulars.members.errors import ContactTaken, ProfileInvalid, RegistrationClosed
from regulars.members.models import RegistrationRow
from regulars.members.operations.consenting import note_consents
from regulars.members.operations.saving import save_batch
from regulars.members.policies import check_is_shop
from regulars.members.registration import find_registration, is_registration_open
from regulars.members.types import ConsentChannel, ConsentPurpose, MemberInput, SaveStatus
from regulars.trail import facade as trail


@transaction.atomic(durable=True)
def set_registration(*, actor: Actor, now: datetime, is_open: bool) -> bool:
    """Say whether members may register themselves in the store; answer whether that is new.

    Writes an audit line. Two at once wait for each other. Raises NotThem.
    """
    check_is_shop(actor)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('members.registration', 0))")
    if find_registration() is is_open:
        return False
    RegistrationRow.objects.create(is_open=is_open, actor=str(actor), said_at=now)
    trail.record_audit(
        actor=actor,
        now=now,
        action="registration.opened" if is_open else "registration.closed",
        subject="registration",
    )
    return True


@transaction.atomic(durable=True)
def register_member(
    *, now: datetime, given: MemberInput, consents: Mapping[tuple[ConsentChannel, ConsentPurpose], bool]
) -> MemberId:
    """Take in somebody who has proved their e-mail address, with what they agreed to; all of it or nothing.

    Locks as `save_members`, then the new member's row. Writes audit lines.
    Raises RegistrationClosed, ContactTaken where the address belongs to a member, ProfileInvalid.
    """
    if not is_registration_open():
        raise RegistrationClosed(_("Ask in the shop: new members are taken in there."))
    outcome = save_batch(actor=SYSTEM, now=now, batch=[given])[0]
    if outcome.code == "identity_taken":
        raise ContactTaken(_("This address belongs to a member."))
    if outcome.status is not SaveStatus.CREATED or outcome.member_id is None:
        raise ProfileInvalid(outcome.detail, field="")
    member = Actor(ActorKind.MEMBER, str(outcome.member_id))
    trail.record_audit(
        actor=member, now=now, action="member.registered", subject=f"member:{outcome.member_id}"
    )
    note_consents(actor=member, now=now, member_id=outcome.member_id, given=consents)
    return outcome.member_id
