"""The door of redemption.

Operations, each one durable transaction
    redeem_reward(*, actor: Actor, now: datetime, member_id: MemberId, reward_code: str,
                  idempotency_key: str, simulated: bool = False) -> RedemptionView
    reserve_reward(*, actor, now, member_id, reward_code, idempotency_key, simulated=False) -> RedemptionView
    confirm_redemption(*, actor, now, redemption_id: RedemptionId) -> RedemptionView
    fulfil_redemption(*, actor, now, redemption_id) -> RedemptionView
    cancel_redemption(*, actor, now, redemption_id, reason: str = "") -> RedemptionView
    time_out_reservations(*, now: datetime, limit: int = 1000) -> int

Reads
    get_redemption(redemption_id) -> RedemptionView
    list_redemptions(*, member_id: MemberId | None = None, states: Iterable[RedemptionState] = (),
                     cursor=None, size=None) -> Page[RedemptionView]
    list_steps(redemption_id) -> list[RedemptionStep]
    load_viewer(*, member_id: MemberId, now: datetime) -> catalogue.Viewer
        what the catalogue needs to know of a member to say what they may have
"""

from regulars.redemption.errors import (
    NotCancellable,
    NotYours,
    PaymentNeeded,
    ReasonNeeded,
    RedemptionNotFound,
    WrongState,
)
from regulars.redemption.types import RedemptionState, RedemptionStep, RedemptionView

__all__ = [
    "NotCancellable",
    "NotYours",
    "PaymentNeeded",
    "ReasonNeeded",
    "RedemptionNotFound",
    "RedemptionState",
    "RedemptionStep",
    "RedemptionView",
    "WrongState",
]
