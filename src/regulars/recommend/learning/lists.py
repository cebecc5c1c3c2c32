"""What every member would be shown, and why: arrays and evidence into rows. Needs no Django."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.recommend.codes import ReasonCode, ShelfCode, Task
from regulars.recommend.learning.datasets import NOBODY, Dataset, History, Items
from regulars.recommend.learning.diversity import spread_pages
from regulars.recommend.learning.evidence import name_causes
from regulars.recommend.learning.models.als import AlsFactors
from regulars.recommend.learning.models.base import BATCH, Learnt, take_best
from regulars.recommend.learning.models.ease import EaseWeights
from regulars.recommend.learning.models.twostage.features import Taught
from regulars.recommend.learning.models.twostage.ranker import Listed, Rankers, TwoStage
from regulars.recommend.learning.tastes import Liking, Usual, measure_brands, measure_categories

SIZES = {ShelfCode.AGAIN: 60, ShelfCode.NEW: 120, ShelfCode.BRANDS: 40}
ANY_SIZE = 200
"""Of all products, so that enough of them were bought before."""
BRANDS_MAX, CATEGORIES_MAX = 10, 12
POPULAR_DAYS = 28
POOL_SIZE, PAGE = 400, 10
"""Candidates that a page of so many is spread out of."""
Row = tuple[Any, ...]
RawReasons = list[list[Any]]


@dataclass(frozen=True, slots=True)
class Serving:
    """A model that serves a task: its number and kind, and what it learnt; nothing where two stages serve."""

    model_id: int
    kind: str
    learnt: Learnt | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What lists are made with, beside a member's own purchases. `weights` say which purchases speak for a
    candidate; `taught` is there where two stages serve; `buyers` are those of the last four weeks, of each
    kept item; `popular` are kept items of each brand, the most bought lately first.
    """

    serving: Mapping[Task, Serving]
    weights: EaseWeights | AlsFactors
    taught: Taught | None
    usual: Usual
    buyers: NDArray[np.int64]
    popular: Sequence[Sequence[int]]


