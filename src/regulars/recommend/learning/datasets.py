"""Purchases as arrays, and what is known of members at a day: nothing that came later."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Places = NDArray[np.int32]
Days = NDArray[np.int32]
Numbers = NDArray[np.float32]

BUYERS_MIN = 10
"""Members who must have bought an item before it is recommended by what others bought."""
BUYERS_SHARE, BUYERS_FLOOR = 1 / 20, 2
"""Of members, where they are so few that ten would leave nothing."""
NOBODY = -1
"""In place of an item, a brand or a category: there is none."""


@dataclass(frozen=True, slots=True)
class Items:
    """What is sold. `brands` and `categories` are numbers of names, `NOBODY` where unknown; a category is the
    whole path, so that two which end in the same word are two. `departments` are the widest of the paths.
    """

    skus: Sequence[str]
    names: Sequence[str]
    brands: Places
    brand_names: Sequence[str]
    categories: Places
    paths: Sequence[tuple[str, ...]]
    departments: Places


@dataclass(frozen=True, slots=True)
class Purchases:
    """One row for an item of an order, in order of member, then day.

    `members` and `items` are places in the dataset's lists; `days` are ordinals; an order has a number.
    """

    members: Places
    items: Places
    days: Days
    orders: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.members)

    def pick(self, chosen: NDArray[Any]) -> "Purchases":
        """Those rows that a mask, or places, choose."""
        return Purchases(self.members[chosen], self.items[chosen], self.days[chosen], self.orders[chosen])

    def between(self, first: int, after: int) -> "Purchases":
        """Those of the days from `first` until before `after`."""
        return self.pick((self.days >= first) & (self.days < after))


@dataclass(frozen=True, slots=True)
class Dataset:
    """A shop: its members (by number), its items, and who bought what when."""

    member_ids: NDArray[np.int64]
    items: Items
    purchases: Purchases

    @property
    def first_day(self) -> int:
        """Ordinal of the first day with a purchase."""
        return int(self.purchases.days.min())

    @property
    def after(self) -> int:
        """Ordinal of the day after the last one with a purchase."""
        return int(self.purchases.days.max()) + 1


def order_purchases(
    members: NDArray[Any], items: NDArray[Any], days: NDArray[Any], orders: NDArray[Any]
) -> Purchases:
    """Rows in order, an item once an order: two lines of the same are one purchase of it."""
    places = np.lexsort((items, orders, days, members))
    rows = [column[places] for column in (members, days, orders, items)]
    fresh = np.ones(len(places), dtype=bool)
    if len(places):
        fresh[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in rows])
    kept = places[fresh]
    return Purchases(
        members[kept].astype(np.int32),
        items[kept].astype(np.int32),
        days[kept].astype(np.int32),
        orders[kept].astype(np.int64),
    )


def choose_buyers_min(dataset: Dataset) -> int:
    """How many must have bought an item: `BUYERS_MIN`, or a twentieth of the members of a small shop."""
    return min(BUYERS_MIN, max(BUYERS_FLOOR, int(len(dataset.member_ids) * BUYERS_SHARE)))


def count_kept(dataset: Dataset, buyers_min: int, allowed: NDArray[np.bool_] | None = None) -> int:
    """How many items enough members have bought, up to the last day."""
    if not len(dataset.purchases):
        return 0
    return History(dataset, dataset.after, buyers_min=buyers_min, allowed=allowed).shape[1]


class History:
    """What is known on the morning of day `cut`: all purchases before it, and no other.

    `kept` are places of the items that enough members have bought, or those that are given. All matrices
    have a row for every member of the dataset and a column for each kept item.
    """

    def __init__(
        self,
        dataset: Dataset,
        cut: int,
        *,
        buyers_min: int = BUYERS_MIN,
        allowed: NDArray[np.bool_] | None = None,
        kept: Places | None = None,
    ) -> None:
        self.dataset, self.cut = dataset, cut
        rows = dataset.purchases.pick(dataset.purchases.days < cut)
        count = len(dataset.items.skus)
        pairs = (
            np.unique(rows.members.astype(np.int64) * count + rows.items) if len(rows) else np.empty(0, int)
        )
        self.buyers_of_all = np.bincount(pairs % count if count else pairs, minlength=count)
        enough = self.buyers_of_all >= buyers_min
        enough = enough if allowed is None else enough & allowed
        self.kept: Places = np.flatnonzero(enough).astype(np.int32) if kept is None else kept
        self.place_of: Places = np.full(count, NOBODY, dtype=np.int32)
        self.place_of[self.kept] = np.arange(len(self.kept), dtype=np.int32)
        self.rows = rows.pick(self.place_of[rows.items] >= 0)
        self.shape = (len(dataset.member_ids), len(self.kept))

    @cached_property
    def _pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Order of the rows by pair of member and item, where each pair begins, and the pairs."""
        keys = self.rows.members.astype(np.int64) * self.shape[1] + self.place_of[self.rows.items]
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(ordered) else ordered
        return order, starts, ordered[starts]

    def _matrix(self, values: NDArray[Any]) -> Any:
        """A value for each pair, as members × items."""
        keys = self._pairs[2]
        columns = keys % max(self.shape[1], 1)
        ends = np.searchsorted(keys, np.arange(self.shape[0] + 1, dtype=np.int64) * max(self.shape[1], 1))
        return csr_matrix((values, columns.astype(np.int32), ends), shape=self.shape)

    @cached_property
    def counts(self) -> Any:
        """Orders of each member with each item; members × items, sparse float32."""
        order, starts, _ = self._pairs
        return self._matrix(np.diff(np.r_[starts, len(order)]).astype(np.float32))

    @cached_property
    def last_days(self) -> Any:
        """Ordinal of the last day of each pair; the same sparse shape as `counts`."""
        order, starts, _ = self._pairs
        ends = np.r_[starts[1:], len(order)] - 1 if len(starts) else starts
        return self._matrix(self.rows.days[order][ends].astype(np.float32))

    @cached_property
    def first_days(self) -> Any:
        """Ordinal of the first day of each pair; the same sparse shape as `counts`."""
        order, starts, _ = self._pairs
        return self._matrix(self.rows.days[order][starts].astype(np.float32))

    def decay(self, half_life_days: float) -> Any:
        """Orders, each worth a half of one that is so many days younger; sparse as `counts`."""
        order, starts, _ = self._pairs
        ages = (self.cut - 1 - self.rows.days[order]).astype(np.float32)
        worth = np.exp2(-ages / np.float32(half_life_days))
        return self._matrix(np.add.reduceat(worth, starts) if len(starts) else worth)

    def buyers(self, days: int | None = None) -> NDArray[np.int64]:
        """How many members bought each kept item, in so many days before the cut or ever."""
        if days is None:
            return self.buyers_of_all[self.kept]
        recent = self.rows.pick(self.rows.days >= self.cut - days)
        width = max(self.shape[1], 1)
        pairs = np.unique(recent.members.astype(np.int64) * width + self.place_of[recent.items])
        return np.bincount(pairs % width, minlength=self.shape[1])


@dataclass(frozen=True, slots=True)
class Truth:
    """What members bought of a history's kept items in a later stretch: sparse members × items of ones."""

    bought: Any
    members: NDArray[np.int64]
    """Those who bought anything of it: who are asked about."""


def find_truth(history: History, after: int, *, is_new: bool = False) -> Truth:
    """What was bought from the history's cut until before `after`; with `is_new`, never before it."""
    later = history.dataset.purchases.between(history.cut, after)
    later = later.pick(history.place_of[later.items] >= 0)
    ones = np.ones(len(later), dtype=np.float32)
    bought = csr_matrix((ones, (later.members, history.place_of[later.items])), shape=history.shape)
    bought.sum_duplicates()
    bought.data[:] = 1
    if is_new:
        known = history.counts.copy()
        known.data[:] = 1
        bought = bought - bought.multiply(known)
        bought.eliminate_zeros()
        bought = csr_matrix(bought)
    bought.sort_indices()
    return Truth(bought, np.flatnonzero(np.diff(bought.indptr)))
