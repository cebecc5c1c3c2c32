"""The door of the demonstration: a real year of purchases, run through the same operations as a shop's own."""

from collections.abc import Callable
from datetime import datetime

from regulars.demo import operations, queries
from regulars.demo.errors import DatasetMissing, NotForDemo
from regulars.demo.types import DemoProgress, DemoReport, DemoTotals, SignIn

__all__ = [
    "DatasetMissing",
    "DemoProgress",
    "DemoReport",
    "DemoTotals",
    "NotForDemo",
    "SignIn",
    "load_demo",
]


def load_demo(
    *, now: datetime, on_progress: Callable[[DemoProgress], None] = lambda progress: None
) -> DemoReport:
    """Load The Complete Journey, or find it loaded, and tell what is there.

    The year is moved by whole weeks so that it ends yesterday, or at most six days before; the move is
    settled at the first start and stays. Loading is a row of transactions, a few for each week; a run that was
    killed goes on where it was. Must not run twice at once.
    Raises DatasetMissing, and NotForDemo where there are members of somebody else's.
    """
    fresh = operations.load(now=now, on_progress=on_progress)
    queries.ensure_operator(now)
    return queries.get_report(now=now, fresh=fresh)