class Lists:
    """The lists of the members of a history."""

    def __init__(self, history: History, known: Known, rankers: Rankers) -> None:
        self.history, self.known, self.serving = history, known, known.serving
        self.dataset: Dataset = history.dataset
        self.members = np.flatnonzero(np.bincount(history.rows.members, minlength=history.shape[0]))
        self.listed: dict[Task, Listed] = {}
        self._list_all(rankers)
        fit = known.weights.over(history)
        self.causes = name_causes(fit, self.members, self.listed[Task.NEW].items)
        self.brands = measure_brands(self.dataset, BRANDS_MAX, known.usual)
        self.categories = measure_categories(self.dataset, CATEGORIES_MAX, known.usual)

    def _list_all(self, rankers: Rankers) -> None:
        counts = {Task.ANY: ANY_SIZE, Task.NEW: SIZES[ShelfCode.NEW]}
        if rankers and self.known.taught is not None:
            # A page is spread out of more than is kept.
            deep = counts | {Task.NEW: POOL_SIZE}
            two = TwoStage(self.history, rankers, self.known.taught)
            self.listed |= two.list_both(self.members, deep, POOL_SIZE)
        if Task.NEW in self.listed:
            self.listed[Task.NEW] = _spread(self.listed[Task.NEW], counts[Task.NEW])
        for task, serving in self.serving.items():
            if task not in self.listed:
                self.listed[task] = self._list_single(serving, counts[task], is_new=task is Task.NEW)

    def _list_single(self, serving: Serving, count: int, *, is_new: bool) -> Listed:
        if serving.learnt is None:
            raise ValueError(f"{serving.kind} is to list what nothing was learnt for")
        fitted = serving.learnt.over(self.history)
        parts = []
        for start in range(0, len(self.members), BATCH):
            some = self.members[start : start + BATCH]
            scores = fitted.score(some)
            if is_new:
                known = self.history.counts[some]
                scores[np.repeat(np.arange(len(some)), np.diff(known.indptr)), known.indices] = -np.inf
            best = take_best(scores, count)
            told = np.take_along_axis(scores, best, axis=1)
            parts.append(Listed(np.where(np.isfinite(told), best, NOBODY), told))
        empty = np.empty((0, count), dtype=np.int32)
        return Listed(
            np.concatenate([part.items for part in parts] or [empty]),
            np.concatenate([part.scores for part in parts] or [empty.astype(np.float32)]),
        )

    def sku(self, place: int) -> str:
        """The SKU of a kept item."""
        return str(self.dataset.items.skus[self.history.kept[place]])

    def name(self, place: int) -> str:
        """The name of a kept item."""
        return str(self.dataset.items.names[self.history.kept[place]])

    def list_rows(self) -> Iterator[Row]:
        """Rows of Candidates: member, shelf, model, SKUs, scores, reasons."""
        for row, member in enumerate(self.members.tolist()):
            number = int(self.dataset.member_ids[member])
            for shelf, task, picked in (
                (ShelfCode.AGAIN, Task.ANY, self._pick_again(row, member)),
                (ShelfCode.NEW, Task.NEW, self._pick_new(row, member)),
                (ShelfCode.BRANDS, Task.NEW, self._pick_brands(row, member)),
            ):
                if picked:
                    items, scores, reasons = zip(*picked, strict=True)
                    model_id = self.serving[task].model_id
                    skus = [self.sku(item) for item in items]
                    told = [round(float(score), 5) for score in scores]
                    yield number, shelf.value, model_id, skus, told, list(reasons)

    def _pick_again(self, row: int, member: int) -> list[tuple[int, float, RawReasons]]:
        counts, last = self.history.counts, self.history.last_days
        own = slice(counts.indptr[member], counts.indptr[member + 1])
        orders = dict(zip(counts.indices[own].tolist(), counts.data[own].tolist(), strict=True))
        days = dict(zip(last.indices[own].tolist(), last.data[own].tolist(), strict=True))
        found = []
        for item, score in _walk(self.listed[Task.ANY], row):
            if item in orders:
                values = {"orders": int(orders[item]), "last_on": _write_day(days[item])}
                found.append((item, score, [[ReasonCode.BOUGHT_OFTEN.value, values]]))
        return found[: SIZES[ShelfCode.AGAIN]]

    def _pick_new(self, row: int, member: int) -> list[tuple[int, float, RawReasons]]:
        likings = _Likings(self, member)
        days = self._list_days(member)
        found = []
        for place, (item, score) in enumerate(_walk(self.listed[Task.NEW], row)):
            reasons: RawReasons = [
                [
                    ReasonCode.BOUGHT_WITH.value,
                    {"sku": self.sku(cause), "name": self.name(cause), "last_on": _write_day(days[cause])},
                ]
                for cause in self.causes[row, place].tolist()
                if cause != NOBODY
            ]
            found.append((item, score, reasons + likings.explain(item) or self._tell_popular(item)))
        return found

    def _tell_popular(self, item: int) -> RawReasons:
        """What is to be said where nothing of the member's own speaks for an item."""
        buyers = int(self.known.buyers[item])
        return [[ReasonCode.POPULAR.value, {"buyers": buyers, "days": POPULAR_DAYS}]] if buyers else []

    def _pick_brands(self, row: int, member: int) -> list[tuple[int, float, RawReasons]]:
        """New items of the brands a member prefers: what the model ranks first, then what sells."""
        most, items = SIZES[ShelfCode.BRANDS], self.dataset.items
        likings = {one.code: one for one in self.brands[member]}
        if not likings:
            return []
        brands = items.brands[self.history.kept]
        known = set(self.history.counts[member].indices.tolist())
        wanted = [item for item, _ in _walk(self.listed[Task.NEW], row) if int(brands[item]) in likings]
        rest = [item for code in likings for item in self.known.popular[code] if item not in known]
        picked = []
        for place, item in enumerate(list(dict.fromkeys([*wanted, *rest]))[:most]):
            code = int(brands[item])
            reason = _write_brand(items.brand_names[code], likings[code])
            picked.append((item, 1 - place / (most + 1), [reason]))
        return picked

    def _list_days(self, member: int) -> dict[int, float]:
        last = self.history.last_days
        own = slice(last.indptr[member], last.indptr[member + 1])
        return dict(zip(last.indices[own].tolist(), last.data[own].tolist(), strict=True))


