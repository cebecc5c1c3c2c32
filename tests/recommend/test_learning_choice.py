"""Which model serves, and what goes with what: against sums by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.recommend.learning.content import find_alike
from regulars.recommend.learning.datasets import NOBODY, Dataset, History, Items, order_purchases
from regulars.recommend.learning.diversity import Spread, spread_pages
from regulars.recommend.learning.evidence import name_causes, relate
from regulars.recommend.learning.metrics import Mean, average
from regulars.recommend.learning.models.ease import Ease
from regulars.recommend.learning.selection import choose_model, compare, loses
from regulars.recommend.learning.splits import Split
from regulars.recommend.learning.tastes import measure_brands, measure_categories
from regulars.recommend.learning.trial import KINDS, TWO_STAGE, Tried, run_trial
from regulars.recommend.types import Task
from tests.recommend.test_learning_models import draw, make_dataset, make_items


def make_tried(model: str, values: list[float], members: list[int] | None = None) -> Tried:
    zero = Mean(0, 0, 0)
    found = np.array(values)
    return Tried(
        model=model,
        task=Task.ANY,
        ndcg=average(found),
        recall=zero,
        coverage=0,
        novelty=zero,
        diversity=zero,
        calibration=zero,
        seconds=0,
        members=np.array(members or range(len(values))),
        values=found,
    )


def test_a_difference_is_paired_over_common_members() -> None:
    one = make_tried("ease", [0.9, 0.5, 0.1], [1, 2, 3])
    other = make_tried("personal", [0.4, 0.1, 0.7], [2, 3, 4])
    found = compare(one, other)
    assert (found.value, found.error, found.members) == (pytest.approx(0.05), pytest.approx(0.05), 2)


def test_the_simplest_within_a_standard_error_of_the_best_is_taken() -> None:
    better = make_tried("blend", [0.50, 0.60, 0.70, 0.80])
    alike = make_tried("personal", [0.52, 0.57, 0.73, 0.77])
    worse = make_tried("recent", [0.1, 0.2, 0.3, 0.4])
    choice = choose_model([better, worse, alike])
    assert (choice.winner, choice.best) == ("personal", "blend")
    assert set(choice.differences) == {"blend", "recent"}
    assert choice.differences["recent"].value == pytest.approx(-0.3975)
    clear = make_tried("blend", [0.62, 0.68, 0.83, 0.87])
    assert choose_model([alike, clear, worse]).winner == "blend"
    with pytest.raises(ValueError, match="no model"):
        choose_model([])


def test_a_model_loses_where_it_is_worse_by_more_than_chance() -> None:
    served = make_tried("blend", [0.5, 0.6, 0.7, 0.8])
    assert not loses(make_tried("blend", [0.5, 0.6, 0.7, 0.8]), served)
    assert not loses(make_tried("blend", [0.45, 0.66, 0.62, 0.85]), served)
    assert loses(make_tried("blend", [0.41, 0.50, 0.62, 0.70]), served)


def test_a_trial_judges_every_model_on_both_tasks_and_leaves_out_what_cannot_be_learnt() -> None:
    dataset = draw(5)
    trial = run_trial(dataset, Split(45, 60), known_min=20, buyers_min=3)
    assert {one.model for one in trial.tried} == set(KINDS) - {TWO_STAGE}
    assert set(trial.of(Task.NEW)) == set(KINDS) - {TWO_STAGE}
    assert all(0 <= one.ndcg.value <= 1 and len(one.values) == len(one.members) for one in trial.tried)


@pytest.mark.slow  # trees are grown twice, of three looks each
def test_two_stages_are_learnt_where_there_is_enough_and_come_out_the_same_again() -> None:
    dataset = make_shop_with_habits()
    found = [run_trial(dataset, Split(100, 120), known_min=20, buyers_min=3, kinds=[TWO_STAGE]) for _ in "ab"]
    first, again = (trial.of(Task.ANY)[TWO_STAGE] for trial in found)
    assert first.values.tolist() == again.values.tolist()
    popular = run_trial(dataset, Split(100, 120), known_min=20, buyers_min=3, kinds=["popular"])
    assert first.ndcg.value > popular.of(Task.ANY)["popular"].ndcg.value


def make_shop_with_habits() -> Dataset:
    """Forty members, each with three of thirty items that they buy again and again, and chance beside."""
    rng = np.random.default_rng(2)
    rows = []
    for member in range(40):
        own = rng.choice(30, 3, replace=False).tolist()
        for day in range(0, 120, 5):
            rows += [(member, item, day) for item in own if rng.random() < 0.7]
            rows.append((member, int(rng.integers(30)), day))
    return make_dataset(rows, 40, make_items(30))


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000))
def test_causes_are_the_largest_terms_of_a_score_and_what_goes_with_an_item_the_largest_weights(
    seed: int,
) -> None:
    history = History(draw(seed), 60, buyers_min=1)
    fit = Ease(5.0).learn(history).over(history)
    members, places = np.arange(history.shape[0]), np.arange(history.shape[1])
    weights = fit.weights.weigh(places)
    lists = np.tile(places[:4].astype(np.int32), (len(members), 1))
    lists[0, 3] = NOBODY
    found, causes = relate(fit.weights, 3), name_causes(fit, members, lists)
    inputs = fit.inputs.toarray()
    for member in members:
        for place, item in enumerate(lists[member]):
            terms = inputs[member] * weights[:, item] if item != NOBODY else np.zeros(len(places))
            named = [cause for cause in causes[member, place] if cause != NOBODY]
            assert len(named) == min(2, int((terms > 1e-9).sum()))
            assert terms[named] == pytest.approx(np.sort(terms)[::-1][: len(named)], abs=1e-5)
    for item in places:
        best = np.sort(weights[item])[::-1][:3]
        assert found.weights[item] == pytest.approx(np.maximum(best, 0), abs=1e-5)


def test_a_new_item_is_like_those_of_its_category_brand_and_words() -> None:
    items = Items(
        skus=["a", "b", "c", "d"],
        names=["Oat drink", "Oat milk", "Screws", "Oat drink barista"],
        brands=np.array([0, 1, 0, 0], dtype=np.int32),
        brand_names=["North", "South"],
        categories=np.array([0, 0, 1, 0], dtype=np.int32),
        paths=[("Food", "Drinks"), ("Tools", "Screws")],
        departments=np.array([0, 0, 1, 0], dtype=np.int32),
    )
    ((asked, lists, cosines),) = find_alike(items, np.array([3]), np.array([0, 1, 2]), 3)
    assert asked.tolist() == [3]
    assert lists.tolist() == [[0, 1, 2]]
    assert 1 > cosines[0, 0] > cosines[0, 1] > cosines[0, 2] > 0


def test_a_brand_is_measured_within_the_categories_it_is_sold_in() -> None:
    """Brand 0 is sold in category 0 alone; everybody buys it there for half. Member 0 does for all."""
    brands = np.array([0, 1, 1], dtype=np.int32)
    items = Items(
        skus=["own", "other", "elsewhere"],
        names=["", "", ""],
        brands=brands,
        brand_names=["North", "South"],
        categories=np.array([0, 0, 1], dtype=np.int32),
        paths=[("Food", "Drinks"), ("Tools", "Screws")],
        departments=np.array([0, 0, 1], dtype=np.int32),
    )
    rows = [(0, 0, day) for day in range(6)] + [(0, 2, day) for day in range(6)]
    rows += [(1, 1, day) for day in range(6)]
    who, what, days = (np.array(column) for column in zip(*rows, strict=True))
    dataset = Dataset(np.array([7, 8]), items, order_purchases(who, what, days, who * 100 + days))
    likings = measure_brands(dataset, 5)
    (north,) = likings[0]
    assert (north.code, north.share, north.lift, north.orders) == (0, 1.0, 2.0, 6)
    # South: member 1's share of it in drinks is 1, usually a half; nothing else of theirs is sold by it.
    assert [(one.code, one.share, one.lift) for one in likings[1]] == [(1, 1.0, 2.0)]
    categories = measure_categories(dataset, 5)
    assert [(one.code, one.share, one.lift, one.orders) for one in categories[0]] == [(1, 0.5, 1.5, 6)]
    assert [(one.code, one.share, one.lift) for one in categories[1]] == [(0, 1.0, 1.5)]


def test_a_shop_that_names_only_its_own_brand_can_tell_who_prefers_it() -> None:
    """Two members buy one thing each, of the shop's brand and of none: the first takes it twice as often."""
    items = Items(
        skus=["own", "other"],
        names=["", ""],
        brands=np.array([0, NOBODY], dtype=np.int32),
        brand_names=["North"],
        categories=np.array([0, 0], dtype=np.int32),
        paths=[("Food", "Drinks")],
        departments=np.array([0, 0], dtype=np.int32),
    )
    rows = [(0, 0, day) for day in range(6)] + [(1, 1, day) for day in range(6)]
    who, what, days = (np.array(column) for column in zip(*rows, strict=True))
    dataset = Dataset(np.array([7, 8]), items, order_purchases(who, what, days, who * 100 + days))
    likings = measure_brands(dataset, 5)
    assert [(one.code, one.share, one.lift, one.orders) for one in likings[0]] == [(0, 1.0, 2.0, 6)]
    assert likings[1] == []


