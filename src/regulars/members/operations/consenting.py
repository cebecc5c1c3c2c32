"""What a member agrees to."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from regulars.kit.actor import Actor
from regulars.kit.ids import MemberId
from regulars.members.errors import MemberErased, MemberUnknown
from regulars.members.models import ConsentEntry, Member
from regulars.members.policies import check_is_self
from regulars.members.privacy import get_consents
from regulars.members.types import ConsentChannel, ConsentPurpose
from regulars.trail import facade as trail


@transaction.atomic(durable=True)
def save_consents(
    *,
    actor: Actor,
    now: datetime,
    member_id: MemberId,
    given: Mapping[tuple[ConsentChannel, ConsentPurpose], bool],
) -> int:
    """Note what the member agrees to and what not; answer how much of it is new. What is not told stays.

    Locks the member's row. Raises NotThem where one member speaks for another, MemberUnknown, MemberErased.
    """
    return note_consents(actor=actor, now=now, member_id=member_id, given=given)


def note_consents(
    *,
    actor: Actor,
    now: datetime,
    member_id: MemberId,
    given: Mapping[tuple[ConsentChannel, ConsentPurpose], bool],
) -> int:
    """`save_consents` as a step of another operation; RuntimeError outside a transaction."""
    trail.require_transaction()
    check_is_self(member_id, actor)
    row = Member.objects.select_for_update(no_key=True).filter(id=member_id).first()
    if row is None:
        raise MemberUnknown(f"There is no member {member_id}.")
    if row.anonymised_at is not None:
        raise MemberErased(f"The data of member {member_id} was erased.")
    before = get_consents(member_id)
    # Never asked and not given are the same: silence is no.
    changed = [(key, granted) for key, granted in sorted(given.items()) if before.get(key, False) != granted]
    ConsentEntry.objects.bulk_create(
        ConsentEntry(
            member_id=member_id,
            channel=channel,
            purpose=purpose,
            granted=granted,
            changed_at=now,
            actor=str(actor),
        )
        for (channel, purpose), granted in changed
    )
    if changed:
        told = {f"{channel}.{purpose}": granted for (channel, purpose), granted in changed}
        trail.record_audit(
            actor=actor,
            now=now,
            action="member.consents_changed",
            subject=f"member:{member_id}",
            details=told,
        )
    return len(changed)
