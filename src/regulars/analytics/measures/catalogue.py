"""The measures that are figures: what each is made of, what it needs, and when the data cannot tell."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from regulars.analytics.codes import Measure, Unit, Unknown
from regulars.analytics.measures import churn, expiring, points, purchases, rewards, sales
from regulars.analytics.measures.limits import Limits
from regulars.analytics.types import Period
from regulars.facts.facade import Facts


@dataclass(frozen=True, slots=True)
class Definition:
    """How a measure is made.

    `rows` gives (window, member_id, numerator, denominator) for facts, windows and limits. `is_ratio`: the
    sum of numerators over that of denominators; else the sum of numerators. `is_now`: it is of the end of
    the facts, whatever the period, and has no trend.
    """

    unit: Unit
    rows: Callable[[Facts, Any, Limits], Any]
    is_ratio: bool = True
    is_now: bool = False
    needs_interval: bool = False
    needs_reward: bool = False
    is_money: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """What the list of members behind can be narrowed to: all, those who count, those who do not."""
        return ("", "yes", "no") if self.unit is Unit.SHARE and not self.is_money else ("",)


def _plain(rows: Callable[[Facts, Any], Any]) -> Callable[[Facts, Any, Limits], Any]:
    return lambda facts, windows, _limits: rows(facts, windows)


def _silence(rows: Callable[[Facts, Any, int], Any]) -> Callable[[Facts, Any, Limits], Any]:
    return lambda facts, windows, limits: rows(facts, windows, limits.interval.lapsed_after_days or 0)


def _price(rows: Callable[[Facts, Any, int], Any]) -> Callable[[Facts, Any, Limits], Any]:
    return lambda facts, windows, limits: rows(facts, windows, limits.cheapest or 0)


def _slipping(rows: Callable[[Facts, Any, int], Any]) -> Callable[[Facts, Any, Limits], Any]:
    return lambda facts, windows, limits: rows(facts, windows, limits.interval.slipping_after_days or 0)


DEFINITIONS: dict[Measure, Definition] = {
    Measure.MEMBERS_ACTIVE: Definition(Unit.MEMBERS, _plain(purchases.measure_active), is_ratio=False),
    Measure.MEMBERS_NEW: Definition(Unit.MEMBERS, _plain(purchases.measure_new), is_ratio=False),
    Measure.REPEAT_RATE: Definition(Unit.SHARE, _plain(purchases.measure_repeat)),
    Measure.FREQUENCY: Definition(Unit.RATIO, _plain(purchases.measure_frequency)),
    Measure.RETENTION_RATE: Definition(Unit.SHARE, _plain(purchases.measure_returning)),
    Measure.CHURN_RATE: Definition(Unit.SHARE, _silence(churn.measure_churn), needs_interval=True),
    Measure.LAPSED: Definition(Unit.SHARE, _silence(churn.measure_lapsed), needs_interval=True),
    Measure.SALES: Definition(Unit.MONEY, _plain(sales.measure_sales), is_ratio=False, is_money=True),
    Measure.BASKET_VALUE: Definition(Unit.MONEY, _plain(sales.measure_basket), is_money=True),
    Measure.MARGIN: Definition(Unit.SHARE, _plain(sales.measure_margin), is_money=True),
    Measure.POINTS_ISSUED: Definition(Unit.POINTS, _plain(points.measure_issued), is_ratio=False),
    Measure.POINTS_SPENT: Definition(Unit.POINTS, _plain(points.measure_spent), is_ratio=False),
    Measure.POINTS_EXPIRED: Definition(Unit.POINTS, _plain(points.measure_expired), is_ratio=False),
    Measure.OUTSTANDING_POINTS: Definition(Unit.POINTS, _plain(points.measure_outstanding), is_ratio=False),
    Measure.BURN_RATE: Definition(Unit.RATIO, _plain(points.measure_burn)),
    Measure.REDEMPTION_RATE: Definition(Unit.SHARE, _plain(points.measure_redemption)),
    Measure.CAN_AFFORD: Definition(
        Unit.SHARE, _price(rewards.measure_afford), is_now=True, needs_reward=True
    ),
    Measure.NEVER_REDEEMED: Definition(
        Unit.SHARE, _price(rewards.measure_never_redeemed), is_now=True, needs_reward=True
    ),
    Measure.EXPIRING_UNSEEN: Definition(
        Unit.SHARE, _slipping(expiring.measure_unseen), is_now=True, needs_interval=True
    ),
}


def sum_rows(rows: Any) -> Any:
    """A measure's rows as its figures: (window, population, numerator, denominator)."""
    return rows.group_by("window").agg(
        population=rows.count(),
        numerator=rows.numerator.sum().cast("int64"),
        denominator=rows.denominator.sum().cast("int64"),
    )


def find_obstacle(measure: Measure, limits: Limits, period: Period) -> Unknown | None:
    """Why the measure cannot be told of the period at all; None: it can be tried."""
    definition = DEFINITIONS[measure]
    if limits.first_day is None:
        return Unknown.NO_DATA
    if definition.is_money and len(limits.currencies) > 1:
        return Unknown.CURRENCIES_MIXED
    if definition.needs_interval and limits.interval.lapsed_after_days is None:
        return limits.interval.unknown or Unknown.TOO_FEW
    if definition.needs_reward and limits.cheapest is None:
        return Unknown.NO_REWARDS
    if not definition.is_now and (period.first - limits.first_day).days < _reach_back(
        measure, limits, period
    ):
        return Unknown.HISTORY_TOO_SHORT
    return None


def name_absence(measure: Measure) -> Unknown:
    """Why there is no value where nobody, or nothing, stands below the line."""
    if measure is Measure.MARGIN:
        return Unknown.COST_UNKNOWN
    return Unknown.NO_DATA if measure is Measure.BURN_RATE else Unknown.NOBODY


def _reach_back(measure: Measure, limits: Limits, period: Period) -> int:
    """How many days before the period the measure looks at."""
    if measure is Measure.CHURN_RATE:
        return (limits.interval.lapsed_after_days or 0) + 1
    return period.days if measure is Measure.RETENTION_RATE else 0
