"""A redemption's row: locked, its steps written down, its units given back to the stock."""

from datetime import datetime

from regulars.catalogue import facade as catalogue
from regulars.kit.actor import Actor
from regulars.kit.ids import JournalSeq, RedemptionId, RewardId
from regulars.redemption.errors import RedemptionNotFound
from regulars.redemption.models import Fulfilment, Redemption, RedemptionChange
from regulars.redemption.types import FulfilmentKind, RedemptionState

AT_ONCE = "at-once"
_ORDER = (RedemptionState.RESERVED, RedemptionState.CONFIRMED, RedemptionState.FULFILLED)


def lock_redemption(redemption_id: RedemptionId) -> Redemption:
    """The row, ours until the transaction ends. Raises RedemptionNotFound."""
    row = Redemption.objects.select_for_update(no_key=True).filter(pk=redemption_id).first()
    if row is None:
        raise RedemptionNotFound(f"There is no redemption {redemption_id}.")
    return row


def make_change(
    row: Redemption, state: RedemptionState, actor: Actor, now: datetime, reason: str = ""
) -> RedemptionChange:
    """One step of the redemption's life, not saved yet."""
    return RedemptionChange(
        redemption=row,
        member_id=row.member_id,
        occurred_at=now,
        state=state,
        actor=str(actor),
        reason=reason,
    )


def write_changes(row: Redemption, first: RedemptionState, *, actor: Actor, now: datetime) -> None:
    """Note every state from `first` up to the row's own, in order, and units that came at once."""
    steps = _ORDER[_ORDER.index(first) : _ORDER.index(RedemptionState(row.state)) + 1]
    RedemptionChange.objects.bulk_create([make_change(row, state, actor, now) for state in steps])
    if row.instant and row.units_handed:
        Fulfilment.objects.create(
            redemption=row,
            member_id=row.member_id,
            occurred_at=now,
            kind=FulfilmentKind.HANDED,
            units=row.units_handed,
            actor=str(actor),
            idempotency_key=AT_ONCE,
        )


def release_units(row: Redemption, units: int) -> None:
    """Give units back to the stock, those of the share kept for tiers first. Locks the reward."""
    kept = min(row.units_kept, units)
    for number in range(units):
        catalogue.release_unit(reward_id=RewardId(row.reward_id), counted=row.counted, kept=number < kept)
    row.units_kept -= kept


def read_seq(number: int | None) -> JournalSeq:
    """The number of a journal entry that must be there."""
    if number is None:
        raise RuntimeError("A redemption lost the number of its journal entry.")
    return JournalSeq(number)