def _spread(listed: Listed, count: int) -> Listed:
    """The same with a first page that shows more of the range. Scores fall with the place."""
    columns = spread_pages(listed.items, listed.scores, count=PAGE)[:, :count]
    items = np.take_along_axis(listed.items, columns, axis=1)
    scores = np.sort(-np.take_along_axis(listed.scores, columns, axis=1), axis=1)
    return Listed(items, -scores)


class _Likings:
    """A member's preferences, as reasons."""

    def __init__(self, lists: Lists, member: int) -> None:
        items, kept = lists.dataset.items, lists.history.kept
        self.items, self.kept = items, kept
        self.brands = {one.code: one for one in lists.brands[member]}
        self.categories = {one.code: one for one in lists.categories[member]}

    def explain(self, item: int) -> RawReasons:
        found: RawReasons = []
        brand = self.brands.get(int(self.items.brands[self.kept[item]]))
        if brand is not None:
            found.append(_write_brand(self.items.brand_names[brand.code], brand))
        category = self.categories.get(int(self.items.categories[self.kept[item]]))
        if category is not None:
            name = self.items.paths[category.code][-1]
            found.append([ReasonCode.CATEGORY.value, {"category": name, "orders": category.orders}])
        return found


def list_brands(items: Items, kept: NDArray[Any], buyers: NDArray[Any]) -> list[list[int]]:
    """Kept items of each brand, the most bought first."""
    brands = items.brands[kept]
    order = np.lexsort((np.arange(len(buyers)), -buyers, brands))
    edges = np.searchsorted(brands[order], np.arange(len(items.brand_names) + 1))
    return [order[first:last][: SIZES[ShelfCode.BRANDS]].tolist() for first, last in pairwise(edges)]


def _walk(listed: Listed, row: int) -> Iterator[tuple[int, float]]:
    for item, score in zip(listed.items[row].tolist(), listed.scores[row].tolist(), strict=True):
        if item != NOBODY:
            yield item, score


def _write_brand(name: str, liking: Liking) -> list[Any]:
    values = {
        "brand": name,
        "percent": round(100 * liking.share),
        "lift_percent": round(100 * (liking.lift - 1)),
    }
    return [ReasonCode.BRAND.value, values]


def _write_day(ordinal: float) -> str:
    return date.fromordinal(int(ordinal)).isoformat()


def write_likings(likings: Sequence[Liking], names: Sequence[str]) -> list[list[Any]]:
    """Likings as they are stored: [name, share, lift, orders]; two categories of one name are told once."""
    told: dict[str, list[Any]] = {}
    for one in likings:
        name = names[one.code]
        told.setdefault(name, [name, round(one.share, 4), round(one.lift, 3), one.orders])
    return list(told.values())


def list_recent(dataset: Dataset, count: int) -> dict[int, list[str]]:
    """The last different items of each member of a dataset (places), the latest first."""
    rows = dataset.purchases
    found: dict[int, list[str]] = {}
    edges: NDArray[Any] = np.searchsorted(rows.members, np.arange(len(dataset.member_ids) + 1))
    for member, (first, last) in enumerate(pairwise(edges)):
        latest = dict.fromkeys(rows.items[first:last][::-1].tolist())
        found[member] = [dataset.items.skus[item] for item in list(latest)[:count]]
    return found
