"""Giving points of a redemption back."""

from datetime import datetime

from django.db import transaction

from regulars.kit.actor import Actor
from regulars.kit.ids import MemberId, ProgrammeVersion, RedemptionId
from regulars.ledger import facade as ledger
from regulars.redemption.errors import WrongState
from regulars.redemption.models import Redemption
from regulars.redemption.operations.rows import lock_redemption, read_seq
from regulars.redemption.policies import check_can_refund, check_request
from regulars.redemption.queries import of_person, to_view
from regulars.redemption.types import RedemptionState, RedemptionView
from regulars.rules import facade as rules
from regulars.trail import facade as trail


@transaction.atomic(durable=True)
def refund_redemption(
    *,
    actor: Actor,
    now: datetime,
    redemption_id: RedemptionId,
    points: int,
    reason: str,
    idempotency_key: str,
) -> RedemptionView:
    """Give part of a redemption's points back to the lots they came from; the reward stays with the member.

    For support: what came late, or was worth less than it said. Last taken is first given back, so that
    what is left is the redemption at the smaller price; cancelling it afterwards gives back the rest. The
    same key again answers the same and gives nothing. Writes an audit line.
    Locks, in order: the redemption, the member's wallet. Raises RedemptionNotFound, NotYours, WrongState,
    ReasonNeeded, RedemptionInvalid, RefundTooLarge, IdempotencyConflict.
    """
    check_request(idempotency_key=idempotency_key)
    row = lock_redemption(redemption_id)
    check_can_refund(RedemptionState(row.state), actor, points, reason)
    if row.spend_seq is None:
        raise WrongState("It was cancelled before it was paid.", state=row.state)
    told = reason.strip()
    receipt = refund_points(row, points, actor=actor, now=now, reason=told, key=f"part:{idempotency_key}")
    if receipt.replayed:
        return of_person(to_view(row))
    row.refunded_points += points
    row.save(update_fields=["refunded_points"])
    trail.record_audit(
        actor=actor,
        now=now,
        action="redemption.refunded",
        subject=f"member:{row.member_id}",
        reason=told,
        details={"redemption": row.pk, "points": points},
    )
    return of_person(to_view(row))


def refund_points(
    row: Redemption, points: int, *, actor: Actor, now: datetime, reason: str, key: str
) -> ledger.Receipt:
    """Give points of a paid redemption back to their lots; the caller has locked it. Locks the wallet."""
    returns = rules.get_programme(ProgrammeVersion(row.programme_version)).returns
    return ledger.refund_spend(
        actor=actor,
        now=now,
        member_id=MemberId(row.member_id),
        seq=read_seq(row.spend_seq),
        amount=points,
        key=f"redemption:{row.pk}:{key}",
        source=f"redemption:{row.pk}",
        reason=reason,
        lapsed_grace_days=returns.lapsed_grace_days,
    )
