"""Who buys, who comes back, how often.

Each function gives rows (window, member_id, numerator, denominator): the members that a figure is about,
and what each adds to it. A figure is their sum, so the members behind it are these rows and no others.
"""

from typing import Any

import ibis

from regulars.analytics.measures.basis import list_purchase_days
from regulars.analytics.measures.windows import place
from regulars.facts.facade import Facts

ONE = ibis.literal(1, "int64")


def list_buyers(facts: Facts, windows: Any) -> Any:
    """Buyers of each window (window, member_id, days, orders, amount)."""
    placed = place(list_purchase_days(facts), windows)
    return placed.group_by(["window", "member_id"]).agg(
        days=placed.count(),
        orders=placed.orders.sum().cast("int64"),
        amount=placed.amount.sum().cast("int64"),
    )


def measure_active(facts: Facts, windows: Any) -> Any:
    """Active members: those with a purchase in the period. A count; every member adds 1."""
    buyers = list_buyers(facts, windows)
    return buyers.select("window", "member_id", numerator=ONE, denominator=ONE)


def measure_new(facts: Facts, windows: Any) -> Any:
    """New buyers: those whose first purchase ever is in the period. A count."""
    orders = facts.orders
    firsts = orders.group_by("member_id").agg(occurred_on=orders.occurred_on.min())
    placed = place(firsts, windows)
    return placed.select("window", "member_id", numerator=ONE, denominator=ONE)


def measure_repeat(facts: Facts, windows: Any) -> Any:
    """Repeat purchase rate = buyers with purchases on two days or more ÷ buyers, both in the period.

    Source: the usual definition of retail (customers with a further purchase ÷ customers), on days instead of
    orders (`list_purchase_days` says why).
    """
    buyers = list_buyers(facts, windows)
    return buyers.select("window", "member_id", numerator=(buyers.days >= 2).cast("int64"), denominator=ONE)


def measure_frequency(facts: Facts, windows: Any) -> Any:
    """Purchase frequency = orders ÷ buyers, both in the period. Orders of a buyer; not per year."""
    buyers = list_buyers(facts, windows)
    return buyers.select("window", "member_id", numerator=buyers.orders, denominator=ONE)


def measure_returning(facts: Facts, windows: Any) -> Any:
    """Retention rate of the period = buyers of the period before who bought in this one ÷ buyers of the
    former.

    The period before has the same length and ends where this one begins.
    """
    length = windows["after"].delta(windows["first"], unit="day").cast("int64")
    before = windows.mutate(after=windows["first"], first=_move_back(windows["first"], length))
    base = list_buyers(facts, before).select("window", "member_id")
    again = list_buyers(facts, windows).select("window", "member_id", "days")
    joined = base.left_join(again, ["window", "member_id"])
    return joined.select(
        "window", "member_id", numerator=joined.days.notnull().cast("int64"), denominator=ONE
    )


def _move_back(day: Any, days: Any) -> Any:
    return (day - days.as_interval("D")).cast("date")
