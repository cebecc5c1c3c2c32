"""What members would like of the rewards, and who will take one: learnt beside the shelves.

Where nobody has taken a reward yet, purchases carry over: a reward is akin to the products whose brand or
category says what it says itself, and is scored as offers are (`offers.py`). What was taken counts too, and
more.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from regulars.recommend.learning.blocks import Column
from regulars.recommend.learning.datasets import NOBODY, Dataset, History, Items
from regulars.recommend.learning.offers import Flags, Taking, Values, count_own, fit_taking, weigh_rarity

HORIZON_DAYS = 28
LOOKS = 3
"""Past stretches of four weeks that who takes is learnt from."""
TAKERS_MIN = 50
"""Fewer cannot tell eight weights from chance."""
TAKEN_WORTH = 5.0
"""Orders that one redemption of the reward itself counts as."""
STEM_LENGTH, WORD_LENGTH_MIN = 6, 4
COMMON_SHARE = 0.15
"""A word that so many of the products carry says nothing of taste."""
LATELY_DAYS, HALF_A_YEAR_DAYS = 28, 182
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Wording:
    """What a reward says of itself; an empty `name` where what it is says nothing of taste: vouchers, gift
    cards, what is for others.
    """

    name: str
    category: str


@dataclass(frozen=True, slots=True)
class RewardHistory:
    """Rewards, what was taken of them, and how points moved: columns, with days as ordinals.

    Redemptions without the cancelled; `points` are what came to or left the spendable balance.
    """

    reward_ids: Sequence[int]
    wordings: Sequence[Wording]
    taken_members: NDArray[np.int64]
    taken_rewards: NDArray[np.int64]
    taken_days: NDArray[np.int64]
    moved_members: NDArray[np.int64]
    moved_days: NDArray[np.int64]
    moved_points: NDArray[np.int64]

    @classmethod
    def of(
        cls, reward_ids: Sequence[int], taken: Column, moved: Column, wordings: Sequence[Wording] = ()
    ) -> "RewardHistory":
        """Of the rows of some members; wordings are needed by who learns alone."""
        return cls(
            reward_ids=reward_ids,
            wordings=wordings,
            taken_members=taken.members,
            taken_rewards=taken.numbers,
            taken_days=taken.days,
            moved_members=moved.members,
            moved_days=moved.days,
            moved_points=moved.numbers,
        )


@dataclass(frozen=True, slots=True)
class RewardScores:
    """Interest (members × rewards, 0 to 1, the best of each member's 1; all 0 where nothing is known) and the
    probability of taking any within four weeks (None: too few have taken one).

    `orders` are members × rewards: how many of theirs have something of the category of `categories` at the
    same place (`NOBODY`: none), the one that speaks most for the reward. `demand` is (reward id, members who
    took it in the last four weeks), the most first.
    """

    places: Mapping[int, int]
    reward_ids: Sequence[int]
    interest: Values
    categories: NDArray[np.int32]
    orders: NDArray[np.int32]
    category_names: Sequence[str]
    probability: Values | None
    demand: tuple[tuple[int, int], ...]

    def interest_of(self, member_id: int) -> dict[str, list[float | str | int]]:
        """What `Taste.reward_interest` holds: score, category and orders; empty where nothing is known."""
        place = self.places.get(member_id)
        if place is None:
            return {}
        found: dict[str, list[float | str | int]] = {}
        for one in np.flatnonzero(self.interest[place] > 0).tolist():
            category, orders = int(self.categories[place, one]), int(self.orders[place, one])
            name = self.category_names[category] if orders else ""
            found[str(self.reward_ids[one])] = [round(float(self.interest[place, one]), 3), name, orders]
        return found

    def probability_of(self, member_id: int) -> float | None:
        """What `Taste.take_probability` holds."""
        place = self.places.get(member_id)
        return None if place is None or self.probability is None else round(float(self.probability[place]), 4)


@dataclass(frozen=True, slots=True)
class RewardsTaught:
    """What is known of rewards without anybody's own purchases. `akin` is rewards × items; of each reward:
    `of_all` orders with what is akin to it, `taken` how often it was taken. `taking` says who takes any.
    """

    reward_ids: Sequence[int]
    akin: Any
    of_all: Values
    taken: Values
    taking: Taking | None
    cut: int


def score_rewards(dataset: Dataset, history: RewardHistory, *, cut: int) -> RewardScores:
    """What is known of everybody on the morning of day `cut` (an ordinal). Deterministic; memory members ×
    rewards.
    """
    rows = dataset.purchases
    bought = np.bincount(rows.items[rows.days < cut], minlength=len(dataset.items.skus))
    taken = _count_taken(dataset, history, history.taken_days < cut).sum(axis=0)
    taught = learn_rewards(dataset, history, bought=bought, taken=taken, cut=cut)
    return replace(score_interests(dataset, history, taught), demand=_count_demand(history, cut))


def learn_rewards(
    dataset: Dataset, history: RewardHistory, *, bought: NDArray[Any], taken: Values, cut: int
) -> RewardsTaught:
    """Learn of those who teach; `bought` (of each item) and `taken` (of each reward) are sums over all."""
    akin = find_akin(history.wordings, dataset.items)
    return RewardsTaught(
        reward_ids=history.reward_ids,
        akin=akin,
        of_all=np.asarray(akin @ bought, dtype=np.float64).ravel(),
        taken=taken,
        taking=_learn_taking(dataset, history, cut),
        cut=cut,
    )


def score_interests(dataset: Dataset, history: RewardHistory, taught: RewardsTaught) -> RewardScores:
    """What the members of a dataset would like, and whether they take any: of their own rows alone."""
    cut = taught.cut
    known = History(dataset, cut, buyers_min=1)
    categories, orders = _find_evidence(known, taught.akin)
    told = None if taught.taking is None else taught.taking.foretell(_describe(dataset, history, cut))
    return RewardScores(
        places={int(member): place for place, member in enumerate(dataset.member_ids)},
        reward_ids=taught.reward_ids,
        interest=_score_interest(known, history, taught),
        categories=categories,
        orders=orders,
        category_names=[path[-1] if path else "" for path in dataset.items.paths],
        probability=told,
        demand=(),
    )


def find_akin(rewards: Sequence[Wording], items: Items) -> Any:
    """Rewards × items, sparse ones: items with a category or brand that is the reward's own category, or that
    says a word of the reward's name.

    Words of four letters or more, by their beginnings, so that `coffees` is `coffee`; one that many items
    carry counts for nothing. Names of products are not looked at: too much of them is `fresh` or `with`.
    """
    count = len(items.skus)
    whole, words = _list_places(items)
    rows: list[int] = []
    columns: list[int] = []
    for place, reward in enumerate(rewards):
        found = set(whole.get(reward.category.casefold(), ())) if reward.category else set()
        for stem in _stem(reward.name):
            some = words.get(stem, set())
            if len(some) <= COMMON_SHARE * count:
                found |= some
        rows += [place] * len(found)
        columns += sorted(found)
    return csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(rewards), count))


def _list_places(items: Items) -> tuple[dict[str, set[int]], dict[str, set[int]]]:
    """Items by the names of their brands and categories, and by the words of them."""
    whole: dict[str, set[int]] = {}
    words: dict[str, set[int]] = {}
    for names, numbers in (
        ([(name,) for name in items.brand_names], items.brands),
        (items.paths, items.categories),
    ):
        for number, parts in enumerate(names):
            some = set(np.flatnonzero(numbers == number).tolist())
            for part in parts:
                whole.setdefault(part.casefold(), set()).update(some)
                for stem in _stem(part):
                    words.setdefault(stem, set()).update(some)
    return whole, words


def _stem(text: str) -> frozenset[str]:
    words = (word.casefold() for word in _WORD.findall(text))
    return frozenset(word.rstrip("s")[:STEM_LENGTH] for word in words if len(word) >= WORD_LENGTH_MIN)


def _score_interest(known: History, history: RewardHistory, taught: RewardsTaught) -> Values:
    bought = weigh_rarity(count_own(known.counts, taught.akin[:, known.kept]), taught.of_all)
    taken = _count_taken(known.dataset, history, history.taken_days < taught.cut)
    liked = weigh_rarity(taken * TAKEN_WORTH, taught.taken)
    total = bought + liked
    best: Values = total / np.maximum(total.max(axis=1, keepdims=True, initial=0.0), 1e-9)
    return best


def _find_evidence(known: History, akin: Any) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Of the categories of what is akin to a reward the one with most orders of each member, and how many."""
    items, rows = known.dataset.items, known.rows
    paths = len(items.paths)
    category = items.categories[rows.items]
    there = category != NOBODY
    pairs = np.unique(np.column_stack([rows.members, category, rows.orders])[there], axis=0)
    shape = (known.shape[0], max(paths, 1))
    counts = csr_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=shape)
    categories = np.full((known.shape[0], akin.shape[0]), NOBODY, dtype=np.int32)
    orders = np.zeros_like(categories)
    for place in range(akin.shape[0]):
        of_reward = np.unique(items.categories[akin[place].indices])
        of_reward = of_reward[of_reward != NOBODY]
        if len(of_reward):
            some = np.asarray(counts[:, of_reward].todense(), dtype=np.int32)
            best = some.argmax(axis=1)
            orders[:, place] = some[np.arange(len(some)), best]
            categories[:, place] = np.where(orders[:, place] > 0, of_reward[best], NOBODY)
    return categories, orders


