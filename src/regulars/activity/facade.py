"""The door of activity: what members bought, brought back and did.

    record_orders(*, actor, now, batch: Sequence[OrderInput]) -> list[RecordedOrder]
    record_returns(*, actor, now, batch: Sequence[ReturnInput]) -> list[RecordedReturn]
    record_events(*, actor, now, batch: Sequence[EventInput]) -> list[RecordedEvent]
    get_order(order_id) -> OrderDetail                      raises UnknownOrder
    find_order(external_id) -> OrderDetail | None
    list_orders(*, member_id, cursor=None, size=None) -> Page[OrderSummary]       newest first
    list_returns(*, order_id) -> list[ReturnSummary]
    get_orders(order_ids) / get_returns(return_ids) / get_events(event_ids) -> dict by id
    count_orders_before(member_ids, *, excluding=()) -> dict[MemberId, int]
"""