def test_a_spread_page_keeps_its_first_places_and_gives_each_item_to_whom_it_is_nearest() -> None:
    lists = np.array([[0, 1, 2, 3], [0, 1, 3, 2], [0, 1, NOBODY, NOBODY]], dtype=np.int32)
    scores = np.array([[9, 5, 4.5, 4], [9, 5, 4.6, 1], [9, 5, -np.inf, -np.inf]], dtype=np.float32)
    # Item 1 is nearest to the first; 3 to the second (0.4 below), and 2 to the first, who has no place left.
    laid = spread_pages(lists, scores, count=2, spread=Spread(kept=1, distance=0.9))
    assert np.take_along_axis(lists, laid, axis=1).tolist() == [[0, 1, 2, 3], [0, 3, 1, 2], [0, 1, -1, -1]]
    none = spread_pages(lists, scores, count=2, spread=Spread(kept=1, distance=-1))
    assert none.tolist() == [[0, 1, 2, 3]] * 3


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), kept=st.integers(0, 5), distance=st.floats(0, 3))
def test_a_spread_page_is_a_reordering_that_covers_no_less(seed: int, kept: int, distance: float) -> None:
    rng = np.random.default_rng(seed)
    lists = np.stack([rng.permutation(12) for _ in range(6)]).astype(np.int32)
    scores = -np.sort(-rng.normal(size=lists.shape).astype(np.float32), axis=1)
    laid = spread_pages(lists, scores, count=4, spread=Spread(kept, distance))
    assert np.sort(laid, axis=1).tolist() == [list(range(12))] * 6
    pages = np.take_along_axis(lists, laid, axis=1)
    assert pages[:, : min(kept, 4)].tolist() == lists[:, : min(kept, 4)].tolist()
    assert (np.diff(laid[:, :4], axis=1) > 0).all()
    assert len(np.unique(pages[:, :4])) >= len(np.unique(lists[:, :4]))
