"""What of activity goes into facts: orders, lines, returns and events, under who each member is now."""

from regulars.facts.facade import Extract
from regulars.members.facade import REWRITTEN, join_survivor, name_survivor

ORDERS = Extract(
    table="orders",
    source=f"activity_order o {join_survivor('o.member_id')}",
    columns={
        "order_id": "o.id",
        "member_id": name_survivor("o.member_id"),
        "occurred_at": "o.occurred_at",
        "currency": "o.currency",
        "amount": "o.amount",
        "lines_count": "o.lines_count",
        "store": "o.store",
        "channel": "o.channel",
    },
    written=("o",),
    owner="o.member_id",
    rewritten=REWRITTEN,
)
# Lines are written with their order; what is written to the order later, its returns, is no matter of theirs.
ORDER_LINES = Extract(
    table="order_lines",
    source=f"activity_orderline l JOIN activity_order o ON o.id = l.order_id {join_survivor('l.member_id')}",
    columns={
        "order_id": "l.order_id",
        "line_no": "l.line_no",
        "member_id": name_survivor("l.member_id"),
        "occurred_at": "o.occurred_at",
        "sku": "l.sku",
        "kind": "l.kind",
        "quantity": "l.quantity",
        "amount": "l.amount",
        "discount": "l.discount",
    },
    written=("l",),
    owner="l.member_id",
    rewritten=REWRITTEN,
)
RETURNS = Extract(
    table="returns",
    source=f"activity_return r {join_survivor('r.member_id')}",
    columns={
        "return_id": "r.id",
        "order_id": "r.order_id",
        "member_id": name_survivor("r.member_id"),
        "occurred_at": "r.occurred_at",
        "amount": "r.amount",
    },
    written=("r",),
    owner="r.member_id",
    rewritten=REWRITTEN,
)
EVENTS = Extract(
    table="events",
    source=f"activity_event e {join_survivor('e.member_id')}",
    columns={
        "event_id": "e.id",
        "member_id": name_survivor("e.member_id"),
        "occurred_at": "e.occurred_at",
        "kind": "e.kind",
        "sku": "e.attributes ->> 'sku'",
    },
    written=("e",),
    owner="e.member_id",
    rewritten=REWRITTEN,
)
EXTRACTS = (ORDERS, ORDER_LINES, RETURNS, EVENTS)
