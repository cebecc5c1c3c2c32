"""Writes of earning: activity in, points out; one transaction a batch.

Lock order, the same for all: rows and keys of activity, members' tier status, members' points wallets
(each ascending; the ledger takes further wallets of the same members after them), counters, budgets.
"""

from regulars.earning.operations.birthdays import submit_birthdays
from regulars.earning.operations.corrections import reverse_award
from regulars.earning.operations.events import submit_events
from regulars.earning.operations.giving import give_points
from regulars.earning.operations.merging import merge_members, undo_merge
from regulars.earning.operations.orders import submit_orders
from regulars.earning.operations.returns import submit_returns

__all__ = [
    "give_points",
    "merge_members",
    "reverse_award",
    "submit_birthdays",
    "submit_events",
    "submit_orders",
    "submit_returns",
    "undo_merge",
]
