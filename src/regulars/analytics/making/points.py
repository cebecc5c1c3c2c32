"""Points: what moved, what is outstanding, how rewards and tiers are used."""

from regulars.analytics.codes import Measure, Unit, Unknown
from regulars.analytics.measures.catalogue import sum_rows
from regulars.analytics.measures.figures import make_figures
from regulars.analytics.measures.limits import Limits
from regulars.analytics.measures.points import list_movements, measure_outstanding
from regulars.analytics.measures.rewards import list_reward_use, measure_time_to_reward
from regulars.analytics.measures.tiers import count_tier_moves
from regulars.analytics.measures.windows import hold_windows, place
from regulars.analytics.types import Figure, Period, PointsMonth, PointsReport, SurvivalPoint, TierMove
from regulars.facts.facade import Facts
from regulars.kit.clock import add_months

FIGURES = (
    Measure.OUTSTANDING_POINTS,
    Measure.POINTS_ISSUED,
    Measure.POINTS_SPENT,
    Measure.POINTS_EXPIRED,
    Measure.BURN_RATE,
    Measure.REDEMPTION_RATE,
    Measure.CAN_AFFORD,
    Measure.NEVER_REDEEMED,
    Measure.EXPIRING_UNSEEN,
)


def make_points(facts: Facts, period: Period, limits: Limits) -> PointsReport:
    """Put the points of a period together."""
    figures = make_figures(facts, period, FIGURES, limits)
    waited, survival = find_time_to_reward(facts, period)
    moves = count_tier_moves(facts, period).order_by(["before", "after"]).to_pyarrow().to_pylist()
    return PointsReport(
        period=period,
        as_of=facts.as_of,
        figures=(*figures, waited),
        months=find_months(facts, period),
        survival=survival,
        rewards=list_reward_use(facts, hold_windows([period])),
        tiers=tuple(TierMove(row["before"], row["after"], row["members"]) for row in moves),
        unknown=Unknown.NO_DATA if limits.first_day is None else None,
    )


def find_time_to_reward(facts: Facts, period: Period) -> tuple[Figure, tuple[SurvivalPoint, ...]]:
    """The median time to the first reward of those who joined in the period, and its curve. One query.

    `numerator` have a reward, of `denominator` who joined.
    """
    survival = measure_time_to_reward(facts, period)
    absent = Unknown.NOT_REACHED if survival.members else Unknown.NOBODY
    figure = Figure(
        measure=Measure.TIME_TO_REWARD,
        unit=Unit.DAYS,
        period=period,
        population=survival.members,
        value=survival.median_days,
        numerator=survival.took,
        denominator=survival.members,
        unknown=absent if survival.median_days is None else None,
        behind=("", "yes", "no"),
    )
    return figure, survival.points


def find_months(facts: Facts, period: Period) -> tuple[PointsMonth, ...]:
    """What moved by calendar month, cut to the period. Two queries."""
    months = list_months(period)
    windows = hold_windows(months)
    placed = place(list_movements(facts), windows)
    moved = placed.group_by("window").agg(
        **{name: placed[name].sum().cast("int64") for name in ("issued", "spent", "expired")}
    )
    sums = {row["window"]: row for row in moved.to_pyarrow().to_pylist()}
    held = {
        row["window"]: row["numerator"]
        for row in sum_rows(measure_outstanding(facts, windows)).to_pyarrow().to_pylist()
    }
    return tuple(
        PointsMonth(
            period=month,
            issued=sums.get(number, {}).get("issued", 0),
            spent=sums.get(number, {}).get("spent", 0),
            expired=sums.get(number, {}).get("expired", 0),
            outstanding=held.get(number, 0),
        )
        for number, month in enumerate(months)
    )


def list_months(period: Period) -> list[Period]:
    """The calendar months of a period; the first and the last as much of them as lies in it."""
    months = []
    first = period.first
    while first < period.after:
        after = min(add_months(first.replace(day=1), 1), period.after)
        months.append(Period(first, after))
        first = after
    return months
