"""Usage interval: how long members stay away between purchases, and when that is too long.

Source: the usage interval of product analytics (the distribution of each user's median time between two
uses), on days of purchase. Silence that is still going on is not a gap yet and not counted: the limits are
a little low in a shop whose members leave quickly.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import ibis

from regulars.analytics.codes import Unknown
from regulars.analytics.measures.basis import list_purchase_days
from regulars.analytics.measures.windows import count_days
from regulars.analytics.types import Bucket, UsageInterval
from regulars.facts.facade import Facts

GAPS_MIN = 2
"""Gaps that a member must have had: of one, no one can say that it is usual."""
MEMBERS_MIN = 30
"""Members with gaps, below which a quantile of .95 stands on one or two of them."""
LAPSED_QUANTILE = 0.95
"""Of twenty times that members came back, nineteen were sooner. It is a warning and no certificate of
death: on the demonstration's real year (55 days), of those silent for longer one in two bought in the next
eight weeks, of those between slipping and lapsed four in five, of the rest 97 in 100
(docs/measures/lapsed.md).
"""
SLIPPING_QUANTILE = 0.8
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.8, 0.9, 0.95)
EDGES = (0, 2, 4, 7, 14, 21, 28, 42, 56, 84, 182)


def list_gaps(facts: Facts) -> Any:
    """Gaps between days of purchase (member_id, gap in days), of members with enough of them."""
    days = list_purchase_days(facts).select("member_id", "occurred_on")
    window = ibis.window(group_by="member_id", order_by="occurred_on")
    days = days.mutate(before=days.occurred_on.lag().over(window))
    days = days.filter(days.before.notnull())
    gaps = days.select("member_id", gap=count_days(days.occurred_on, days.before))
    gaps = gaps.mutate(gaps=gaps.count().over(ibis.window(group_by="member_id")))
    return gaps.filter(gaps.gaps >= GAPS_MIN)


def list_intervals(facts: Facts) -> Any:
    """Each member's usage interval (member_id, twice_median): twice the median gap, so that it is whole.

    The median is between the two middle gaps where their number is even. Engines interpolate in ways of their
    own; positions do not.
    """
    gaps = list_gaps(facts)
    ordered = ibis.window(group_by="member_id", order_by="gap")
    gaps = gaps.mutate(place=ibis.row_number().over(ordered).cast("int64"))
    low = (gaps.gaps - 1).floordiv(2).cast("int64")
    high = gaps.gaps.floordiv(2).cast("int64")
    parts = gaps.mutate(
        part=(gaps.place == low).cast("int64") * gaps.gap + (gaps.place == high).cast("int64") * gaps.gap
    )
    return parts.group_by("member_id").agg(twice_median=parts.part.sum().cast("int64"))


def spread_gaps(facts: Facts) -> Any:
    """How gaps are spread (gap, weight): each member weighs 1, shared out evenly over the member's gaps."""
    gaps = list_gaps(facts)
    counted = gaps.group_by(["gap", "gaps"]).agg(times=gaps.count())
    return counted.select("gap", "gaps", "times")


def measure_interval(facts: Facts) -> UsageInterval:
    """The shop's usage interval and the limits that follow from it. Runs two queries."""
    intervals = list_intervals(facts)
    spread = intervals.group_by("twice_median").agg(members=intervals.count()).order_by("twice_median")
    medians = [(row["twice_median"] / 2, row["members"]) for row in spread.to_pyarrow().to_pylist()]
    members = sum(count for _days, count in medians)
    if members < MEMBERS_MIN:
        return UsageInterval(members, unknown=Unknown.TOO_FEW if members else Unknown.NO_DATA)
    weights = [
        (row["gap"], row["times"] / row["gaps"]) for row in spread_gaps(facts).to_pyarrow().to_pylist()
    ]
    return UsageInterval(
        members=members,
        median_days=find_quantile(medians, 0.5),
        quantiles=tuple((share, find_quantile(medians, share)) for share in QUANTILES),
        buckets=_fill_buckets(medians),
        lapsed_after_days=int(find_quantile(weights, LAPSED_QUANTILE)),
        slipping_after_days=int(find_quantile(weights, SLIPPING_QUANTILE)),
        lapsed_quantile=LAPSED_QUANTILE,
        slipping_quantile=SLIPPING_QUANTILE,
    )


def find_quantile(weights: Sequence[tuple[float, float]], share: float) -> float:
    """The smallest value up to which at least `share` of the weight lies. Of a hair less, as sums of floats
    are.
    """
    total = sum(weight for _value, weight in weights)
    reached = 0.0
    ordered = sorted(weights)
    for value, weight in ordered:
        reached += weight
        if reached >= share * total * (1 - 1e-9):
            return value
    return ordered[-1][0]


def _fill_buckets(medians: Sequence[tuple[float, int]]) -> tuple[Bucket, ...]:
    edges: list[tuple[float, float | None]] = [*pairwise(EDGES), (EDGES[-1], None)]
    return tuple(
        Bucket(low, high, sum(n for days, n in medians if low <= days and (high is None or days < high)))
        for low, high in edges
    )
