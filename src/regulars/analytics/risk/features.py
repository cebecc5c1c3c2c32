"""What a member's purchases up to a day say of whether they will come back, and what came of it."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import ibis
import numpy as np
from numpy.typing import NDArray

from regulars.analytics.risk.knowledge import cut_off
from regulars.facts.facade import Facts

if TYPE_CHECKING:
    from ibis.expr.types import Table

Numbers = NDArray[np.float64]
Members = NDArray[np.int64]
WINDOWS = (7, 14, 28, 56, 84, 182)
"""Days before the cut-off within which visits and spend are counted."""


class Cause(StrEnum):
    """Plain reasons of a risk: features that say the same in several ways are one reason."""

    SILENCE = "silence"
    RHYTHM = "rhythm"
    VISITS = "visits"
    TREND = "trend"
    SPEND = "spend"
    BASKET = "basket"
    DISCOUNTS = "discounts"
    TENURE = "tenure"
    ENGAGEMENT = "engagement"


FEATURES: dict[str, Cause] = {
    "silent_days": Cause.SILENCE,
    "silence_to_mean": Cause.SILENCE,
    "silence_to_median": Cause.SILENCE,
    "silence_to_longest": Cause.SILENCE,
    "gap_median": Cause.RHYTHM,
    "gap_mean": Cause.RHYTHM,
    "gap_longest": Cause.RHYTHM,
    "gap_spread": Cause.RHYTHM,
    "visits": Cause.VISITS,
    **{f"visits_{days}": Cause.VISITS for days in WINDOWS},
    "visits_trend": Cause.TREND,
    "visits_trend_long": Cause.TREND,
    "spent": Cause.SPEND,
    **{f"spent_{days}": Cause.SPEND for days in WINDOWS},
    "lines_per_visit": Cause.BASKET,
    "orders_per_visit": Cause.BASKET,
    "discount_share": Cause.DISCOUNTS,
    "tenure_days": Cause.TENURE,
    "events_28": Cause.ENGAGEMENT,
    "redemptions": Cause.ENGAGEMENT,
}
"""Every feature, in the order of the columns, and the reason it belongs to."""

FIGURES: dict[Cause, str] = {
    Cause.SILENCE: "silent_days",
    Cause.RHYTHM: "gap_median",
    Cause.VISITS: "visits_84",
    Cause.TREND: "visits_trend",
    Cause.SPEND: "spent_84",
    Cause.BASKET: "lines_per_visit",
    Cause.DISCOUNTS: "discount_share",
    Cause.TENURE: "tenure_days",
    Cause.ENGAGEMENT: "events_28",
}
"""The member's own figure that is told with each reason."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Members who had bought before a day: a row each, features in the order of `FEATURES`; NaN: none."""

    before: date
    members: Members
    features: Numbers


def build_features(facts: Facts, before: date) -> "Table":
    """The features of everybody who bought before a day, from what was known then: one row a member.

    A visit is a day with a purchase; money is in minor units. Shares and ratios add one below, so that no
    division is by nought.
    """
    known = cut_off(facts, before)
    visits = known.orders.group_by("member_id", "occurred_on").agg(
        amount=known.orders.amount.sum(),
        orders=known.orders.count(),
        lines=known.orders.lines_count.sum(),
    )
    ordered = ibis.window(group_by="member_id", order_by="occurred_on")
    # Days as whole numbers: engines differ in what a difference of dates is.
    number = visits.occurred_on.delta(ibis.literal(date(1970, 1, 1)), unit="day")
    visits = visits.mutate(day=number.cast("int64"))
    visits = visits.mutate(gap=(visits.day - visits.day.lag().over(ordered)).cast("float64"))
    now = (before - date(1970, 1, 1)).days
    counted = {f"visits_{days}": (visits.day >= now - days).cast("int64").sum() for days in WINDOWS}
    spent = {f"spent_{days}": visits.amount.sum(where=visits.day >= now - days) for days in WINDOWS}
    table = visits.group_by("member_id").agg(
        silent_days=now - visits.day.max(),
        tenure_days=now - visits.day.min(),
        visits=visits.count(),
        spent=visits.amount.sum(),
        gap_median=visits.gap.median(),
        gap_mean=visits.gap.mean(),
        gap_longest=visits.gap.max(),
        gap_spread=visits.gap.std(how="pop"),
        lines=visits.lines.sum(),
        orders=visits.orders.sum(),
        **counted,
        **spent,
    )
    table = _add_rest(table, known, before)
    return table.select("member_id", **{name: table[name].cast("float64") for name in FEATURES})


def _add_rest(table: "Table", known: Facts, before: date) -> "Table":
    lines, events, taken = known.order_lines, known.events, known.redemptions
    discounts = lines.group_by("member_id").agg(discount=lines.discount.sum())
    lately = events.filter(events.occurred_on >= ibis.literal(before - timedelta(days=28)))
    events_28 = lately.group_by("member_id").agg(events_28=lately.count())
    redemptions = taken.group_by("member_id").agg(redemptions=taken.count())
    for other in (discounts, events_28, redemptions):
        table = table.left_join(other, "member_id").drop("member_id_right")
    return table.mutate(
        silence_to_mean=table.silent_days / (table.gap_mean + 1),
        silence_to_median=table.silent_days / (table.gap_median + 1),
        silence_to_longest=table.silent_days / (table.gap_longest + 1),
        visits_trend=table.visits_28 * 3.0 / (table.visits_84 + 1),
        visits_trend_long=table.visits_56 * 3.25 / (table.visits_182 + 1),
        lines_per_visit=table.lines / table.visits,
        orders_per_visit=table.orders / table.visits,
        discount_share=table.discount.fill_null(0) / (table.spent + table.discount.fill_null(0) + 1),
        events_28=table.events_28.fill_null(0),
        redemptions=table.redemptions.fill_null(0),
        **{f"spent_{days}": table[f"spent_{days}"].fill_null(0) for days in WINDOWS},
    )


def read_examples(facts: Facts, before: date) -> Examples:
    """The features as arrays, by ascending member."""
    found = build_features(facts, before).order_by("member_id").to_pyarrow()
    columns = [found.column(name).to_numpy(zero_copy_only=False).astype(np.float64) for name in FEATURES]
    members = found.column("member_id").to_numpy().astype(np.int64)
    return Examples(before, members, np.column_stack(columns))


def read_labels(facts: Facts, examples: Examples, days: int) -> NDArray[np.bool_]:
    """Whether each bought nothing from the cut-off on, for so many days."""
    orders = facts.orders
    orders = orders.filter(
        orders.occurred_on >= ibis.literal(examples.before),
        orders.occurred_on < ibis.literal(examples.before + timedelta(days=days)),
    )
    came = orders.select("member_id").distinct().to_pyarrow().column("member_id").to_numpy()
    silent: NDArray[np.bool_] = ~np.isin(examples.members, came)
    return silent
