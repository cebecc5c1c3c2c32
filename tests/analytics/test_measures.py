"""The measures against plain Python on histories that Hypothesis thinks up, and against sums done by hand."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.analytics.codes import Measure, RetentionKind, Unknown
from regulars.analytics.measures import churn, cohorts, intervals, purchases, rfm, sales, segments
from regulars.analytics.measures.basis import settle_facts
from regulars.analytics.measures.figures import make_figures
from regulars.analytics.measures.intervals import find_quantile, measure_interval
from regulars.analytics.measures.limits import find_limits
from regulars.analytics.measures.rewards import draw_survival
from regulars.analytics.measures.windows import hold_windows, list_trend
from regulars.analytics.types import Period, UsageInterval
from regulars.facts.facade import Facts
from tests.analytics import reference
from tests.analytics.shops import hold_orders, simulate_shop

FIRST = dt.date(2025, 1, 1)
AS_OF = dt.date(2025, 4, 30)
PERIODS = (
    Period(dt.date(2025, 3, 1), dt.date(2025, 4, 1)),
    Period(dt.date(2025, 2, 1), dt.date(2025, 3, 1)),
    Period(FIRST, dt.date(2025, 5, 1)),
)
LIMIT = 20
histories = st.lists(
    st.tuples(
        st.integers(1, 7),
        st.integers(0, 119).map(lambda day: FIRST + dt.timedelta(days=day)),
        st.integers(1, 500),
    ),
    min_size=1,
    max_size=40,
)
thorough = settings(max_examples=15, deadline=None)


def read(rows: Any) -> list[reference.Rows]:
    """A measure's rows by window. One query: compiling it is most of what it costs."""
    found: list[reference.Rows] = [{} for _period in PERIODS]
    for row in rows.to_pyarrow().to_pylist():
        mine = found[row["window"]]
        assert row["member_id"] not in mine, "a member stands in a window once"
        mine[row["member_id"]] = (row["numerator"], row["denominator"])
    return found


WAYS: list[tuple[Callable[..., Any], Callable[..., reference.Rows], tuple[int, ...]]] = [
    (purchases.measure_active, reference.active, ()),
    (purchases.measure_new, reference.new, ()),
    (purchases.measure_repeat, reference.repeat, ()),
    (purchases.measure_frequency, reference.frequency, ()),
    (purchases.measure_returning, reference.returning, ()),
    (sales.measure_basket, reference.basket, ()),
    (churn.measure_churn, reference.churn, (LIMIT,)),
    (churn.measure_lapsed, reference.lapsed, (LIMIT,)),
]


# Each example asks the engine eight times.
@pytest.mark.slow
@thorough
@given(histories)
def test_measures_of_windows_are_those_of_plain_python(history: list[reference.Purchase]) -> None:
    facts = hold_orders(history, AS_OF)
    windows = hold_windows(PERIODS)
    for measure, expected, limits in WAYS:
        for found, period in zip(read(measure(facts, windows, *limits)), PERIODS, strict=True):
            assert found == expected(history, period, *limits), (measure.__name__, period)


# Each example asks the engine five times.
@pytest.mark.slow
@thorough
@given(histories)
def test_members_are_measured_as_in_plain_python(history: list[reference.Purchase]) -> None:
    facts = hold_orders(history, AS_OF)
    found = intervals.list_intervals(facts).to_pyarrow().to_pylist()
    assert {row["member_id"]: row["twice_median"] / 2 for row in found} == reference.intervals(history)
    for kind in (RetentionKind.N_PERIOD, RetentionKind.UNBOUNDED):
        ages = ((7, 14), (28, 56))
        rows = cohorts.list_retained(facts, PERIODS[2], kind, ages).to_pyarrow().to_pylist()
        for age, (low, high) in enumerate(ages):
            mine = {row["member_id"]: (row["reached"], row["returned"]) for row in rows if row["age"] == age}
            unbounded = kind is RetentionKind.UNBOUNDED
            assert mine == reference.retained(history, AS_OF, low, high, unbounded=unbounded)
    scored = rfm.score_rfm(rfm.list_rfm(facts, rfm.hold_looks([AS_OF, PERIODS[0].first])))
    rows = scored.to_pyarrow().to_pylist()
    for look, day in enumerate((AS_OF, PERIODS[0].first)):
        mine = [row for row in rows if row["look"] == look]
        scores = {row["member_id"]: (row["r_score"], row["f_score"], row["m_score"]) for row in mine}
        assert scores == reference.rfm(history, day)


