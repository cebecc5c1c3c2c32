"""What moved in a period: every line, to the point and to the cent, and what is told beside."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.finance import facade as finance
from regulars.finance import policies
from regulars.finance.facade import PointCost, Position, Step
from regulars.kit.actor import SYSTEM
from tests.finance.books import NOW, days, earn, live, local, moved_between, owed_at

TODAY = date(2026, 6, 15)
YESTERDAY = TODAY - timedelta(days=1)


@pytest.mark.usefixtures("programme")
def test_every_kind_has_its_line_and_the_columns_add_up() -> None:
    live()
    moved = moved_between(TODAY, TODAY)
    lines = {one.line: (one.points, one.change) for one in moved.movements}
    assert moved.opening == Position()
    # 600 earned; 200 spent and 50 given back; the hold took 60, of which 30 would have lapsed after an hour.
    assert lines["earned"] == (600, Position(active=530, pending=70))
    assert lines["spent"] == (200, Position(active=-200))
    assert lines["refunded"] == (50, Position(active=50))
    assert lines["held"] == (60, Position(active=-60, held=60))
    assert lines["adjusted_up"] == (25, Position(active=25))
    assert lines["transfer_out"][0] == lines["transfer_in"][0] == 5
    assert lines["reversed"][0] == 400
    assert lines["reversed"][1].debt > 0
    assert lines["repaid"] == (5, Position(active=-5, debt=-5))
    assert sum((one.change for one in moved.movements), moved.opening) == moved.closing
    assert moved.closing == owed_position()


def owed_position() -> Position:
    total = owed_at(local("2026-06-16")).total
    return Position(total.active + total.due, total.pending, total.held, total.debt)


@pytest.mark.usefixtures("programme")
def test_one_periods_closing_is_the_next_ones_opening() -> None:
    live()
    live_again = NOW + timedelta(days=3)
    earn(11, "again", now=live_again)
    first = moved_between(TODAY, date(2026, 6, 16))
    second = moved_between(date(2026, 6, 17), date(2026, 6, 30))
    whole = moved_between(TODAY, date(2026, 6, 30), step=Step.DAY)
    assert (first.closing, first.closing_due) == (second.opening, second.opening_due)
    assert (whole.opening, whole.closing) == (first.opening, second.closing)
    assert [(one.first_day, one.closing) for one in whole.stretches] == [
        (TODAY, first.closing),
        (date(2026, 6, 18), second.closing),
    ]


@pytest.mark.usefixtures("programme")
def test_what_happened_before_the_period_and_was_booked_in_it_is_told() -> None:
    earn(40, "a", occurred_at=local("2026-05-31T23:59"))
    earn(2, "b")
    (line,) = moved_between(date(2026, 6, 1), date(2026, 6, 30)).movements
    assert (line.points, line.of_before, line.entries) == (42, 40, 2)
    assert moved_between(date(2026, 5, 1), date(2026, 5, 31)).movements == ()


@pytest.mark.usefixtures("programme")
def test_a_period_that_is_not_over_ends_now() -> None:
    """What will lapse on its last day has not lapsed yet."""
    earn(9, "a", expires_at=NOW + timedelta(days=5))
    moved = moved_between(date(2026, 6, 1), date(2026, 6, 30), now=NOW + timedelta(days=1))
    assert (moved.closing_due, moved.closing_claimable, moved.is_final) == (0, 9, False)
    over = moved_between(date(2026, 6, 1), date(2026, 6, 30))
    assert (over.closing_due, over.closing_claimable, over.is_final) == (9, 0, True)


@pytest.mark.usefixtures("programme")
@pytest.mark.parametrize(("first", "last"), [(TODAY, YESTERDAY - timedelta(days=1)), (date(2027, 1, 1),) * 2])
def test_periods_that_cannot_be_are_refused(first: date, last: date) -> None:
    with pytest.raises(finance.PeriodInvalid):
        finance.get_movements(period=days(first, last), now=NOW)


@pytest.mark.usefixtures("programme")
def test_money_adds_up_through_a_new_cost_and_what_is_due() -> None:
    finance.set_point_cost(actor=SYSTEM, now=NOW, cost=Decimal("0.003"), effective_on=date(2026, 6, 1))
    earn(333, "a", now=local("2026-06-10"))
    earn(100, "b", now=local("2026-06-11"), expires_at=local("2026-07-01"))
    finance.set_point_cost(
        actor=SYSTEM, now=local("2026-06-11"), cost=Decimal("0.0047"), effective_on=date(2026, 6, 20)
    )
    moved = moved_between(date(2026, 6, 15), date(2026, 6, 30))
    assert moved.opening_money == 130  # 433 × 0.3 cents = 129.9
    assert moved.closing_money == 157  # 333 × 0.47 cents = 156.51
    parts = [one.money or 0 for one in moved.movements]
    assert (moved.opening_money or 0) + (moved.revaluation or 0) + sum(parts) + (moved.due_money or 0) == 157
    assert moved.closing_money == owed_at(local("2026-07-01")).total.money


@settings(deadline=None, suppress_health_check=list(HealthCheck))  # a busy machine is no mistake
@given(
    st.lists(st.integers(-(10**9), 10**9), max_size=30),
    st.decimals(0, 1000, places=9, allow_nan=False, allow_infinity=False),
    st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_money_of_parts_is_money_of_the_whole(points: list[int], cost: Decimal, currency: str) -> None:
    """Any parts, any cost: the last cent is neither lost nor made, and no part is off by a unit or more."""
    price = PointCost(date(2026, 1, 1), cost, currency, NOW)
    values = [one or 0 for one in policies.value_in_turn(points, price)]
    assert sum(values) == policies.value_of(sum(points), price)
    for part, value in zip(points, values, strict=True):
        alone = policies.value_of(part, price)
        assert alone is not None
        assert abs(value - alone) <= 1


def test_a_kind_that_is_new_gets_a_line_of_its_own_after_the_known_ones() -> None:
    assert policies.line_of("tombola", "issued", "active") == "tombola"
    assert sorted(["tombola", "waived", "earned"], key=policies.place_of) == ["earned", "waived", "tombola"]
