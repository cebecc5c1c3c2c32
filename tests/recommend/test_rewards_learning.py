"""Interest in rewards and who takes one, from arrays of known truth; the back-test looks at no later day."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from regulars.recommend.learning.coupons import (
    CUT,
    Bought,
    Campaign,
    Coupons,
    Morning,
    Orders,
    Redeemed,
    measure_auc,
    run_backtest,
)
from regulars.recommend.learning.datasets import NOBODY, Dataset, Items, order_purchases
from regulars.recommend.learning.rewards import RewardHistory, Wording, find_akin, score_rewards

DAY = 700_000


def make_items() -> Items:
    """Coffees (one of them of a brand), bread, tea, and so much else that no word is common."""
    rest = 16
    return Items(
        skus=("c1", "c2", "b1", "t1", *(f"x{place}" for place in range(rest))),
        names=("Roast 1", "Roast 2", "Rye loaf", "Green", *("Thing" for _place in range(rest))),
        brands=np.array([0, NOBODY, NOBODY, 1] + [NOBODY] * rest, dtype=np.int32),
        brand_names=("Orchard", "Leaf"),
        categories=np.array([0, 0, 1] + [2] * (rest + 1), dtype=np.int32),
        paths=(("Drinks", "Coffees"), ("Bakery",), ("Sundry",)),
        departments=np.array([0, 0, 1] + [2] * (rest + 1), dtype=np.int32),
    )


def make_dataset(rows: Sequence[tuple[int, int, int]], members: Sequence[int]) -> Dataset:
    """A dataset of (member place, item, day) with an order for each row."""
    columns = np.array(rows).T
    purchases = order_purchases(columns[0], columns[1], columns[2], np.arange(len(rows)))
    return Dataset(np.array(members, dtype=np.int64), make_items(), purchases)


def make_history(
    taken: Sequence[tuple[int, int, int]] = (),
    names: Sequence[tuple[str, str]] = (("A cup of coffee", ""), ("A loaf", "Bakery"), ("Mug", "")),
) -> RewardHistory:
    """Redemptions (member id, reward id, day); nothing moved."""
    members, rewards, days = np.array(taken, dtype=np.int64).reshape(-1, 3).T
    none = np.array([], dtype=np.int64)
    wordings = [Wording(name, category) for name, category in names]
    numbers = tuple(range(1, len(wordings) + 1))
    return RewardHistory(numbers, wordings, members, rewards, days, none, none, none)


def test_purchases_carry_over_by_the_words_of_a_reward() -> None:
    rewards = [
        Wording("A cup of coffee", "Fresh"),
        Wording("Orchard hamper", ""),
        Wording("A loaf", "bakery"),
        Wording("Theatre", ""),
        Wording("", "Vouchers"),
    ]
    akin = find_akin(rewards, make_items())
    assert [row.nonzero()[1].tolist() for row in akin] == [[0, 1], [0], [2], [], []]


def test_who_buys_coffee_likes_the_coffee_and_nothing_is_made_up_for_who_buys_nothing() -> None:
    dataset = make_dataset([(0, 0, DAY), (0, 1, DAY + 1), (1, 2, DAY)], [30, 10, 20])
    scores = score_rewards(dataset, make_history(), cut=DAY + 5)
    assert scores.interest_of(30) == {"1": [1.0, "Coffees", 2]}
    assert scores.interest_of(10) == {"2": [1.0, "Bakery", 1]}
    assert scores.interest_of(20) == {}, "has bought nothing"
    assert scores.interest_of(99) == {}, "is nobody"
    assert scores.probability_of(30) is None, "too few have taken a reward"


def test_what_was_taken_counts_and_nothing_of_the_cut_or_later_does() -> None:
    dataset = make_dataset([(0, 2, DAY), (1, 2, DAY), (1, 0, DAY + 6)], [1, 2])
    history = make_history([(1, 3, DAY + 2), (2, 3, DAY + 5)])
    scores = score_rewards(dataset, history, cut=DAY + 5)
    assert set(scores.interest_of(1)) == {"2", "3"}
    assert scores.interest_of(1)["3"] == [1.0, "", 0], "took it: more than one loaf bought"
    assert scores.interest_of(2) == {"2": [1.0, "Bakery", 1]}
    assert scores.demand == ((3, 1),)


def test_those_who_take_are_foretold_to_take_again() -> None:
    chance = np.random.default_rng(7)
    bought = [
        (member, int(chance.integers(8)), DAY + day) for member in range(120) for day in range(0, 160, 9)
    ]
    taken = [(member, 1, DAY + day) for member in range(40) for day in range(20, 160, 20)]
    dataset, history = make_dataset(bought, range(120)), make_history(taken)
    scores = score_rewards(dataset, history, cut=DAY + 160)
    assert scores.probability is not None
    assert scores.probability[:40].min() > 0.8
    assert scores.probability[40:].max() < 0.2
    again = score_rewards(dataset, history, cut=DAY + 160)
    assert again.probability is not None
    np.testing.assert_array_equal(scores.probability, again.probability)


def make_coupons(seed: int = 3) -> Coupons:
    """Three campaigns; of forty households each buys two of eight products, and redeems what is for them."""
    chance = np.random.default_rng(seed)
    likes = chance.integers(8, size=40)
    household = np.repeat(np.arange(40), 60)
    product = np.where(
        chance.random(len(household)) < 0.5, likes[household], chance.integers(8, size=len(household))
    )
    day = chance.integers(0, 340, size=len(household))
    campaigns = tuple(
        Campaign(number, first, first + 40, np.arange(8), np.arange(40))
        for number, first in ((1, 100), (2, 180), (3, CUT + 10))
    )
    some = np.arange(0, 40, 2)
    redeemed = Redeemed(
        np.tile(some, 3),
        np.tile(likes[some], 3),
        np.repeat([1, 2, 3], len(some)),
        np.repeat([110, 190, CUT + 20], len(some)),
    )
    ones = csr_matrix(np.eye(8))
    orders = Orders(household, day, np.ones(len(day)), household % 2 == 0)
    return Coupons(campaigns, ones, ones, Bought(household, product, day), orders, redeemed, 40)


def test_the_back_test_finds_what_there_is_to_find() -> None:
    found = run_backtest(make_coupons())
    assert (found.asked, found.took) == (40, 20)
    assert found.ndcg["orders with its products"].value > 0.95 > found.ndcg["chance"].value + 0.2
    assert found.auc["logistic regression"].value > 0.95


def test_the_back_test_looks_at_nothing_later() -> None:
    data = make_coupons()
    asked = data.campaigns[-1]
    before = data.bought.day < asked.first
    known = Bought(*(getattr(data.bought, name)[before] for name in ("household", "product", "day")))
    late = data.orders.day < asked.first
    orders = Orders(*(getattr(data.orders, name)[late] for name in ("household", "day", "amount", "paper")))
    whole, cut = Morning(data, asked), Morning(replace(data, bought=known, orders=orders), asked)
    np.testing.assert_array_equal(whole.describe(), cut.describe())
    one, other = (morning.score(asked.coupons, np.random.default_rng(0)) for morning in (whole, cut))
    for name, scores in one.items():
        np.testing.assert_array_equal(scores, other[name])


def test_area_under_the_curve_has_the_published_error() -> None:
    took = np.array([True] * 50 + [False] * 50)
    scores = np.r_[np.linspace(0.3, 1, 50), np.linspace(0, 0.7, 50)]
    found = measure_auc(took, scores)
    area = found.value
    one, two = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area) + 49 * (one - area**2) + 49 * (two - area**2)
    assert found.error == pytest.approx((spread / 2500) ** 0.5)
