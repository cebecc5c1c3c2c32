"""Notes on a member: what colleagues should know."""

from datetime import datetime

from django.db import transaction

from regulars.kit.actor import Actor
from regulars.kit.errors import IdempotencyConflict
from regulars.kit.ids import MemberId
from regulars.members.errors import MemberErased, MemberUnknown
from regulars.members.models import Member, Note
from regulars.members.notes import read_note
from regulars.members.policies import check_is_shop, check_note
from regulars.members.types import MemberNote
from regulars.trail import facade as trail


@transaction.atomic(durable=True)
def write_note(
    *, actor: Actor, now: datetime, member_id: MemberId, text: str, idempotency_key: str
) -> MemberNote:
    """Add a note. The same key again answers the same and adds nothing.

    The audit line says that it was written, not what it says: the trail is for ever, the note goes with the
    person. Locks the member's row. Raises MemberUnknown, MemberErased, NotThem, ProfileInvalid,
    IdempotencyConflict.
    """
    check_is_shop(actor)
    told = check_note(text)
    row = Member.objects.select_for_update(no_key=True).filter(id=member_id).first()
    if row is None:
        raise MemberUnknown(f"There is no member {member_id}.")
    if row.anonymised_at is not None:
        raise MemberErased(f"The data of member {member_id} was erased.")
    before = Note.objects.filter(member_id=member_id, idempotency_key=idempotency_key).first()
    if before is not None:
        if before.text != told:
            raise IdempotencyConflict("This key was used for another note.", key=idempotency_key)
        return read_note(before)
    note = Note.objects.create(
        member_id=member_id, written_at=now, actor=str(actor), text=told, idempotency_key=idempotency_key
    )
    _record(actor, now, "member.noted", note)
    return read_note(note)


@transaction.atomic(durable=True)
def delete_note(*, actor: Actor, now: datetime, member_id: MemberId, note_id: int) -> None:
    """Take a note away. Doing so again changes nothing. Locks the note. Raises NotThem."""
    check_is_shop(actor)
    note = Note.objects.select_for_update().filter(member_id=member_id, pk=note_id).first()
    if note is None:
        return
    _record(actor, now, "member.note_deleted", note)
    note.delete()


def _record(actor: Actor, now: datetime, action: str, note: Note) -> None:
    trail.record_audit(
        actor=actor, now=now, action=action, subject=f"member:{note.member_id}", details={"note": note.pk}
    )
