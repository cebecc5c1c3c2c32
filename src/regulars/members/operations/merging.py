"""Two members who are one person: which of them the other's identities lead to."""

from datetime import datetime

from regulars.kit.actor import Actor
from regulars.kit.ids import MemberId
from regulars.members.errors import MemberErased, MemberMerged, MemberUnknown, MergeInvalid
from regulars.members.models import Member, MemberMerge
from regulars.members.operations.locking import LOCKS, lock_buckets
from regulars.trail import facade as trail


def note_merge(
    *, actor: Actor, now: datetime, member_id: MemberId, into_member_id: MemberId, reason: str
) -> int:
    """From now on every identity of the merged member leads to the survivor; answer the merge's number.

    What the merged member was, name, identities, attributes, stays with their row, so that an undoing finds
    it. There are no chains: neither is merged yet, and nobody is merged into the one who goes.
    A step inside the caller's transaction. Locks: every identity bucket, both rows ascending.
    Raises MergeInvalid, MemberUnknown, MemberErased, MemberMerged.
    """
    trail.require_transaction()
    if not reason.strip():
        raise MergeInvalid("Say why they are one.", field="reason")
    if member_id == into_member_id:
        raise MergeInvalid("A member cannot be merged with themselves.", field="into")
    rows = _lock([member_id, into_member_id])
    for number in (member_id, into_member_id):
        if number not in rows:
            raise MemberUnknown(f"There is no member {number}.")
        if rows[number].anonymised_at:
            raise MemberErased(f"The data of member {number} was erased: nobody can tell who that was.")
        if rows[number].merged_into is not None:
            raise MemberMerged(f"Member {number} was merged already.", member=number)
    if Member.objects.filter(merged_into=member_id).exists():
        raise MemberMerged(
            f"Others were merged into member {member_id}: merge the other way round.", member=member_id
        )
    merge = MemberMerge.objects.create(
        member_id=member_id,
        into_member=into_member_id,
        merged_at=now,
        actor=str(actor),
        reason=reason.strip(),
    )
    Member.objects.filter(id=member_id).update(merged_into=into_member_id)
    return merge.pk


def note_unmerge(*, actor: Actor, now: datetime, member_id: MemberId, reason: str) -> MemberId:
    """The merged member stands for themselves again; answer the survivor.

    An identity that was told of the survivor since stays with the survivor.
    A step inside the caller's transaction. Locks as `note_merge`. Raises MergeInvalid, MemberUnknown,
    MemberMerged where they are not merged.
    """
    trail.require_transaction()
    if not reason.strip():
        raise MergeInvalid("Say why they are two.", field="reason")
    row = _lock([member_id]).get(member_id)
    if row is None:
        raise MemberUnknown(f"There is no member {member_id}.")
    if row.merged_into is None:
        raise MemberMerged(f"Member {member_id} is not merged.", member=member_id)
    MemberMerge.objects.filter(member_id=member_id, undone_at__isnull=True).update(
        undone_at=now, undone_by=str(actor), undone_reason=reason.strip()
    )
    Member.objects.filter(id=member_id).update(merged_into=None)
    return MemberId(row.merged_into)


def _lock(member_ids: list[MemberId]) -> dict[int, Member]:
    lock_buckets(range(LOCKS))
    rows = Member.objects.select_for_update().filter(id__in=member_ids).order_by("id")
    return {row.pk: row for row in rows}
