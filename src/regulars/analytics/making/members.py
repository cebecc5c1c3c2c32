"""What is measured of each member, as one table."""

from typing import Any

import ibis

from regulars.analytics.measures.basis import list_people, list_purchase_days
from regulars.analytics.measures.intervals import list_intervals
from regulars.analytics.measures.limits import Limits
from regulars.analytics.measures.points import list_balances
from regulars.analytics.measures.rfm import hold_looks, list_rfm, score_rfm
from regulars.analytics.measures.segments import label_at
from regulars.facts.facade import Facts

COLUMNS = (
    "member_id",
    "r_score",
    "f_score",
    "m_score",
    "segment",
    "usage_interval_days",
    "first_order_on",
    "last_order_on",
    "orders_count",
    "spent_minor",
    "lapsed",
    "can_afford_now",
)


def list_measures(facts: Facts, limits: Limits) -> Any:
    """All members who are still somebody, with `COLUMNS`; null where the data cannot tell. One query.

    With several currencies, what was spent is not added up.
    """
    people = list_people(facts).select("member_id")
    table = people.left_join(_list_totals(facts), "member_id").drop("member_id_right")
    scored = score_rfm(list_rfm(facts, hold_looks([facts.as_of])))
    scored = scored.select("member_id", "r_score", "f_score", "m_score", "recency_days")
    table = table.left_join(scored, "member_id").drop("member_id_right")
    table = table.left_join(list_intervals(facts), "member_id").drop("member_id_right")
    table = table.left_join(list_balances(facts), "member_id").drop("member_id_right")
    table = table.left_join(_list_segments(facts, limits), "member_id").drop("member_id_right")
    lapsed_after, cheapest = limits.interval.lapsed_after_days, limits.cheapest
    no_flag = ibis.null("boolean")
    nought = ibis.literal(0, "int64")
    spent = table.paid.fill_null(nought) - table.returned.fill_null(nought)
    return table.mutate(
        usage_interval_days=table.twice_median.cast("float64") / 2.0,
        orders_count=table.orders_count.fill_null(nought),
        spent_minor=spent if len(limits.currencies) < 2 else nought,
        lapsed=no_flag if lapsed_after is None else table.recency_days > lapsed_after,
        can_afford_now=no_flag if cheapest is None else table.balance.fill_null(nought) >= cheapest,
    ).select(*COLUMNS)


def _list_totals(facts: Facts) -> Any:
    days, back = list_purchase_days(facts), facts.returns
    bought = days.group_by("member_id").agg(
        first_order_on=days.occurred_on.min(),
        last_order_on=days.occurred_on.max(),
        orders_count=days.orders.sum().cast("int64"),
        paid=days.amount.sum().cast("int64"),
    )
    returned = back.group_by("member_id").agg(returned=back.amount.sum().cast("int64"))
    return bought.left_join(returned, "member_id").drop("member_id_right")


def _list_segments(facts: Facts, limits: Limits) -> Any:
    if limits.interval.lapsed_after_days is None:
        empty = list_people(facts).filter(ibis.literal(value=False))
        return empty.select("member_id", segment=ibis.null("string"))
    return label_at(facts, [facts.as_of], limits.interval).select("member_id", "segment")
