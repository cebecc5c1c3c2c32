"""Models against a direct solve, metrics against sums by hand, looks that must know nothing of what comes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from regulars.recommend.learning.datasets import Dataset, History, Items, find_truth, order_purchases
from regulars.recommend.learning.metrics import (
    average,
    mark_hits,
    measure_calibration,
    measure_coverage,
    measure_diversity,
    measure_ndcg,
    measure_novelty,
    measure_recall,
)
from regulars.recommend.learning.models.base import fit, rank, take_best
from regulars.recommend.learning.models.blend import Blend
from regulars.recommend.learning.models.ease import Ease, learn_ease
from regulars.recommend.learning.models.simple import Personal, Popular
from regulars.recommend.learning.splits import list_lessons, list_splits


def make_items(count: int, categories: list[int] | None = None) -> Items:
    codes = np.array(categories or [place % 3 for place in range(count)], dtype=np.int32)
    return Items(
        skus=[f"sku-{place}" for place in range(count)],
        names=[f"Item {place}" for place in range(count)],
        brands=np.zeros(count, dtype=np.int32),
        brand_names=["ours"],
        categories=codes,
        paths=[(f"Department {code // 2}", f"Category {code}") for code in range(int(codes.max()) + 1)],
        departments=(codes // 2).astype(np.int32),
    )


def make_dataset(rows: list[tuple[int, int, int]], members: int, items: Items) -> Dataset:
    """Rows are (member, item, day); what a member buys on a day is one order."""
    who, what, days = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    purchases = order_purchases(who, what, days, who * 1000 + days)
    return Dataset(np.arange(100, 100 + members), items, purchases)


def draw(seed: int, members: int = 12, items: int = 8, rows: int = 150) -> Dataset:
    rng = np.random.default_rng(seed)
    bought = zip(*(rng.integers(0, most, rows).tolist() for most in (members, items, 60)), strict=True)
    return make_dataset(list(bought), members, make_items(items))


def test_two_lines_of_one_item_are_one_purchase() -> None:
    dataset = make_dataset([(0, 1, 5), (0, 1, 5), (0, 1, 6), (1, 0, 2)], 2, make_items(2))
    assert len(dataset.purchases) == 3
    assert History(dataset, 10, buyers_min=1).counts.toarray().tolist() == [[0, 2], [1, 0]]


def test_a_history_counts_decays_and_dates_by_hand() -> None:
    dataset = make_dataset([(0, 0, 1), (0, 0, 5), (1, 0, 4), (1, 1, 9)], 2, make_items(2))
    history = History(dataset, 10, buyers_min=1)
    assert history.last_days.toarray().tolist() == [[5, 0], [4, 9]]
    assert history.first_days.toarray().tolist() == [[1, 0], [4, 9]]
    assert history.decay(4).toarray() == pytest.approx(np.array([[0.25 + 0.5, 0], [2 ** (-5 / 4), 1]]))
    assert history.buyers().tolist() == [2, 1]
    assert history.buyers(5).tolist() == [1, 1]
    assert History(dataset, 10, buyers_min=2).kept.tolist() == [0]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), cut=st.integers(1, 60))
def test_a_look_knows_nothing_of_what_comes_after_it(seed: int, cut: int) -> None:
    dataset = draw(seed)
    before = Dataset(dataset.member_ids, dataset.items, dataset.purchases.between(0, cut))
    seen, blind = History(dataset, cut, buyers_min=2), History(before, cut, buyers_min=2)
    assert seen.kept.tolist() == blind.kept.tolist()
    everybody = np.arange(seen.shape[0])
    for model in (Popular(), Popular(28), Personal(), Ease(5.0), Blend()):
        assert fit(model, seen).score(everybody).tolist() == fit(model, blind).score(everybody).tolist()


def test_lessons_of_a_look_lie_before_it() -> None:
    dataset = draw(3)
    (split,) = list_splits(dataset, days=10, known_min=20)
    assert (split.cut, split.after) == (dataset.after - 10, dataset.after)
    lessons = list(list_lessons(split.cut, dataset.first_day, days=10, step=5, count=9, known_min=20))
    assert [lesson.after for lesson in lessons] == [split.cut - 5 * k for k in range(len(lessons))]
    assert lessons and all(one.after <= split.cut and one.cut - dataset.first_day >= 20 for one in lessons)
    assert list_splits(dataset, days=50, known_min=20) == ()


def test_what_is_new_was_never_bought_before() -> None:
    dataset = make_dataset([(0, 0, 1), (0, 0, 11), (0, 1, 12), (1, 1, 2), (1, 1, 12)], 2, make_items(2))
    history = History(dataset, 10, buyers_min=1)
    assert find_truth(history, 20).bought.toarray().tolist() == [[1, 1], [0, 1]]
    fresh = find_truth(history, 20, is_new=True)
    assert (fresh.bought.toarray().tolist(), fresh.members.tolist()) == ([[0, 1], [0, 0]], [0])
    assert find_truth(history, 12).bought.toarray().tolist() == [[1, 0], [0, 0]]


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), penalty=st.floats(1, 500))
def test_ease_is_the_same_by_both_ways_and_by_a_direct_solve(seed: int, penalty: float) -> None:
    inputs = History(draw(seed), 60, buyers_min=1).counts
    dense = inputs.toarray().astype(np.float64)
    precision = np.linalg.inv(dense.T @ dense + penalty * np.eye(dense.shape[1]))
    weights = -precision / np.diag(precision)
    np.fill_diagonal(weights, 0)
    everybody, places = np.arange(len(dense)), np.arange(dense.shape[1])
    for is_dual in (False, True):
        learnt = learn_ease(inputs, everybody, penalty, is_dual=is_dual)
        fitted = learnt.of(inputs, everybody)
        assert fitted.score(everybody) == pytest.approx(dense @ weights, abs=2e-4)
        assert learnt.weigh(places) == pytest.approx(weights, abs=2e-4)


def test_ease_of_more_items_than_a_block_is_a_direct_solve_too() -> None:
    rng = np.random.default_rng(1)
    dense = (rng.random((40, 600)) < 0.1).astype(np.float64)
    precision = np.linalg.inv(dense.T @ dense + 20 * np.eye(600))
    weights = -precision / np.diag(precision)
    np.fill_diagonal(weights, 0)
    for is_dual in (False, True):
        inputs = csr_matrix(dense, dtype=np.float32)
        fitted = learn_ease(inputs, np.arange(40), 20, is_dual=is_dual).of(inputs, np.arange(40))
        assert fitted.score(np.arange(40)) == pytest.approx(dense @ weights, abs=2e-4)


def test_members_without_a_purchase_get_nothing_from_ease_and_the_popular_from_personal() -> None:
    dataset = make_dataset([(0, 0, 1), (0, 1, 2), (1, 1, 3)], 3, make_items(2))
    history = History(dataset, 5, buyers_min=1)
    assert not fit(Ease(), history).score(np.array([2])).any()
    assert rank(fit(Personal(), history), history, np.array([2]), 5).tolist() == [[1, 0, -1, -1, -1]]


def test_ranks_leave_out_what_was_bought_and_go_by_place_where_scores_are_equal() -> None:
    scores = np.array([[1, 3, 3, 2, 3]], dtype=np.float32)
    assert take_best(scores, 2).tolist() == [[1, 2]]
    assert take_best(scores, 4).tolist() == [[1, 2, 4, 3]]
    assert take_best(scores, 9).tolist() == [[1, 2, 4, 3, 0]]
    dataset = make_dataset([(0, 0, 1), (1, 1, 2), (0, 2, 3)], 2, make_items(3))
    history = History(dataset, 5, buyers_min=1)
    assert rank(fit(Popular(), history), history, np.array([0]), 3, is_new=True).tolist() == [[1, -1, -1]]


def test_metrics_by_hand() -> None:
    dataset = make_dataset(
        [(0, 0, 1), (1, 1, 1), (1, 0, 2), (0, 1, 11), (0, 2, 11), (1, 2, 12)], 2, make_items(4)
    )
    history = History(dataset, 10, buyers_min=0)
    truth = find_truth(history, 20)
    lists = np.array([[1, 3, 2], [0, 2, -1]], dtype=np.int32)
    hits = mark_hits(lists, truth)
    assert hits.tolist() == [[True, False, True], [False, True, False]]
    relevant = np.diff(truth.bought.indptr)
    second = 1 / np.log2(3)
    assert measure_ndcg(hits, relevant).tolist() == pytest.approx([1.5 / (1 + second), second])
    assert measure_recall(hits, relevant).tolist() == [1, 1]
    assert measure_coverage(lists, 4) == 1
    assert measure_coverage(lists[1:], 4) == 0.5
    # Bits: item 0 was bought by both, 1 by one of two, the others by nobody, which counts as one.
    assert measure_novelty(lists, history.buyers(), 2).tolist() == pytest.approx([1.0, 0.5])
    # Categories 0 to 2, then 0 again; departments 0, 0, 1, 0.
    items = dataset.items
    assert measure_diversity(lists, items.categories, items.departments).tolist() == pytest.approx(
        [2.5 / 3, 1]
    )
    own, listed = np.array([1.0, 0.0]), np.array([2 / 3, 1 / 3])
    mixed = 0.99 * listed + 0.01 * own
    told = measure_calibration(lists, history, np.array([0, 1]))
    assert told.tolist() == pytest.approx([np.log(1 / mixed[0]), np.log(1 / (0.99 * 0.5 + 0.01))])


def test_a_mean_comes_with_its_standard_error() -> None:
    found = average(np.array([1.0, 2.0, 3.0, 6.0]))
    assert (found.value, found.members) == (3.0, 4)
    assert found.error == pytest.approx(np.sqrt(14 / 3) / 2)
    assert average(np.array([])).members == 0


def test_items_of_no_known_category_say_nothing_of_diversity() -> None:
    codes = np.array([0, -1, 1], dtype=np.int32)
    lists = np.array([[0, 1, 2], [0, 1, -1]], dtype=np.int32)
    assert measure_diversity(lists, codes, codes).tolist() == [1.0]