def _count_demand(history: RewardHistory, cut: int) -> tuple[tuple[int, int], ...]:
    lately = (history.taken_days < cut) & (history.taken_days >= cut - HORIZON_DAYS)
    pairs = np.unique(np.column_stack([history.taken_rewards, history.taken_members])[lately], axis=0)
    rewards, members = np.unique(pairs[:, 0], return_counts=True)
    found = zip(rewards.tolist(), members.tolist(), strict=True)
    return tuple(sorted(found, key=lambda one: (-one[1], one[0])))


def _count_taken(dataset: Dataset, history: RewardHistory, chosen: Flags) -> Values:
    """How often each member took each reward."""
    found = np.zeros((len(dataset.member_ids), len(history.reward_ids)))
    members, there = _find_members(dataset, history.taken_members[chosen])
    order = {reward: place for place, reward in enumerate(history.reward_ids)}
    rewards = np.array([order.get(int(one), NOBODY) for one in history.taken_rewards[chosen]], dtype=np.int64)
    there = there & (rewards != NOBODY)
    np.add.at(found, (members[there], rewards[there]), 1.0)
    return found


def _find_members(dataset: Dataset, ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], Flags]:
    """Places of members in the dataset, and which of them are there."""
    order = np.argsort(dataset.member_ids)
    places = np.searchsorted(dataset.member_ids, ids, sorter=order)
    members = (
        order[np.minimum(places, max(len(order) - 1, 0))] if len(order) else np.zeros(len(ids), np.int64)
    )
    there = dataset.member_ids[members] == ids if len(order) else np.zeros(len(ids), dtype=bool)
    return members, there


