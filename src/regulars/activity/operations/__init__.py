"""Writes of activity: steps inside the transaction of whoever submits.

Locks, in order: rows of `activity_order` that returns name (ascending id), then keys of new rows
(ascending external id; events by member, kind, occasion, external id). Whoever takes part in a longer
transaction takes these before tier standings and wallets.
"""

from regulars.activity.operations.events import record_events
from regulars.activity.operations.orders import record_orders
from regulars.activity.operations.returns import record_returns

__all__ = ["record_events", "record_orders", "record_returns"]