# Twenty-four looks of eighty members, in Python too.
@pytest.mark.slow
def test_named_segments_are_those_of_plain_python() -> None:
    history = simulate_shop(80, 45, seed=4, leave_weekly=0.04)
    facts = settle_facts(hold_orders(history, dt.date(2025, 1, 31)))
    interval = UsageInterval(80, lapsed_after_days=40, slipping_after_days=15)
    days = [facts.as_of, facts.as_of - dt.timedelta(days=28)]
    rows = segments.label_at(facts, days, interval).to_pyarrow().to_pylist()
    for number, at in enumerate(days):
        found = {row["member_id"]: row["segment"] for row in rows if row["day_no"] == number}
        expected = reference.label(history, at, 15, 40)
        assert found == expected
        assert len(set(expected.values())) >= 5, "a shop with one kind of member compares nothing"
    assert any(row["segment"] != row["plain"] for row in rows), "hysteresis holds somebody"


def day(number: int) -> dt.date:
    return FIRST + dt.timedelta(days=number)


def shop_by_hand() -> Facts:
    """Ann buys on days 0, 10, 20 and 62; Bob twice on day 5; Cem on days 3 and 93."""
    bought = [
        (1, 0, 100),
        (1, 10, 100),
        (1, 20, 100),
        (1, 62, 200),
        (2, 5, 50),
        (2, 5, 70),
        (3, 3, 10),
        (3, 93, 30),
    ]
    return hold_orders([(who, day(number), amount) for who, number, amount in bought], AS_OF)


def test_figures_by_hand() -> None:
    facts = settle_facts(shop_by_hand())
    assert facts.as_of == day(93), "after the last purchase nobody has been silent"
    limits = find_limits(facts)
    january = Period(FIRST, dt.date(2025, 2, 1))
    asked = (Measure.REPEAT_RATE, Measure.FREQUENCY, Measure.BASKET_VALUE, Measure.SALES, Measure.CHURN_RATE)
    repeat, often, basket, paid, lost = make_figures(facts, january, asked, limits)
    assert (repeat.numerator, repeat.denominator, repeat.value) == (1, 3, 1 / 3)
    assert (often.numerator, often.denominator, often.population) == (6, 3, 3)
    assert (basket.numerator, basket.denominator, basket.currency) == (430, 6, "USD")
    assert (paid.value, paid.numerator) == (430, None)
    assert (lost.value, lost.unknown) == (None, Unknown.TOO_FEW)
    assert repeat.previous is None, "before the first purchase there is no period to compare with"
    assert [one.period for one in repeat.points] == list_trend(january, FIRST)


def test_a_share_of_nobody_is_unknown_and_a_count_of_nobody_is_nought() -> None:
    facts = settle_facts(shop_by_hand())
    quiet = Period(day(70), day(80))
    repeat, active = make_figures(
        facts, quiet, (Measure.REPEAT_RATE, Measure.MEMBERS_ACTIVE), find_limits(facts)
    )
    assert (repeat.value, repeat.unknown) == (None, Unknown.NOBODY)
    assert (active.value, active.unknown) == (0, None)


def test_a_young_cohort_is_not_counted_before_it_is_old_enough() -> None:
    facts = settle_facts(shop_by_hand())
    year = Period(FIRST, dt.date(2026, 1, 1))
    table = cohorts.measure_retention(facts, year, RetentionKind.N_PERIOD, ((28, 56), (56, 84), (84, 112)))
    (cohort,) = table.cohorts
    assert [(cell.reached, cell.returned, cell.immature) for cell in cohort.cells] == [
        (3, 0, False),
        (3, 1, False),
        (0, 0, True),
    ]
    assert table.curve[2].share is None


def test_lapsed_follows_from_the_gaps_of_the_shop_and_each_member_weighs_the_same() -> None:
    """Thirty come every week for a year's half; ten of them were once away for forty days."""
    history = []
    for member in range(30):
        stretch = [7] * 24 + ([40] if member < 10 else [])
        days = [0]
        for gap in stretch:
            days.append(days[-1] + gap)
        history += [(member, day(number), 100) for number in days]
    interval = measure_interval(hold_orders(history, dt.date(2025, 12, 31)))
    assert (interval.members, interval.median_days, interval.unknown) == (30, 7.0, None)
    # A fortieth part of ten members' weight is 10 × 1/25 = .4 of 30: below a twentieth, so a week it is.
    assert (interval.slipping_after_days, interval.lapsed_after_days) == (7, 7)


def test_a_quantile_is_the_smallest_value_with_enough_weight() -> None:
    assert find_quantile([(3, 1), (1, 1), (2, 2)], 0.5) == 2
    assert find_quantile([(5, 0.1)] * 10, 0.95) == 5


def test_those_still_waiting_stand_in_the_median_time() -> None:
    """Of ten, four had a reward on days 1 to 4, one was lost sight of on day 2, and five wait."""
    survival = draw_survival([(1, 1, 1), (2, 2, 1), (3, 1, 1), (4, 1, 1), (30, 5, 0)])
    assert survival.median_days is None
    assert survival.points[-1].share == pytest.approx(9 / 10 * 8 / 9 * 6 / 7 * 5 / 6)
    assert [one.at_risk for one in survival.points] == [10, 9, 7, 6]
    assert draw_survival([(1, 1, 1), (5, 1, 1)]).median_days == 1
