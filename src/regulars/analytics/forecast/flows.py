"""Points by the week they were given in, the week they lapse in, and the weeks in which they went."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
from numpy.typing import NDArray

from regulars.analytics.lastday import find_last_day
from regulars.facts.facade import Facts

if TYPE_CHECKING:
    from ibis.expr.types import Table

Numbers = NDArray[np.float64]
Weeks = NDArray[np.int64]
DAYS = 7
EPOCH = date(1970, 1, 1)
NEVER = 1_000_000
"""The week in which points lapse that do not."""
SPENDABLE = "points"
GIVERS = ("issued", "adjusted", "transferred")
"""Accounts of the programme that new lots come from; what a refund gives back goes to old ones."""


class Cause(IntEnum):
    """Why points went. What a reversal, a transfer or a correction took is `WITHDRAWN`; back is negative."""

    SPENT = 0
    EXPIRED = 1
    WITHDRAWN = 2


@dataclass(frozen=True, slots=True)
class Flows:
    """Weeks are counted from `origin`; week `weeks` is the first of which nothing is known.

    `opened` has a row for each (week given, week of expiry): amounts beside. `gone_*` likewise with the week
    and the cause. Points are opened − gone.
    """

    origin: date
    weeks: int
    opened_week: Weeks
    opened_expiry: Weeks
    opened_amount: Numbers
    gone_opened: Weeks
    gone_expiry: Weeks
    gone_week: Weeks
    gone_cause: Weeks
    gone_amount: Numbers

    def until(self, week: int) -> "Flows":
        """What was known before a week began."""
        given, gone = self.opened_week < week, self.gone_week < week
        return Flows(
            self.origin,
            week,
            self.opened_week[given],
            self.opened_expiry[given],
            self.opened_amount[given],
            self.gone_opened[gone],
            self.gone_expiry[gone],
            self.gone_week[gone],
            self.gone_cause[gone],
            self.gone_amount[gone],
        )

    def sum_given(self) -> Numbers:
        """Points given in each week."""
        given: Numbers = np.bincount(self.opened_week, self.opened_amount, self.weeks).astype(np.float64)
        return given

    def sum_gone(self, cause: Cause) -> Numbers:
        """Points that went for a cause: weeks given × weeks gone."""
        chosen = self.gone_cause == cause
        place = self.gone_opened[chosen] * self.weeks + self.gone_week[chosen]
        summed: Numbers = np.bincount(place, self.gone_amount[chosen], self.weeks**2).astype(np.float64)
        return summed.reshape(self.weeks, self.weeks)

    @property
    def outstanding(self) -> float:
        """Points that are left."""
        return float(self.opened_amount.sum() - self.gone_amount.sum())


def read_flows(facts: Facts) -> Flows | None:
    """From the ledger's lots and what debits took of them; None where no points were ever given.

    Points that wait count as given, points set aside for a reward as spent until they are released. An expiry
    that was carried forward counts from where it is now.
    """
    ledger = facts.ledger.filter(facts.ledger.currency == SPENDABLE)
    last = find_last_day(facts) or facts.as_of
    ledger = ledger.filter(ledger.occurred_on <= ibis.literal(last))
    first = ledger.occurred_on.min().to_pyarrow().as_py()
    if first is None:
        return None
    weeks = -(-((last - first).days + 1) // DAYS)
    origin = last + timedelta(days=1) - timedelta(days=DAYS * weeks)
    lots = find_lots(ledger, origin)
    opened = lots.group_by("opened_week", "expiry_week").agg(amount=lots.amount.sum()).to_pyarrow()
    taken = find_taken(ledger, origin)
    joined = taken.inner_join(lots.drop("amount"), ["member_id", "lot"])
    by = ("opened_week", "expiry_week", "week", "cause")
    gone = joined.group_by(*by).agg(amount=joined.amount.sum()).to_pyarrow()
    opened_week, opened_expiry = (_read(opened, name) for name in ("opened_week", "expiry_week"))
    gone_opened, gone_expiry, gone_week, gone_cause = (_read(gone, name) for name in by)
    return Flows(
        origin,
        weeks,
        opened_week,
        opened_expiry,
        _read(opened, "amount").astype(np.float64),
        gone_opened,
        gone_expiry,
        np.maximum(gone_week, gone_opened),
        gone_cause,
        _read(gone, "amount").astype(np.float64),
    )


def _week(day: Any, origin: date) -> Any:
    """The number of the week a day is in."""
    number = day.delta(ibis.literal(EPOCH), unit="day").cast("int64") - (origin - EPOCH).days
    return (number / DAYS).floor().cast("int64")


def find_lots(ledger: "Table", origin: date) -> "Table":
    """Every lot with the weeks of its opening and expiry: lots are named by the entry that gave them."""
    given = ledger.filter(ledger.debit.isin(GIVERS), ledger.credit.isin(["active", "pending"]))
    started = ledger.filter(ledger.kind == "activate")
    started = started.select("member_id", lot=started.refers_to, started_until=started.expires_at)
    carried = ledger.filter(ledger.kind == "extend")
    carried = carried.select("member_id", "expires_at", lot=carried.lots.unnest())
    carried = carried.group_by("member_id", "lot").agg(carried_until=carried.expires_at.max())
    lots = given.select("member_id", "amount", "expires_at", lot=given.seq, opened=given.occurred_on)
    for other in (started, carried):
        lots = lots.left_join(other, ["member_id", "lot"]).drop("member_id_right", "lot_right")
    until = ibis.coalesce(lots.carried_until, lots.started_until, lots.expires_at)
    return lots.select(
        "member_id",
        "lot",
        "amount",
        opened_week=_week(lots.opened, origin),
        expiry_week=_week(until.date(), origin).fill_null(NEVER),
    )


def find_taken(ledger: "Table", origin: date) -> "Table":
    """What each entry took from each lot; what it gave back is negative."""
    moved = ledger.filter(
        ledger.lots.notnull(), ledger.kind.notin(["activate", "extend", "capture", "restore"])
    )
    pair = moved.lots.zip(moved.lot_amounts).unnest()
    moved = moved.select("member_id", "occurred_on", "debit", "credit", pair=pair)
    lot, amount = (moved.pair[name] for name in moved.pair.names)
    back = moved.debit.isin(["spent", "held", "expired", "transferred", "reversed"]) & (
        moved.credit == "active"
    )
    spent = moved.debit.isin(["spent", "held"]) | moved.credit.isin(["spent", "held"])
    expired = (moved.debit == "expired") | (moved.credit == "expired")
    cause = ibis.cases((spent, int(Cause.SPENT)), (expired, int(Cause.EXPIRED)), else_=int(Cause.WITHDRAWN))
    return moved.select(
        "member_id",
        lot=lot,
        amount=ibis.ifelse(back, -amount, amount),
        week=_week(moved.occurred_on, origin),
        cause=cause.cast("int64"),
    )


def _read(table: Any, name: str) -> Weeks:
    values: Weeks = table.column(name).to_numpy().astype(np.int64)
    return values
