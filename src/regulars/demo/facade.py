"""The door of the demonstration: a real year of purchases, run through the operations of a shop's own."""

from datetime import datetime

from regulars.demo import operations, queries
from regulars.demo.errors import DatasetMissing, NotForDemo
from regulars.demo.types import DemoProgress, DemoReport, DemoTotals, OnProgress, SignIn
from regulars.kit.actor import SYSTEM
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.tiers import facade as tiers

__all__ = [
    "DatasetMissing",
    "DemoProgress",
    "DemoReport",
    "DemoTotals",
    "NotForDemo",
    "OnProgress",
    "SignIn",
    "is_loaded",
    "load_demo",
]


def is_loaded() -> bool:
    """Whether everything has been loaded: then `load_demo` takes a moment only."""
    return queries.is_loaded()


def load_demo(*, now: datetime, on_progress: OnProgress | None = None) -> DemoReport:
    """Load The Complete Journey, or find it loaded, and tell what is there.

    The year is moved by whole weeks so that it ends yesterday, or at most six days before; the move is
    settled at the first start and stays. Loading is a row of transactions, a few for each week; a run that
    was killed goes on where it was. Must not run twice at once.
    Raises DatasetMissing, and NotForDemo where there are members of somebody else's.
    """
    fresh = operations.load(now=now, on_progress=on_progress or _ignore)
    # What the worker does every few minutes: the first look at the list of members need not wait for it.
    ledger.note_points()
    tiers.note_ranks(now=now)
    if members.find_registration() is None:
        members.set_registration(actor=SYSTEM, now=now, is_open=True)
    queries.ensure_operator(now)
    return queries.get_report(now=now, fresh=fresh)


def _ignore(progress: DemoProgress) -> None:
    """Nobody watches."""
