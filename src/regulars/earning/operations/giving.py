"""Points given outright by the shop's own systems: no order, no rule, only a reason."""

from datetime import datetime

from regulars.kit.actor import Actor
from regulars.kit.statements import Lookup
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Receipt
from regulars.rules.facade import ExpiryKind, recall_current_programme, resolve_expiry

SOURCE = "given"


def give_points(
    *,
    actor: Actor,
    now: datetime,
    member: Lookup,
    points: int,
    reason: str,
    key: str,
    expires_at: datetime | None = None,
    by_programme: bool = True,
) -> Receipt | None:
    """Give a member points to spend, at once; they do not count towards tiers.

    They lapse as the programme in force says, or with `by_programme` False at `expires_at`, None never.
    `member` is the way to the member, from the members' room; None where it leads to nobody. The key is the
    wallet's for ever; an expiry that follows from the programme is not part of it. Locks: the wallet.
    Raises NoProgramme, InvalidPosting, IdempotencyConflict; RuntimeError inside a transaction.
    """
    programme = recall_current_programme(now)
    return ledger.give_points(
        actor=actor,
        now=now,
        holder=member,
        amount=points,
        key=key,
        reason=reason,
        asked=(points, reason, "by programme" if by_programme else expires_at),
        expires_at=resolve_expiry(programme, None, now) if by_programme else expires_at,
        sliding=by_programme and programme.expiry.kind is ExpiryKind.INACTIVITY,
        programme_version=programme.version,
        source=SOURCE,
    )
