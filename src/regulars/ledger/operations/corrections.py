"""Points put right: reversed, refunded, adjusted, moved to another member."""

from datetime import datetime

from django.db import transaction

from regulars.kit.actor import Actor
from regulars.kit.ids import JournalSeq, MemberId
from regulars.ledger.errors import InvalidPosting
from regulars.ledger.operations.calls import call, read_receipt, refusal, statement
from regulars.ledger.operations.debits import DEBIT
from regulars.ledger.operations.merged import refuse_merged
from regulars.ledger.policies import (
    check_amount,
    check_instants,
    check_key,
    check_reason,
    check_texts,
    fingerprint_input,
)
from regulars.ledger.types import Currency, Receipt, Reversal, Shortfall
from regulars.trail.facade import record_audit, require_transaction

_REVERSE = statement(
    "ledger_reverse",
    *("bigint", "text", "bigint", "bigint", "text", "text", "uuid", "timestamptz", "text", "text", "text"),
    "timestamptz",
)
_REFUND = statement(
    "ledger_refund",
    *("bigint", "text", "bigint", "bigint", "integer", "text", "uuid", "timestamptz", "text", "text"),
    *("text", "timestamptz"),
)
_ADJUST_UP = statement(
    "ledger_adjust_up",
    *("bigint", "text", "bigint", "timestamptz", "text", "uuid", "text", "text", "text", "timestamptz"),
)
_TRANSFER = statement(
    "ledger_transfer", "bigint", "bigint", "text", "bigint", "text", "uuid", "text", "text", "timestamptz"
)


def reverse_earn(
    *,
    actor: Actor,
    now: datetime,
    member_id: MemberId,
    currency: Currency,
    seq: JournalSeq,
    amount: int,
    key: str,
    source: str,
    reason: str,
    shortfall: Shortfall,
    occurred_at: datetime | None = None,
) -> Reversal:
    """Take back part or all of an award (or of an adjustment upwards), never more than it gave in all.

    Taken from the entry's pending points, else from its own lot, then from other lots as `spend` would,
    then by `shortfall`; what may not be taken is recorded as waived. Lots that are due lapse first; what
    of its own lot has lapsed is gone already and is not taken from other points a second time.
    Locks: the wallet, then its lots. Raises InvalidPosting, EntryNotFound, NotReversible,
    ReversalTooLarge, IdempotencyConflict; RuntimeError outside a transaction.
    """
    require_transaction()
    check_amount(amount)
    check_key(key)
    check_texts(key, source, reason)
    check_instants(now, occurred_at)
    print_ = fingerprint_input("reverse", seq, amount, source, reason, shortfall, occurred_at)
    status, posted_seq, posted, *parts = call(
        _REVERSE,
        (
            *(member_id, currency, seq, amount, shortfall, key, print_, occurred_at or now),
            *(source, reason, actor, now),
        ),
    )
    if status not in ("posted", "replayed"):
        raise refusal(status, left=posted or 0, asked=amount, key=key)
    from_pending, from_own_lot, from_lapsed, from_other_lots, into_debt, waived = parts
    return Reversal(
        seq=JournalSeq(posted_seq),
        amount=posted,
        from_pending=from_pending,
        from_own_lot=from_own_lot,
        from_lapsed=from_lapsed,
        from_other_lots=from_other_lots,
        into_debt=into_debt,
        waived=waived,
        replayed=status == "replayed",
    )


def refund_spend(
    *,
    actor: Actor,
    now: datetime,
    member_id: MemberId,
    seq: JournalSeq,
    amount: int,
    key: str,
    source: str,
    reason: str,
    lapsed_grace_days: int = 0,
    currency: Currency = Currency.POINTS,
    occurred_at: datetime | None = None,
) -> Receipt:
    """Give back part or all of a spend (or of a capture) to the lots it came from, never more than it took.

    Last taken is first given back, so that what is left is the spend of the smaller amount, in however
    many steps. Debt is repaid first. A lot that has lapsed meanwhile lapses again at once, by an entry of
    its own, or lives `lapsed_grace_days` from now, once: a lot that has had its grace lapses at once.
    Locks: the wallet, then its lots. Raises InvalidPosting, EntryNotFound, NotRefundable, RefundTooLarge,
    IdempotencyConflict; RuntimeError outside a transaction.
    """
    require_transaction()
    check_amount(amount)
    check_key(key)
    check_texts(key, source, reason)
    check_instants(now, occurred_at)
    if lapsed_grace_days < 0:
        raise InvalidPosting("A grace period has 0 days or more.")
    print_ = fingerprint_input("refund", seq, amount, source, reason, lapsed_grace_days, occurred_at)
    row = call(
        _REFUND,
        (
            *(member_id, currency, seq, amount, lapsed_grace_days, key, print_, occurred_at or now),
            *(source, reason, actor, now),
        ),
    )
    return read_receipt(row, member_id=member_id, currency=currency, asked=amount, key=key)


