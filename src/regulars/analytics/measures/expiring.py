"""Points that will lapse soon, and whether those who hold them will see it coming."""

from datetime import timedelta
from typing import Any

import ibis

from regulars.analytics.forecast.flows import find_lots, find_taken
from regulars.analytics.measures.basis import list_people
from regulars.analytics.measures.points import SPENDABLE
from regulars.analytics.measures.purchases import ONE
from regulars.facts.facade import Facts

WEEKS_AHEAD = 4


def list_expiring(facts: Facts) -> Any:
    """What lapses in the next four weeks unless it is spent (member_id, points), from the lots that are
    left.
    """
    ledger = facts.ledger.filter(facts.ledger.currency == SPENDABLE)
    tomorrow = facts.as_of + timedelta(days=1)
    lots = find_lots(ledger, tomorrow)
    taken = find_taken(ledger, tomorrow).group_by(["member_id", "lot"]).agg(taken=ibis._.amount.sum())
    due = lots.filter(lots.expiry_week >= 0, lots.expiry_week < WEEKS_AHEAD)
    left = due.left_join(taken, ["member_id", "lot"])
    left = left.select("member_id", left=left.amount - left.taken.fill_null(ibis.literal(0, "int64")))
    sums = left.group_by("member_id").agg(points=left.left.sum().cast("int64"))
    return sums.filter(sums.points > 0)


def measure_unseen(facts: Facts, windows: Any, slipping_after_days: int) -> Any:
    """Expiring unseen = those of them silent for longer than is usual ÷ members with points that lapse in
    four weeks.

    Usual is the shop's own limit of slipping (`intervals.py`): who comes as usual sees the points at the
    till. Now is the end of the facts, whatever the period.
    """
    orders = facts.orders
    limit = ibis.date(facts.as_of - timedelta(days=slipping_after_days))
    last = orders.group_by("member_id").agg(last=orders.occurred_on.max())
    holders = list_expiring(facts).semi_join(list_people(facts), "member_id")
    both = holders.left_join(last, "member_id")
    silent = both["last"].isnull() | (both["last"] < limit)
    one = windows.filter(windows.window == 0).select("window")
    rows = both.select("member_id", "points", numerator=silent.cast("int64"), denominator=ONE)
    return rows.cross_join(one)
