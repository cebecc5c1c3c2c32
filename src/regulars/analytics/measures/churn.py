"""Who has left: by the shop's own measure of silence (`intervals.py`), never by a guessed number of days."""

from typing import Any

import ibis

from regulars.analytics.measures.basis import list_purchase_days
from regulars.analytics.measures.purchases import ONE
from regulars.facts.facade import Facts


def measure_churn(facts: Facts, windows: Any, lapsed_after_days: int) -> Any:
    """Churn rate = those of them who had lapsed when it ended ÷ members who had not when the period began.

    A member has lapsed at the end of a day if the last purchase is more than `lapsed_after_days` before
    that day.
    """
    days = list_purchase_days(facts)
    reach = ibis.interval(days=lapsed_after_days + 1)
    start = (windows["first"] - reach).cast("date")
    end = (windows["after"] - reach).cast("date")
    bounds = windows.mutate(start=start, end=end)
    joined = days.join(bounds, [days.occurred_on >= bounds.start, days.occurred_on < bounds["after"]])
    seen = joined.group_by(["window", "member_id"]).agg(
        before=(joined.occurred_on < joined["first"]).cast("int64").sum(),
        lately=(joined.occurred_on >= joined.end).cast("int64").sum(),
    )
    base = seen.filter(seen.before > 0)
    return base.select("window", "member_id", numerator=(base.lately == 0).cast("int64"), denominator=ONE)


def measure_lapsed(facts: Facts, windows: Any, lapsed_after_days: int) -> Any:
    """Lapsed members = silent for longer than the limit at the end of the period ÷ all who ever bought by
    then.
    """
    orders = facts.orders
    joined = orders.join(windows, orders.occurred_on < windows["after"])
    last = joined.group_by(["window", "member_id", "after"]).agg(last=joined.occurred_on.max())
    limit = (last["after"] - ibis.interval(days=lapsed_after_days + 1)).cast("date")
    return last.select("window", "member_id", numerator=(last["last"] < limit).cast("int64"), denominator=ONE)
