"""The door of redemption: points in, rewards out.

`redeem_reward`, `reserve_reward`, `confirm_redemption`, `hand_over`, `drop_rest`, `fulfil_redemption`,
`cancel_redemption` and `write_note` are one durable transaction each.
"""

from regulars.redemption.demand import Attachment, Demand, count_attached, count_demand
from regulars.redemption.errors import (
    AlreadyHandedOver,
    CodeExpired,
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
from regulars.redemption.fulfilment import (
    COUNT_MAX,
    count_queue,
    find_at_counter,
    list_fulfilments,
    list_notes,
    list_notes_of,
    list_queue,
)
from regulars.redemption.operations.goals import clear_goal, set_goal
from regulars.redemption.operations.handing import drop_rest, fulfil_redemption, hand_over
from regulars.redemption.operations.moving import (
    cancel_redemption,
    confirm_redemption,
    time_out_reservations,
)
from regulars.redemption.operations.noting import write_note
from regulars.redemption.operations.opening import redeem_reward, reserve_reward
from regulars.redemption.operations.refunding import refund_redemption
from regulars.redemption.operations.sending import email_redemption
from regulars.redemption.policies import (
    NOTE_MAX,
    bound_units,
    can_cancel,
    check_can_cancel,
    check_can_see,
    find_shelf,
    find_verdict,
    split_refund,
)
from regulars.redemption.queries import (
    count_goals,
    find_goal,
    find_redemption,
    get_redemption,
    get_redemptions,
    list_redemptions,
    list_shelf,
    list_steps,
    load_viewer,
    name_redemptions,
)
from regulars.redemption.relations import RELATIONS
from regulars.redemption.types import (
    CounterVerdict,
    FulfilmentKind,
    FulfilmentView,
    QueueFilter,
    QueueStatus,
    RedemptionNote,
    RedemptionState,
    RedemptionStep,
    RedemptionView,
    Shelf,
    UnitsBound,
)

__all__ = [
    "COUNT_MAX",
    "NOTE_MAX",
    "RELATIONS",
    "AlreadyHandedOver",
    "Attachment",
    "CodeExpired",
    "CounterVerdict",
    "Demand",
    "FulfilmentKind",
    "FulfilmentView",
    "KeyUsedOtherwise",
    "NotCancellable",
    "NotYours",
    "NothingToSend",
    "PaymentNeeded",
    "QueueFilter",
    "QueueStatus",
    "ReasonNeeded",
    "RedemptionInvalid",
    "RedemptionNotFound",
    "RedemptionNote",
    "RedemptionState",
    "RedemptionStep",
    "RedemptionView",
    "Shelf",
    "UnitsBound",
    "WrongState",
    "bound_units",
    "can_cancel",
    "cancel_redemption",
    "check_can_cancel",
    "check_can_see",
    "clear_goal",
    "confirm_redemption",
    "count_attached",
    "count_demand",
    "count_goals",
    "count_queue",
    "drop_rest",
    "email_redemption",
    "find_at_counter",
    "find_goal",
    "find_redemption",
    "find_shelf",
    "find_verdict",
    "fulfil_redemption",
    "get_redemption",
    "get_redemptions",
    "hand_over",
    "list_fulfilments",
    "list_notes",
    "list_notes_of",
    "list_queue",
    "list_redemptions",
    "list_shelf",
    "list_steps",
    "load_viewer",
    "name_redemptions",
    "redeem_reward",
    "refund_redemption",
    "reserve_reward",
    "set_goal",
    "split_refund",
    "time_out_reservations",
    "write_note",
]
