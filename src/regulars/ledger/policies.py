"""Pure decisions of the ledger: what a posting must look like, and what tells one input from another."""

import hashlib
from datetime import UTC, datetime

from regulars.ledger.errors import InvalidPosting
from regulars.ledger.types import EarnCommand

AMOUNT_MAX = 2**53
"""Amounts stay exact in JSON and JavaScript, and sums of them within a bigint."""
KEY_LENGTH_MAX = 400
SEPARATOR = "\x1f"
"""Parts texts where many travel as one; no text of a posting may contain it."""
ABSENT = "\x1e"
"""Stands for None beside SEPARATOR."""
_FORBIDDEN = ("\0", SEPARATOR, ABSENT)


def check_amount(amount: int) -> None:
    """Refuse anything but a whole number of at least 1. Raises InvalidPosting."""
    if type(amount) is not int or not 0 < amount <= AMOUNT_MAX:
        raise InvalidPosting(f"An amount is a whole number from 1 to {AMOUNT_MAX}, not {amount!r}.")


def check_key(key: str) -> None:
    """Refuse a key that could not name a posting for ever. Raises InvalidPosting."""
    if not 0 < len(key) <= KEY_LENGTH_MAX:
        raise InvalidPosting(f"A posting's key has 1 to {KEY_LENGTH_MAX} characters.")


def check_texts(*texts: str | None) -> None:
    """Refuse control characters that PostgreSQL cannot store or that part texts. Raises InvalidPosting."""
    for text in texts:
        if text and not text.isprintable() and any(character in text for character in _FORBIDDEN):
            raise InvalidPosting("Texts of a posting have no NUL, record or unit separators.")


def check_instants(*instants: datetime | None) -> None:
    """Refuse times that do not say their zone. Raises InvalidPosting."""
    for instant in instants:
        if instant is not None and instant.tzinfo is None:
            raise InvalidPosting("Times of a posting say their time zone.")


def check_reason(reason: str) -> None:
    """Refuse to correct a balance without saying why. Raises InvalidPosting."""
    if not reason.strip():
        raise InvalidPosting("A correction needs a reason.")


def check_earn(command: EarnCommand) -> None:
    """Refuse a credit that makes no sense. Raises InvalidPosting."""
    check_amount(command.amount)
    check_key(command.key)
    check_texts(command.key, command.awaits, command.rule, command.source)
    check_instants(command.occurred_at, command.expires_at, command.activates_at)


def fingerprint_input(operation: str, *parts: object) -> str:
    """The hash kept with a key for ever: the first 128 bits of the SHA-256 of the input, in hexadecimal.

    Instants count as instants, whatever zone they are written in. What follows from `now` (a hold's
    time-out) or says who asks (the actor) is not part of the input.
    """
    text = SEPARATOR.join([operation, *map(_canonical, parts)])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def fingerprint_earn(command: EarnCommand, occurred_at: str, expires_at: str, activates_at: str) -> str:
    """`fingerprint_input` of a credit, given its instants as `write_instant` writes them.

    Written out: an import takes hundreds of thousands of them.
    """
    text = SEPARATOR.join(
        (
            *("earn", str(command.amount), occurred_at, expires_at, activates_at),
            *(ABSENT if command.awaits is None else command.awaits, str(command.sliding)),
            *(str(command.programme_version), command.rule, command.source),
        )
    )
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def write_instant(instant: datetime | None) -> str:
    """An instant in the one way that stands for it in every zone; NULL for None, as in array literals."""
    if instant is None:
        return "NULL"
    return (instant if instant.tzinfo is UTC else instant.astimezone(UTC)).isoformat()


def _canonical(part: object) -> str:
    if part is None:
        return ABSENT
    if isinstance(part, datetime):
        return write_instant(part)
    return str(part)
