"""Points given outright by the shop's own systems: no order, no rule, only a reason."""

from datetime import datetime

from regulars.kit.actor import Actor
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Currency, EarnCommand, Receipt
from regulars.rules.facade import ExpiryKind, recall_current_programme, resolve_expiry

SOURCE = "given"


def give_points(
    *,
    actor: Actor,
    now: datetime,
    member_id: MemberId,
    points: int,
    reason: str,
    key: str,
    expires_at: datetime | None = None,
    by_programme: bool = True,
) -> Receipt:
    """Give a member points to spend, at once; they do not count towards tiers.

    They lapse as the programme in force says, or with `by_programme` False at `expires_at`, None never.
    The caller has made sure that there is such a member. The key is the wallet's for ever; an expiry that
    follows from the programme is not part of what it stands for. Locks: the wallet.
    Raises NoProgramme, InvalidPosting, IdempotencyConflict; RuntimeError inside a transaction.
    """
    programme = recall_current_programme(now)
    command = EarnCommand(
        member_id,
        Currency.POINTS,
        points,
        now,
        key,
        resolve_expiry(programme, None, now) if by_programme else expires_at,
        sliding=by_programme and programme.expiry.kind is ExpiryKind.INACTIVITY,
        programme_version=programme.version,
        source=SOURCE,
    )
    asked = (points, reason, "by programme" if by_programme else expires_at)
    return ledger.give_points(actor=actor, now=now, command=command, reason=reason, asked=asked)
