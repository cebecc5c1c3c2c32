"""Points out: spent, or held until captured or released."""

from datetime import datetime

from regulars.kit.actor import Actor
from regulars.kit.ids import JournalSeq, MemberId, ProgrammeVersion
from regulars.ledger.operations.calls import call, read_receipt, statement
from regulars.ledger.policies import check_amount, check_instants, check_key, check_texts, fingerprint_input
from regulars.ledger.types import Currency, Receipt
from regulars.trail.facade import require_transaction

DEBIT = statement(
    "ledger_debit",
    *("text", "text", "bigint", "text", "bigint", "text", "uuid", "timestamptz", "integer", "text", "text"),
    *("text", "timestamptz"),
)
_HOLD = statement(
    "ledger_hold",
    *("bigint", "text", "bigint", "timestamptz", "text", "uuid", "timestamptz", "integer", "text", "text"),
    *("text", "timestamptz"),
)
_CAPTURE = statement(
    "ledger_capture",
    *("bigint", "text", "bigint", "bigint", "text", "uuid", "text", "text", "text", "timestamptz"),
)
_RELEASE = statement(
    "ledger_release", "bigint", "text", "bigint", "text", "uuid", "text", "text", "text", "timestamptz"
)


def spend(
    *,
    actor: Actor,
    now: datetime,
    member_id: MemberId,
    amount: int,
    key: str,
    source: str,
    reason: str = "",
    currency: Currency = Currency.POINTS,
    programme_version: ProgrammeVersion | None = None,
    occurred_at: datetime | None = None,
) -> Receipt:
    """Take points: earliest expiry first, never-expiring last, then oldest, then by id.

    Lots that are due lapse first. Locks: the wallet, then its lots. Raises InvalidPosting,
    InsufficientPoints, IdempotencyConflict; RuntimeError outside a transaction.
    """
    require_transaction()
    check_amount(amount)
    check_key(key)
    check_texts(key, source, reason)
    check_instants(now, occurred_at)
    print_ = fingerprint_input("spend", amount, source, reason, programme_version, occurred_at)
    row = call(
        DEBIT,
        (
            *("spend", "spent", member_id, currency, amount, key, print_, occurred_at or now),
            *(programme_version, source, reason, actor, now),
        ),
    )
    return read_receipt(row, member_id=member_id, currency=currency, asked=amount, key=key)


def hold(
    *,
    actor: Actor,
    now: datetime,
    member_id: MemberId,
    amount: int,
    times_out_at: datetime,
    key: str,
    source: str,
    reason: str = "",
    currency: Currency = Currency.POINTS,
    programme_version: ProgrammeVersion | None = None,
) -> Receipt:
    """Set points aside, chosen as `spend` chooses; the receipt's `seq` names the hold.

    Held points neither lapse nor can be spent; after `times_out_at` they can no longer be captured, and a
    job releases them. Locks: the wallet, then its lots. Raises InvalidPosting, InsufficientPoints,
    IdempotencyConflict; RuntimeError outside a transaction.
    """
    require_transaction()
    check_amount(amount)
    check_key(key)
    check_texts(key, source, reason)
    check_instants(now, times_out_at)
    print_ = fingerprint_input("hold", amount, source, reason, programme_version)
    row = call(
        _HOLD,
        (
            *(member_id, currency, amount, times_out_at, key, print_, now),
            *(programme_version, source, reason, actor, now),
        ),
    )
    return read_receipt(row, member_id=member_id, currency=currency, asked=amount, key=key)


def capture(
    *,
    actor: Actor,
    now: datetime,
    member_id: MemberId,
    hold_seq: JournalSeq,
    key: str,
    source: str,
    amount: int | None = None,
    reason: str = "",
    currency: Currency = Currency.POINTS,
) -> Receipt:
    """Spend what a hold holds: all of it, or `amount` of it, and then the rest stays held.

    The receipt's `seq` can be refunded as a spend. Locks: the wallet. Raises InvalidPosting, HoldNotOpen,
    IdempotencyConflict; RuntimeError outside a transaction.
    """
    require_transaction()
    if amount is not None:
        check_amount(amount)
    check_key(key)
    check_texts(key, source, reason)
    check_instants(now)
    print_ = fingerprint_input("capture", hold_seq, amount, source, reason)
    row = call(_CAPTURE, (member_id, currency, hold_seq, amount, key, print_, source, reason, actor, now))
    return read_receipt(row, member_id=member_id, currency=currency, asked=amount or 0, key=key)


def release(
    *,
    actor: Actor,
    now: datetime,
    member_id: MemberId,
    hold_seq: JournalSeq,
    key: str,
    source: str,
    reason: str = "",
    currency: Currency = Currency.POINTS,
) -> Receipt:
    """Give back what a hold still holds, to the same lots; debt is repaid first, lapsed lots lapse at once.

    Locks: the wallet, then its lots. Raises InvalidPosting, HoldNotOpen, IdempotencyConflict;
    RuntimeError outside a transaction.
    """
    require_transaction()
    check_key(key)
    check_texts(key, source, reason)
    check_instants(now)
    print_ = fingerprint_input("release", hold_seq, source, reason)
    row = call(_RELEASE, (member_id, currency, hold_seq, key, print_, source, reason, actor, now))
    return read_receipt(row, member_id=member_id, currency=currency, asked=0, key=key)