def _learn_taking(dataset: Dataset, history: RewardHistory, cut: int) -> Taking | None:
    looks = [cut - HORIZON_DAYS * number for number in range(1, LOOKS + 1)]
    looks = (
        [look for look in looks if look > dataset.first_day + LATELY_DAYS] if len(dataset.purchases) else []
    )
    answers = [
        _count_taken(
            dataset, history, (history.taken_days >= look) & (history.taken_days < look + HORIZON_DAYS)
        ).sum(axis=1)
        > 0
        for look in looks
    ]
    takers = sum(int(one.sum()) for one in answers)
    if takers < TAKERS_MIN or takers == sum(map(len, answers)):
        return None
    features = np.concatenate([_describe(dataset, history, look) for look in looks])
    return fit_taking(features, np.concatenate(answers))


def _describe(dataset: Dataset, history: RewardHistory, cut: int) -> Values:
    """Of each member before `cut`: orders in half a year and lately, days since the last, rewards taken ever
    and lately, days since the last taken, points held and how many came lately.
    """
    count = len(dataset.member_ids)
    rows = dataset.purchases
    _orders, first = np.unique(rows.orders, return_index=True)
    buyers, bought_on = rows.members[first].astype(np.int64), rows.days[first].astype(np.int64)
    takers, there = _find_members(dataset, history.taken_members)
    takers, taken_on = takers[there], history.taken_days[there]
    movers, there = _find_members(dataset, history.moved_members)
    movers, moved_on, points = movers[there], history.moved_days[there], history.moved_points[there]

    def total(members: NDArray[Any], chosen: Flags, worth: NDArray[Any] | None = None) -> Values:
        weights = None if worth is None else worth[chosen].astype(np.float64)
        sums = np.bincount(members[chosen], weights=weights, minlength=count)
        return np.maximum(sums.astype(np.float64), 0)

    def since(members: NDArray[Any], days: NDArray[Any]) -> Values:
        last = np.full(count, cut - HALF_A_YEAR_DAYS, dtype=np.int64)
        before = days < cut
        np.maximum.at(last, members[before], days[before])
        return (cut - last).astype(np.float64)

    columns = [
        total(buyers, (bought_on < cut) & (bought_on >= cut - HALF_A_YEAR_DAYS)),
        total(buyers, (bought_on < cut) & (bought_on >= cut - LATELY_DAYS)),
        since(buyers, bought_on),
        total(takers, taken_on < cut),
        total(takers, (taken_on < cut) & (taken_on >= cut - LATELY_DAYS)),
        since(takers, taken_on),
        total(movers, moved_on < cut, points),
        total(movers, (moved_on < cut) & (moved_on >= cut - LATELY_DAYS) & (points > 0), points),
    ]
    return np.log1p(np.column_stack(columns))
