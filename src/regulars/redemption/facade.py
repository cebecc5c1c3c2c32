"""The door of redemption: points in, rewards out.

`redeem_reward`, `reserve_reward`, `confirm_redemption`, `fulfil_redemption` and `cancel_redemption` are one
durable transaction each.
"""

from regulars.redemption.errors import (
    KeyUsedOtherwise,
    NotCancellable,
    NothingToSend,
    NotYours,
    PaymentNeeded,
    ReasonNeeded,
    RedemptionInvalid,
    RedemptionNotFound,
    WrongState,
)
from regulars.redemption.operations.goals import clear_goal, set_goal
from regulars.redemption.operations.moving import (
    cancel_redemption,
    confirm_redemption,
    fulfil_redemption,
    refund_redemption,
    time_out_reservations,
)
from regulars.redemption.operations.opening import redeem_reward, reserve_reward
from regulars.redemption.operations.sending import email_redemption
from regulars.redemption.policies import can_cancel, check_can_cancel, check_can_see, find_shelf
from regulars.redemption.queries import (
    find_goal,
    find_redemption,
    get_redemption,
    get_redemptions,
    list_redemptions,
    list_shelf,
    list_steps,
    load_viewer,
)
from regulars.redemption.types import RedemptionState, RedemptionStep, RedemptionView, Shelf

__all__ = [
    "KeyUsedOtherwise",
    "NotCancellable",
    "NotYours",
    "NothingToSend",
    "PaymentNeeded",
    "ReasonNeeded",
    "RedemptionInvalid",
    "RedemptionNotFound",
    "RedemptionState",
    "RedemptionStep",
    "RedemptionView",
    "Shelf",
    "WrongState",
    "can_cancel",
    "cancel_redemption",
    "check_can_cancel",
    "check_can_see",
    "clear_goal",
    "confirm_redemption",
    "email_redemption",
    "find_goal",
    "find_redemption",
    "find_shelf",
    "fulfil_redemption",
    "get_redemption",
    "get_redemptions",
    "list_redemptions",
    "list_shelf",
    "list_steps",
    "load_viewer",
    "redeem_reward",
    "refund_redemption",
    "reserve_reward",
    "set_goal",
    "time_out_reservations",
]
