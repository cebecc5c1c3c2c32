"""What crosses the door of facts."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ibis.backends import BaseBackend
    from ibis.expr.types import Table


@dataclass(frozen=True, slots=True)
class Facts:
    """The tables of `schemas.py` as Ibis tables on one engine; expressions over them may be combined freely.

    `as_of` is the last day they are complete for, in `time_zone`, the shop's own. Instants are UTC without a
    zone, to the microsecond. A table that nothing stands in is empty.
    """

    orders: "Table"
    order_lines: "Table"
    returns: "Table"
    events: "Table"
    ledger: "Table"
    redemptions: "Table"
    tier_changes: "Table"
    members: "Table"
    products: "Table"
    rewards: "Table"
    backend: "BaseBackend"
    as_of: date
    time_zone: str