@transaction.atomic(durable=True)
def adjust_points(
    *,
    actor: Actor,
    now: datetime,
    member_id: MemberId,
    amount: int,
    reason: str,
    key: str,
    expires_at: datetime | None = None,
    currency: Currency = Currency.POINTS,
    source: str = "",
) -> Receipt:
    """Put a balance right by hand: `amount` above zero opens a lot, below zero spends from the lots.

    The receipt's amount is without sign. `expires_at` is for a new lot, and lies ahead; None never.
    Locks: the wallet, then its lots. Writes an audit line. Raises InvalidPosting, InsufficientPoints,
    IdempotencyConflict, WalletsMerged.
    """
    receipt = post_adjustment(
        actor=actor,
        now=now,
        member_id=member_id,
        amount=amount,
        reason=reason,
        key=key,
        expires_at=expires_at,
        currency=currency,
        source=source,
    )
    if not receipt.replayed:
        refuse_merged([member_id])
        details = {"amount": amount, "currency": str(currency), "seq": receipt.seq}
        record_audit(
            actor=actor,
            now=now,
            action="points.adjusted",
            subject=f"member:{member_id}",
            reason=reason,
            details=details,
        )
    return receipt


def post_adjustment(
    *,
    actor: Actor,
    now: datetime,
    member_id: MemberId,
    amount: int,
    reason: str,
    key: str,
    expires_at: datetime | None,
    currency: Currency,
    source: str,
) -> Receipt:
    """The posting of an adjustment, without its audit line: a step, RuntimeError outside a transaction."""
    require_transaction()
    check_amount(abs(amount))
    check_key(key)
    check_reason(reason)
    check_texts(key, reason, source)
    check_instants(now, expires_at)
    if amount < 0 and expires_at is not None:
        raise InvalidPosting("Only points that are given can have an expiry.")
    print_ = fingerprint_input("adjust", amount, reason, source, expires_at)
    if amount > 0:
        row = call(
            _ADJUST_UP, (member_id, currency, amount, expires_at, key, print_, source, reason, actor, now)
        )
    else:
        row = call(
            DEBIT,
            (
                *("adjust", "adjusted", member_id, currency, -amount, key, print_, now),
                *(None, source, reason, actor, now),
            ),
        )
    return read_receipt(row, member_id=member_id, currency=currency, asked=abs(amount), key=key)


@transaction.atomic(durable=True)
def transfer_points(
    *,
    actor: Actor,
    now: datetime,
    from_member_id: MemberId,
    to_member_id: MemberId,
    amount: int,
    key: str,
    reason: str = "",
    currency: Currency = Currency.POINTS,
) -> Receipt:
    """Move points to another member, lot by lot: each keeps its expiry. The receipt and key are the giver's.

    The taker's debt is repaid first. Locks: both wallets ascending, then lots. Writes an audit line.
    Raises InvalidPosting, InsufficientPoints, IdempotencyConflict, WalletsMerged.
    """
    check_amount(amount)
    check_key(key)
    check_texts(key, reason)
    check_instants(now)
    if from_member_id == to_member_id:
        raise InvalidPosting("Points are moved between two different members.")
    print_ = fingerprint_input("transfer", to_member_id, amount, reason)
    row = call(_TRANSFER, (from_member_id, to_member_id, currency, amount, key, print_, reason, actor, now))
    receipt = read_receipt(row, member_id=from_member_id, currency=currency, asked=amount, key=key)
    if not receipt.replayed:
        refuse_merged([from_member_id, to_member_id])
        details = {"amount": amount, "currency": str(currency), "to": to_member_id, "seq": receipt.seq}
        record_audit(
            actor=actor,
            now=now,
            action="points.transferred",
            subject=f"member:{from_member_id}",
            reason=reason,
            details=details,
        )
    return receipt
