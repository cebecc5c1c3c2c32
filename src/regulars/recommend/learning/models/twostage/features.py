"""What is known of a member and an item, as numbers that a ranker learns from.

Own habit (orders, decayed by three half-lives; days since; whether it is due), what others who buy the like
buy (EASE over the year, over the last quarter, over categories), the item's standing, the member's taste by
category, department and brand, and how the member shops. Days, counts and shares; names in `FEATURES`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.recommend.learning.datasets import History, Numbers
from regulars.recommend.learning.models.als import AlsFactors
from regulars.recommend.learning.models.base import take_best
from regulars.recommend.learning.models.ease import LAMBDA, EaseWeights, log_counts
from regulars.recommend.learning.models.first import IN_PROCESS, FirstStage
from regulars.recommend.learning.models.simple import HALF_LIFE_DAYS, RECENT_DAYS
from regulars.recommend.learning.models.twostage.pairs import (
    find_pairs,
    group_columns,
    look_up,
    take_greatest,
    take_values,
)

HALF_LIVES_DAYS = (28, 91, HALF_LIFE_DAYS)
NEVER_DAYS = 9999.0
"""Since something that never was."""
POPULAR_MAX = 30
OWN = (
    "decay_4w",
    "decay_13w",
    "decay_26w",
    "orders",
    "days_since",
    "days_known",
    "gap",
    "due",
    "share_of_orders",
)
OTHERS = ("ease", "ease_recent", "ease_place", "ease_category")
ITEM = ("item_buyers", "item_recent", "item_trend", "item_repeat", "item_gap", "item_age", "item_share")
TASTE = ("category", "category_since", "category_share", "department", "category_fit", "brand", "brand_share")
MEMBER = ("member_orders", "member_recent", "member_basket", "member_variety", "member_since")
FEATURES = (*OWN, *OTHERS, *ITEM, *TASTE, *MEMBER)
ITEM_GAP, ITEM_SHARE = ITEM.index("item_gap"), ITEM.index("item_share")


@dataclass(frozen=True, slots=True)
class Taught:
    """What all members of a history teach, without anybody's own purchases: it goes wherever members are
    scored. `source` names what candidates come from; `ease` and the like are ALS where that is the source.
    """

    source: str
    ease: EaseWeights | AlsFactors
    ease_recent: EaseWeights | AlsFactors
    ease_category: EaseWeights
    item: Numbers
    popular: NDArray[np.int32]


def teach(history: History, first: FirstStage = IN_PROCESS) -> Taught:
    """Learn from a history what its items say of one another, and how they stand."""
    own = _Own(history)
    ids = history.dataset.member_ids
    # A quarter and categories are fewer numbers: they are held back less.
    return Taught(
        source=first.name(history.shape[1]),
        ease=first.learn(log_counts(history.counts), ids, LAMBDA),
        ease_recent=first.learn(log_counts(own.decays[1]), ids, LAMBDA / 5),
        ease_category=first.learn_ease(log_counts(own.by_category), ids, LAMBDA / 10),
        item=_measure_items(history, own.categories),
        popular=take_best(history.buyers(RECENT_DAYS)[None, :].astype(np.float32), POPULAR_MAX)[0],
    )


class _Own:
    """What belongs to each member of a history."""

    def __init__(self, history: History) -> None:
        items, kept = history.dataset.items, history.kept
        self.categories, self.departments = items.categories[kept], items.departments[kept]
        self.brands = items.brands[kept]
        self.decays = [history.decay(days) for days in HALF_LIVES_DAYS]
        self.by_category = group_columns(self.decays[-1], self.categories)


class Knowledge(_Own):
    """All that features are made of: of each member of a history, and what was taught of its items."""

    def __init__(self, history: History, taught: Taught) -> None:
        super().__init__(history)
        self.history, self.taught = history, taught
        self.by_department = group_columns(self.decays[-1], self.departments)
        self.by_brand = group_columns(self.decays[-1], self.brands)
        self.category_last = take_greatest(history.last_days, self.categories)
        ids = history.dataset.member_ids
        self.ease = taught.ease.of(log_counts(history.counts), ids)
        self.ease_recent = taught.ease_recent.of(log_counts(self.decays[1]), ids)
        self.ease_category = taught.ease_category.of(log_counts(self.by_category), ids)
        self.item, self.popular = taught.item, taught.popular
        self.member = _measure_members(history)

    def describe(
        self, members: NDArray[Any], rows: NDArray[Any], items: NDArray[Any], ease: Numbers, recent: Numbers
    ) -> Numbers:
        """Features of pairs, one a row. `rows` are places in `members`, rising; `ease` and `recent` the
        scores of all kept items for those members.
        """
        columns = [
            *self._describe_own(members, rows, items),
            ease[rows, items],
            recent[rows, items],
            _place(ease[rows, items], rows, len(members)),
            self._look_up_category_score(members, rows, items),
            *self.item[items].T,
            *self._describe_taste(members, rows, items),
            *self.member[members][rows].T,
        ]
        return np.stack(columns, axis=1).astype(np.float32)

    def _describe_own(self, members: NDArray[Any], rows: NDArray[Any], items: NDArray[Any]) -> list[Numbers]:
        history = self.history
        where = find_pairs(history.counts[members], rows, items)
        never = history.cut - NEVER_DAYS
        orders = take_values(history.counts[members].data, where)
        last = take_values(history.last_days[members].data, where, never)
        first = take_values(history.first_days[members].data, where, never)
        since = history.cut - last
        gap = np.where(orders > 1, (last - first) / np.maximum(orders - 1, 1), self.item[items, ITEM_GAP])
        share = orders / np.maximum(self.member[members, 0][rows], 1)
        decayed = [take_values(decay[members].data, where) for decay in self.decays]
        return [
            *decayed,
            orders,
            since,
            history.cut - first,
            gap,
            np.minimum(since / np.maximum(gap, 1), NEVER_DAYS),
            share,
        ]

    def _look_up_category_score(
        self, members: NDArray[Any], rows: NDArray[Any], items: NDArray[Any]
    ) -> Numbers:
        scores = self.ease_category.score(members)
        codes = self.categories[items]
        found: Numbers = np.where(codes >= 0, scores[rows, codes], 0)
        return found

    def _describe_taste(
        self, members: NDArray[Any], rows: NDArray[Any], items: NDArray[Any]
    ) -> list[Numbers]:
        codes = self.categories[items]
        category = look_up(self.by_category[members], rows, codes)
        department = look_up(self.by_department[members], rows, self.departments[items])
        brand = look_up(self.by_brand[members], rows, self.brands[items])
        cut = self.history.cut
        since = cut - look_up(self.category_last[members], rows, codes, cut - NEVER_DAYS)
        total = np.maximum(np.asarray(self.decays[-1][members].sum(axis=1)).ravel()[rows], 1e-6)
        fit = category * self.item[items, ITEM_SHARE]
        return [category, since, category / total, department, fit, brand, brand / total]


def _place(scores: Numbers, rows: NDArray[Any], count: int) -> Numbers:
    """The place of each score among those of its row, from 0; equal ones in their order."""
    order = np.lexsort((-scores, rows))
    begins = np.searchsorted(rows, np.arange(count))
    places = np.empty(len(rows), dtype=np.float32)
    places[order] = np.arange(len(rows)) - begins[rows[order]]
    return places


def _measure_items(history: History, categories: NDArray[Any]) -> Numbers:
    """`ITEM` of each kept item."""
    buyers, recent, before = (
        history.buyers(days).astype(np.float32) for days in (None, RECENT_DAYS, 4 * RECENT_DAYS)
    )
    repeat = np.asarray((history.counts > 1).sum(axis=0)).ravel() / np.maximum(buyers, 1)
    orders = np.asarray(history.counts.sum(axis=0)).ravel()
    span = history.last_days.copy()
    span.data = span.data - history.first_days.data
    gaps = np.asarray(span.sum(axis=0)).ravel() / np.maximum(orders - buyers, 1)
    first = np.full(history.shape[1], history.cut, dtype=np.float32)
    np.minimum.at(first, history.first_days.indices, history.first_days.data)
    # Codes begin at -1, which stands for items without a category.
    totals = np.bincount(categories + 1, weights=recent, minlength=1)
    share = recent / np.maximum(totals[categories + 1], 1)
    trend = 4 * recent / np.maximum(before, 1)
    columns = [buyers, recent, trend, repeat, gaps, history.cut - first, share]
    return np.stack(columns, axis=1).astype(np.float32)


def _measure_members(history: History) -> Numbers:
    """`MEMBER` of everybody."""
    rows, count = history.rows, history.shape[0]
    orders = _count_orders(rows.members, rows.orders, count)
    is_recent = rows.days >= history.cut - RECENT_DAYS
    recent = _count_orders(rows.members[is_recent], rows.orders[is_recent], count)
    bought = np.bincount(rows.members, minlength=count).astype(np.float32)
    kinds = np.diff(history.counts.indptr)
    last = np.full(count, history.cut - NEVER_DAYS, dtype=np.float32)
    np.maximum.at(last, rows.members, rows.days.astype(np.float32))
    columns = [
        orders,
        recent,
        bought / np.maximum(orders, 1),
        kinds / np.maximum(bought, 1),
        history.cut - last,
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def _count_orders(members: NDArray[Any], orders: NDArray[Any], count: int) -> NDArray[Any]:
    order = np.lexsort((orders, members))
    who, what = members[order], orders[order]
    fresh = np.ones(len(who), dtype=bool)
    fresh[1:] = (who[1:] != who[:-1]) | (what[1:] != what[:-1])
    return np.bincount(who[fresh], minlength=count)
