"""The one round trip that a posting makes, and the meaning of what comes back."""

from collections.abc import Sequence
from typing import Any

from regulars.kit.errors import Refusal
from regulars.kit.ids import JournalSeq, MemberId
from regulars.kit.statements import as_text, fetch_rows
from regulars.ledger.errors import (
    EntryNotFound,
    HoldNotOpen,
    IdempotencyConflict,
    InsufficientPoints,
    InvalidPosting,
    NotPending,
    NotRefundable,
    NotReversible,
    RefundTooLarge,
    ReversalTooLarge,
)
from regulars.ledger.types import Currency, Receipt

_REFUSALS: dict[str, tuple[type[Refusal], str]] = {
    "conflict": (IdempotencyConflict, "The key {key!r} was used before with other input."),
    "not_found": (EntryNotFound, "The wallet has no such entry."),
    "not_reversible": (NotReversible, "Only an award or an adjustment upwards can be reversed."),
    "reversal_too_large": (ReversalTooLarge, "{left} points of the entry are left to reverse, not {asked}."),
    "not_refundable": (NotRefundable, "Only a spend can be refunded."),
    "refund_too_large": (RefundTooLarge, "{left} points of the spend are left to refund, not {asked}."),
    "lapsed_already": (InvalidPosting, "The points would have expired before they are given."),
    "hold_not_open": (HoldNotOpen, "The hold has {left} points left to capture or release."),
    "not_pending": (NotPending, "The points of this entry are not pending."),
}


def statement(function: str, *types: str) -> str:
    """The text that calls a function of the ledger with typed parameters, and unfolds its row.

    In a select list, for in FROM its row would be stored first: a twentieth of a posting's CPU.
    """
    # Names of functions and types are written in this package, never given from outside.
    parameters = ", ".join(f"%s::{name}" for name in types)
    call_once = f"SELECT {function}({parameters}) AS answer OFFSET 0"
    return f"SELECT (called.answer).* FROM ({call_once}) AS called"  # noqa: S608


def call(text: str, arguments: Sequence[object]) -> tuple[Any, ...]:
    """Run a statement of the ledger within the present transaction and give back its one row."""
    found = fetch_rows(text, [as_text(argument) for argument in arguments])
    if not found:
        raise RuntimeError("A function of the ledger gave no row.")
    return found[0]


def read_receipt(
    row: tuple[Any, ...], *, member_id: MemberId, currency: Currency, asked: int, key: str
) -> Receipt:
    """Turn the row of a posting into a receipt, or into the refusal that it names."""
    status, seq, amount, balance_after, debt_after = row
    if status not in ("posted", "replayed"):
        raise refusal(status, left=amount or 0, asked=asked, key=key)
    return Receipt(
        member_id, currency, JournalSeq(seq), amount, balance_after, debt_after, status == "replayed"
    )


def refusal(status: str, *, left: int, asked: int, key: str) -> Exception:
    """The refusal behind a status that a function of the ledger answers."""
    if status == "insufficient":
        return InsufficientPoints(balance=left, needed=asked)
    if status not in _REFUSALS:
        return RuntimeError(f"The ledger answered {status!r}.")
    kind, sentence = _REFUSALS[status]
    return kind(sentence.format(left=left, asked=asked, key=key), left=left, asked=asked, key=key)
