"""Notes on a redemption: what colleagues should know, and the member need not."""

from datetime import datetime

from django.db import transaction

from regulars.kit.actor import Actor
from regulars.kit.ids import MemberId, RedemptionId
from regulars.redemption.errors import KeyUsedOtherwise
from regulars.redemption.fulfilment import read_note
from regulars.redemption.models import Note
from regulars.redemption.operations.rows import lock_redemption
from regulars.redemption.policies import check_is_shop, check_note, check_request
from regulars.redemption.types import RedemptionNote
from regulars.trail import facade as trail


@transaction.atomic(durable=True)
def write_note(
    *, actor: Actor, now: datetime, redemption_id: RedemptionId, text: str, idempotency_key: str
) -> RedemptionNote:
    """Add a note. The same key again answers the same and adds nothing.

    The audit line says that it was written, not what it says: the trail is for ever, the note goes with the
    person. Locks the redemption. Raises RedemptionNotFound, NotYours, RedemptionInvalid, KeyUsedOtherwise.
    """
    check_is_shop(actor)
    check_request(idempotency_key=idempotency_key)
    told = check_note(text)
    row = lock_redemption(redemption_id)
    before = Note.objects.filter(redemption=row, idempotency_key=idempotency_key).first()
    if before is not None:
        if before.text != told:
            raise KeyUsedOtherwise("This key was used for another note.", key=idempotency_key)
        return read_note(before)
    note = Note.objects.create(
        redemption=row,
        member_id=row.member_id,
        written_at=now,
        actor=str(actor),
        text=told,
        idempotency_key=idempotency_key,
    )
    trail.record_audit(
        actor=actor,
        now=now,
        action="redemption.noted",
        subject=f"member:{row.member_id}",
        details={"redemption": row.pk, "note": note.pk},
    )
    return read_note(note)


def forget_notes(member_id: MemberId) -> None:
    """Delete every note about a member's redemptions, in the transaction that erases who they were."""
    trail.require_transaction()
    Note.objects.filter(member_id=member_id).delete()
