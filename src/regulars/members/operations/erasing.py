"""A person forgotten."""

from datetime import datetime

from django.db import transaction

from regulars.delivery import facade as delivery
from regulars.identity import facade as identity
from regulars.kit.actor import Actor
from regulars.kit.ids import MemberId
from regulars.members.erasure import forget_everywhere
from regulars.members.errors import MemberErased, MemberUnknown, ProfileInvalid
from regulars.members.models import Member, MemberIdentity, Note
from regulars.members.operations.locking import LOCKS, lock_buckets
from regulars.members.policies import ERASED_PREFIX
from regulars.members.types import IdentityKind
from regulars.trail import facade as trail


@transaction.atomic(durable=True)
def erase_member(*, actor: Actor, now: datetime, member_id: MemberId, reason: str) -> None:
    """Take away who a member was: names, identities, birthday, attributes, messages that wait for them.

    The row stays, and so does what was owed (law 10); the external id becomes `erased:<id>`, so that the
    shop's next word of that person begins a new member. Those merged into the member are the same person,
    and forgotten with them. There is no way back.

    Locks, in order: every identity bucket, the member row.
    Raises MemberUnknown, MemberErased, ProfileInvalid without a reason.
    """
    if not reason.strip():
        raise ProfileInvalid("Say why the member's data is erased.", field="reason")
    lock_buckets(range(LOCKS))
    row = Member.objects.select_for_update().filter(id=member_id).first()
    if row is None:
        raise MemberUnknown(f"There is no member {member_id}.")
    if row.anonymised_at:
        raise MemberErased(f"The data of member {member_id} was erased already.")
    same_person = Member.objects.select_for_update().filter(merged_into=member_id, anonymised_at=None)
    for one in [row, *same_person.order_by("id")]:
        _forget(one, now)
        trail.record_audit(
            actor=actor, now=now, action="member.erased", subject=f"member:{one.pk}", reason=reason.strip()
        )


def _forget(row: Member, now: datetime) -> None:
    member_id = MemberId(row.pk)
    identities = MemberIdentity.objects.filter(member=row)
    reached = identities.filter(kind__in=[IdentityKind.EMAIL, IdentityKind.PHONE])
    for address in reached.values_list("value", flat=True):
        delivery.forget_recipient(to=address)
    identity.forget_member(member_id=member_id)
    forget_everywhere(member_id)
    identities.delete()
    Note.objects.filter(member=row).delete()
    Member.objects.filter(id=member_id).update(
        external_id=f"{ERASED_PREFIX}{member_id}",
        given_name="",
        family_name="",
        name_key="",
        name_key_reversed="",
        birthday=None,
        locale="",
        time_zone="",
        attributes={},
        anonymised_at=now,
    )
