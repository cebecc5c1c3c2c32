"""The door of activity: what members bought, brought back and did.

Steps inside the caller's transaction (earning's), each telling of every row what became of it:
    record_orders(*, actor, now, batch: Sequence[OrderInput], known_members=None) -> list[RecordedOrder]
    record_returns(*, actor, now, batch: Sequence[ReturnInput]) -> list[RecordedReturn]
    record_events(*, actor, now, batch: Sequence[EventInput], known_members=None) -> list[RecordedEvent]

Reads
    get_order(order_id) -> OrderDetail                                     raises UnknownOrder
    find_order(external_id) -> OrderDetail | None
    find_order_owners(external_ids), find_event_owners(external_ids) -> dict[str, MemberId]
    list_orders(*, member_id, cursor=None, size=None) -> Page[OrderSummary]       latest first
    search_orders(text, size) -> list[OrderSummary]                               by the shop's number
    find_last_activity(member_ids) -> dict[MemberId, datetime]                    orders and events
    list_returns(*, order_id) -> list[ReturnSummary]
    get_orders(order_ids), get_returns(return_ids), get_events(event_ids) -> dict by id, constant queries
    list_events_of(*, member_ids, kinds, since) -> list[EventSummary]
    list_handled_products(*, member_ids, bought_since, viewed_since, until) -> list[HandledProduct]
    count_orders_before(member_ids, *, excluding=()) -> dict[MemberId, int]
    measure_return(*, bought_quantity, bought_amount, quantity, amount) -> (part, whole)     pure
"""

from regulars.activity.errors import (
    AlreadyHappened,
    EventKeyConflict,
    InvalidEvent,
    InvalidOrder,
    InvalidReturn,
    OrderKeyConflict,
    ReturnExceedsOrder,
    ReturnKeyConflict,
    UnknownLine,
    UnknownMember,
    UnknownOrder,
)
from regulars.activity.operations import record_events, record_orders, record_returns
from regulars.activity.policies import measure_return
from regulars.activity.queries import (
    count_orders_before,
    find_event_owners,
    find_last_activity,
    find_order,
    find_order_owners,
    get_events,
    get_order,
    get_order_summaries,
    get_orders,
    get_returns,
    list_events_of,
    list_handled_products,
    list_orders,
    list_returns,
    search_orders,
)
from regulars.activity.relations import RELATIONS
from regulars.activity.types import (
    EventInput,
    EventSummary,
    HandledProduct,
    LineInput,
    OrderDetail,
    OrderInput,
    OrderLine,
    OrderSummary,
    RecordedEvent,
    RecordedOrder,
    RecordedReturn,
    RecordStatus,
    ReturnedLine,
    ReturnInput,
    ReturnLineInput,
    ReturnSummary,
)

__all__ = [
    "RELATIONS",
    "AlreadyHappened",
    "EventInput",
    "EventKeyConflict",
    "EventSummary",
    "HandledProduct",
    "InvalidEvent",
    "InvalidOrder",
    "InvalidReturn",
    "LineInput",
    "OrderDetail",
    "OrderInput",
    "OrderKeyConflict",
    "OrderLine",
    "OrderSummary",
    "RecordStatus",
    "RecordedEvent",
    "RecordedOrder",
    "RecordedReturn",
    "ReturnExceedsOrder",
    "ReturnInput",
    "ReturnKeyConflict",
    "ReturnLineInput",
    "ReturnSummary",
    "ReturnedLine",
    "UnknownLine",
    "UnknownMember",
    "UnknownOrder",
    "count_orders_before",
    "find_event_owners",
    "find_last_activity",
    "find_order",
    "find_order_owners",
    "get_events",
    "get_order",
    "get_order_summaries",
    "get_orders",
    "get_returns",
    "list_events_of",
    "list_handled_products",
    "list_orders",
    "list_returns",
    "measure_return",
    "record_events",
    "record_orders",
    "record_returns",
    "search_orders",
]
