"""The same correction for many members at once: one act, all of it or nothing."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from regulars.kit.actor import Actor
from regulars.kit.fingerprint import fingerprint
from regulars.kit.ids import MemberId
from regulars.ledger.errors import InvalidPosting
from regulars.ledger.operations.corrections import post_adjustment
from regulars.ledger.operations.credits import lock_wallets
from regulars.ledger.operations.merged import refuse_merged
from regulars.ledger.types import Currency, Receipt
from regulars.trail.facade import AuditNote, find_answer, record_audits, store_answer

TOGETHER_MAX = 100
_SCOPE = "ledger.adjust_many"


@transaction.atomic(durable=True)
def adjust_many(
    *,
    actor: Actor,
    now: datetime,
    member_ids: Sequence[MemberId],
    amount: int,
    reason: str,
    key: str,
    expires_at: datetime | None = None,
) -> list[Receipt]:
    """Give to or take from up to a hundred members the same points; where one of them is short, from none.

    The receipts come in ascending order of the members. The key stands for this act as a whole, for ever;
    each member's journal has it too. Locks, in order: the key, the wallets ascending, their lots.
    Writes an audit line about the act and one about each member. Raises InvalidPosting,
    InsufficientPoints, KeyInvalid, IdempotencyConflict, WalletsMerged.
    """
    chosen = sorted(set(member_ids))
    if not 0 < len(chosen) <= TOGETHER_MAX:
        raise InvalidPosting(f"Choose one to {TOGETHER_MAX} members.", members=len(chosen))
    given = {"members": chosen, "amount": amount, "reason": reason, "expires_at": expires_at}
    input_hash = fingerprint(given)
    done = find_answer(scope=_SCOPE, key=key, input_hash=input_hash) is not None
    lock_wallets(chosen, Currency.POINTS)
    if not done:
        refuse_merged(chosen)
    receipts = [
        post_adjustment(
            actor=actor,
            now=now,
            member_id=member_id,
            amount=amount,
            reason=reason,
            key=key,
            expires_at=expires_at,
            currency=Currency.POINTS,
            source="",
        )
        for member_id in chosen
    ]
    if not done:
        store_answer(scope=_SCOPE, key=key, input_hash=input_hash, status=200, body=b"", now=now)
        record_audits(actor=actor, now=now, notes=_notes(receipts, amount=amount, reason=reason, key=key))
    return receipts


def _notes(receipts: Sequence[Receipt], *, amount: int, reason: str, key: str) -> list[AuditNote]:
    whole = {"amount": amount, "members": len(receipts), "points": amount * len(receipts)}
    return [
        AuditNote("points.adjusted_together", f"adjustment:{key}"[:160], reason, whole),
        *(
            AuditNote(
                "points.adjusted",
                f"member:{receipt.member_id}",
                reason,
                {"amount": amount, "currency": str(receipt.currency), "seq": receipt.seq, "together": key},
            )
            for receipt in receipts
        ),
    ]
