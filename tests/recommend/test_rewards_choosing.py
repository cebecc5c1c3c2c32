"""Laws of suggesting rewards: never over the points, never what cannot be had, always the same."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.catalogue.facade import RewardInput, RewardKind, RewardState, RewardView, Viewer, show_draft
from regulars.kit.ids import RewardId
from regulars.recommend.rewards.choosing import (
    COST_WEIGHT,
    Demand,
    Interest,
    Saver,
    choose_rewards,
    weigh_costs,
)
from regulars.recommend.rewards.reaching import award_of, count_days, find_basket
from regulars.recommend.types import MarkKind, MarkSubject, MarkView, ReasonCode, ServedBy
from tests.rules.documents import TIERS, only, programme

NOW = datetime(2026, 6, 15, 16, tzinfo=UTC)
DAY = date(2026, 6, 20)


def see(number: int, price: int, *, points: int = 0, stock: int | None = None, **more: Any) -> RewardView:
    """A reward as the catalogue itself judges it."""
    decided = RewardInput(
        code=f"r{number}", name=f"R{number}", kind=RewardKind.GOODS, price_points=price, stock=stock, **more
    )
    taken = 0 if stock is None else max(0, stock - 3) if stock else 0
    view = show_draft(decided, Viewer(now=NOW, points=points), taken=taken)
    return replace(view, id=RewardId(number))


def mark(number: int, kind: MarkKind, code: str, **more: Any) -> MarkView:
    values: dict[str, Any] = {
        "shelf": None,
        "place": None,
        "factor": None,
        "note": "",
        "actor": "x",
    } | more
    return MarkView(number, kind, MarkSubject.REWARD, code, starts_at=NOW, ends_at=None, **values)


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[RewardView], Saver, Demand, list[MarkView], int]:
    points = draw(st.integers(0, 2_000))
    views = []
    for number in range(1, draw(st.integers(0, 12)) + 1):
        more: dict[str, Any] = draw(
            st.sampled_from(
                [
                    {},
                    {"stock": 0},
                    {"stock": 3},
                    {"stock": 9},
                    {"tiers_allowed": ("gold",)},
                    {"active_from": NOW + timedelta(days=1)},
                    {"active_to": NOW - timedelta(seconds=1)},
                ]
            )
        )
        views.append(see(number, draw(st.integers(1, 2_500)), points=points, **more))
    numbers = st.integers(1, 13)
    saver = Saver(
        points,
        tuple((DAY, one) for one in draw(st.lists(st.integers(1, 500), max_size=2))),
        draw(st.dictionaries(numbers, st.floats(0, 1).map(lambda score: Interest(score, "Bread", 4)))),
        draw(st.none() | numbers.map(lambda number: f"r{number}")),
    )
    marks = draw(
        st.lists(
            st.one_of(
                st.builds(lambda at, n: mark(n, MarkKind.PIN, f"r{n}", place=at), st.integers(1, 5), numbers),
                st.builds(lambda n: mark(n, MarkKind.BAN, f"r{n}"), numbers),
                st.builds(lambda n: mark(n, MarkKind.BOOST, f"r{n}", factor=3.0), numbers),
            ),
            max_size=5,
        )
    )
    demand = Demand(28, draw(st.dictionaries(numbers, st.integers(0, 50))))
    return views, saver, demand, marks, draw(st.integers(1, 8))


@settings(max_examples=150, deadline=None)
@given(
    situations(),
    st.dictionaries(st.integers(1, 13), st.integers(0, 10**15)),
    st.randoms(use_true_random=False),
)
def test_laws(
    situation: tuple[list[RewardView], Saver, Demand, list[MarkView], int],
    costs: dict[int, int],
    chance: random.Random,
) -> None:
    views, saver, demand, marks, count = situation
    found = choose_rewards(views, saver=saver, demand=demand, marks=marks, count=count, costs=costs)
    assert len(found) <= count
    assert len({one.view.id for one in found}) == len(found)
    banned = {one.value for one in marks if one.kind is MarkKind.BAN}
    for one in found:
        verdict = one.view.availability
        assert one.view.code not in banned
        assert one.view.units_left != 0
        assert one.missing == max(0, one.view.price_points - saver.points)
        assert verdict.state is (RewardState.SHORT if one.missing else RewardState.AVAILABLE)
        codes = {reason.code for reason in one.reasons}
        assert (ReasonCode.AFFORDABLE in codes) is (one.missing == 0)
        assert (ReasonCode.NEAR in codes) is (one.missing > 0)
    possible = [v for v in views if v.code not in banned and v.availability.state in ("available", "short")]
    assert len(found) == min(count, len(possible)), "nothing that could be offered is kept back"
    shuffled = list(views)
    chance.shuffle(shuffled)
    again = choose_rewards(shuffled, saver=saver, demand=demand, marks=marks, count=count, costs=costs)
    assert again == found


def test_a_verdict_that_knows_of_more_points_is_not_believed() -> None:
    stale = see(1, 500, points=900)
    assert stale.availability.available
    assert choose_rewards([stale], saver=Saver(400), demand=Demand(), marks=[], count=3) == []


def test_the_goal_comes_first_then_interest_and_one_place_is_for_what_is_near() -> None:
    views = [
        see(number, price, points=500) for number, price in enumerate((100, 200, 300, 400, 700, 9_000), 1)
    ]
    saver = Saver(500, interest={1: Interest(1.0, "Coffee", 9), 5: Interest(0.2)}, goal="r2")
    found = choose_rewards(views, saver=saver, demand=Demand(), marks=[], count=4)
    assert [one.view.code for one in found] == ["r2", "r1", "r4", "r5"]
    assert [one.missing for one in found] == [0, 0, 0, 200]
    assert [reason.code for reason in found[1].reasons] == [ReasonCode.AFFORDABLE, ReasonCode.CATEGORY]
    assert found[0].way is ServedBy.SHOP
    assert found[1].way is ServedBy.MODEL


def test_to_a_newcomer_the_cheapest_is_near_and_of_equals_the_nearest_comes_first() -> None:
    views = [see(1, 4_000), see(2, 150), see(3, 900)]
    demand = Demand(28, {1: 3, 3: 2})
    found = choose_rewards(views, saver=Saver(0), demand=demand, marks=(), count=3)
    assert [one.view.id for one in found] == [2, 3, 1]
    boosts = [mark(number, MarkKind.BOOST, f"r{number}", factor=0.01) for number in (1, 2, 3)] * 4
    alike = choose_rewards(views, saver=Saver(0), demand=Demand(), marks=boosts, count=3)
    assert {one.score for one in alike} == {0} and [one.view.id for one in alike] == [2, 3, 1]


def test_points_about_to_lapse_are_used_first() -> None:
    views = [see(1, 100, points=1_000), see(2, 600, points=1_000)]
    saver = Saver(1_000, ((DAY, 400),), {1: Interest(0.4)})
    found = choose_rewards(views, saver=saver, demand=Demand(), marks=[], count=2)
    assert [one.view.code for one in found] == ["r2", "r1"], "uses all of what lapses, the other a quarter"
    assert found[0].reasons[0].values == {"points": 400, "on": "2026-06-20"}
    calm = choose_rewards(views, saver=replace(saver, lapsing=()), demand=Demand(), marks=[], count=2)
    assert [one.view.code for one in calm] == ["r1", "r2"]


def test_the_last_units_give_way_and_what_many_take_comes_up() -> None:
    views = [see(1, 100, points=500, stock=9), see(2, 100, points=500), see(3, 100, points=500)]
    found = choose_rewards(views, saver=Saver(500), demand=Demand(28, {3: 8}), marks=[], count=3)
    assert [one.view.code for one in found] == ["r3", "r2", "r1"]
    assert found[0].reasons[-1].values == {"members": 8, "days": 28}


def test_what_costs_the_shop_little_for_its_points_comes_before_what_costs_much() -> None:
    views = [see(number, 500, points=1_000) for number in (1, 2, 3)]
    views.append(see(4, 500, points=1_000, price_money=900))
    saver, costs = Saver(1_000), {1: 400, 2: 100, 4: 1_000}
    # For a point: 0.8, 0.2, and 0.2 after the money that the member pays; of the third nobody said.
    factors = weigh_costs(views, costs)
    assert factors == pytest.approx({1: 1 - COST_WEIGHT * 0.6, 2: 1, 4: 1})
    found = choose_rewards(views, saver=saver, demand=Demand(), marks=(), count=4, costs=costs)
    assert [one.view.id for one in found] == [2, 3, 4, 1]
    plain = choose_rewards(views, saver=saver, demand=Demand(), marks=(), count=4)
    assert [one.view.id for one in plain] == [1, 2, 3, 4]
    told = [[reason.code for reason in one.reasons] for one in (*found, *plain)]
    assert all(codes == [ReasonCode.AFFORDABLE] for codes in told), "no member hears of it"
    # What they like more stays before what is cheaper.
    liked = Saver(1_000, interest={1: Interest(0.5, "Bread", 3)})
    best = choose_rewards(views, saver=liked, demand=Demand(), marks=(), count=1, costs=costs)
    assert best[0].view.id == 1


@given(st.dictionaries(st.integers(1, 5), st.integers(0, 10**12)), st.integers(1, 5), st.integers(1, 10**12))
def test_no_cost_moves_a_score_by_more_than_its_weight_and_more_of_it_never_helps(
    costs: dict[int, int], number: int, more: int
) -> None:
    views = [see(one, 100 * one, points=1_000) for one in range(1, 6)]
    factors = weigh_costs(views, costs)
    assert set(factors) == set(costs)
    assert all(abs(factor - 1) <= COST_WEIGHT + 1e-9 for factor in factors.values())
    if number in costs:
        dearer = weigh_costs(views, costs | {number: costs[number] + more})
        assert dearer[number] <= factors[number] + 1e-9


def test_pins_have_their_places_and_boosts_multiply() -> None:
    views = [see(number, 100 * number, points=1_000) for number in range(1, 5)]
    marks = [mark(1, MarkKind.PIN, "r1", place=2), mark(2, MarkKind.BOOST, "r2", factor=10.0)]
    found = choose_rewards(views, saver=Saver(1_000), demand=Demand(), marks=marks, count=4)
    assert [one.view.code for one in found] == ["r2", "r1", "r4", "r3"]
    assert found[1].way is ServedBy.PIN
    assert found[1].reasons[0].code is ReasonCode.PINNED


@pytest.mark.parametrize(
    ("missing", "pace", "days"),
    [(312, 36.2, 9), (1, 50.0, 1), (100, None, None), (100, 0.0, None), (10_000, 1.0, None)],
)
def test_days_at_the_members_pace(missing: int, pace: float | None, days: int | None) -> None:
    assert count_days(missing, pace) == days


def test_the_basket_is_asked_of_the_programme() -> None:
    found = programme(TIERS.format(metric="points"))
    assert award_of(found, "silver", NOW)(3_120) == 31
    assert find_basket(31, 2_000, award_of(found, "silver", NOW)) == 3_100
    assert find_basket(31, 2_000, award_of(found, "gold", NOW)) == 2_067, "gold earns half as much again"
    assert find_basket(61, 2_000, award_of(found, "silver", NOW)) is None, "no basket of theirs"
    bread = '[[earn]]\nid = "bread"\ntype = "per_amount"\npoints = 1\nper = 1.00\n'
    nothing = only(bread + 'match = { categories = ["bread"] }\n')
    assert find_basket(31, 2_000, award_of(nothing, None, NOW)) is None, "it earns by what is in it"
    assert find_basket(31, None, award_of(found, None, NOW)) is None


@given(st.integers(1, 5_000), st.integers(1, 20_000), st.integers(1, 50), st.integers(0, 300))
@settings(max_examples=100, deadline=None)
def test_the_basket_earns_what_is_missing_and_hardly_more(
    missing: int, usual: int, minor_a_point: int, floor: int
) -> None:
    def award(amount: int) -> int:
        return max(amount - floor, 0) // minor_a_point

    amount = find_basket(missing, usual, award)
    if amount is None:
        assert award(usual) == 0 or award(3 * usual) < missing
        return
    assert award(amount) >= missing
    assert amount <= 3 * usual
    assert award(amount - 2 * max(amount // 100, 1) - minor_a_point) < missing
