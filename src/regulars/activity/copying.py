"""What of orders goes into a member's copy of their data. Returns and events are on their timeline."""

from collections.abc import Iterator
from typing import Any

from regulars.activity.queries import get_orders, list_orders
from regulars.kit.ids import MemberId

READ_AT_ONCE = 100


def read_orders(member_id: MemberId) -> Iterator[dict[str, Any]]:
    """Every order with its lines, latest first; amounts in minor units of its currency."""
    cursor = None
    while True:
        page = list_orders(member_id=member_id, cursor=cursor, size=READ_AT_ONCE)
        details = get_orders([order.id for order in page.items])
        for order in page.items:
            yield {
                "id": order.external_id,
                "occurred_at": order.occurred_at,
                "currency": order.currency,
                "amount": order.amount,
                "returned_amount": order.returned_amount,
                "store": order.store,
                "channel": order.channel,
                "attributes": dict(order.attributes),
                "lines": [
                    {"sku": line.sku, "quantity": line.quantity, "amount": line.amount}
                    for line in details[order.id].lines
                ],
            }
        cursor = page.next_cursor
        if cursor is None:
            return
