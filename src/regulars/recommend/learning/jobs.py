"""What is done with each block of members: sums that all share, and then everybody's lists and tastes.

Both are functions of the rows of a block and of what is shared. They run in a loop in the driver's process or
in Spark's Python workers, and give the same: no sum of floats goes over members of more than one block.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from typing import Any

import lightgbm
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from regulars.recommend.codes import Task
from regulars.recommend.learning.blocks import Column, Kind, Shop, read_column, read_dataset
from regulars.recommend.learning.datasets import Dataset, History, Places
from regulars.recommend.learning.lists import POPULAR_DAYS, Known, Lists, list_recent, write_likings
from regulars.recommend.learning.rewards import (
    RewardHistory,
    RewardsTaught,
    score_interests,
)

RECENT = 20
PACE_DAYS = 90
BATCH_ROWS = 1_000
"""Rows that leave a block at once: some ten megabytes."""
BOUGHT, TAKEN, SHOP = -2, -1, 0
"""In place of a group of members: orders with each item, how often each reward was taken, and everybody."""
COUNTS = pa.schema(
    [pa.field("scope", pa.int32()), pa.field("item", pa.int32()), pa.field("count", pa.int64())]
)
LISTS = pa.schema(
    [
        pa.field("member_id", pa.int64()),
        pa.field("shelf", pa.string()),
        pa.field("model_id", pa.int64()),
        pa.field("skus", pa.list_(pa.string())),
        pa.field("scores", pa.list_(pa.float64())),
        pa.field("reasons", pa.string()),
        pa.field("orders_count", pa.int64()),
        pa.field("brands", pa.string()),
        pa.field("categories", pa.string()),
        pa.field("points_a_day", pa.float64()),
        pa.field("basket_minor", pa.int64()),
        pa.field("interest", pa.string()),
        pa.field("probability", pa.float64()),
    ]
)
"""Candidates, and with an empty `shelf` the taste of a member, whose last items are its `skus`."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Which groups members are of, as codes: a row of `codes` for each of `members` (numbers, rising); nought
    is none.
    """

    members: NDArray[np.int64]
    codes: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Count:
    """How many members of everybody and of each group bought each item in the four weeks before `cut`, how
    often each item was bought, and each reward taken. Integers: their sums are the same in any order.
    """

    shop: Shop
    cut: int
    reward_ids: NDArray[np.int64]
    groups: Groups

    @property
    def schema(self) -> Any:
        """As promised by `Job`."""
        return COUNTS

    def run(self, rows: Any) -> Iterator[Any]:
        """As promised by `Job`."""
        dataset = read_dataset(self.shop, [rows])
        bought = dataset.purchases
        yield _count(BOUGHT, np.bincount(bought.items[bought.days < self.cut]))
        taken = read_column(rows, Kind.TAKEN)
        chosen = np.isin(taken.members, dataset.member_ids) & (taken.days < self.cut)
        chosen &= np.isin(taken.numbers, self.reward_ids)
        yield _count(TAKEN, np.bincount(np.searchsorted(self.reward_ids, taken.numbers[chosen])))
        lately = bought.between(self.cut - POPULAR_DAYS, self.cut)
        width = max(len(self.shop.items.skus), 1)
        pairs = np.unique(lately.members.astype(np.int64) * width + lately.items)
        members, items = pairs // width, pairs % width
        yield _count(SHOP, np.bincount(items))
        codes = self._find_groups(dataset)[members]
        for column in range(codes.shape[1]):
            for code in np.unique(codes[codes[:, column] > 0, column]).tolist():
                yield _count(code, np.bincount(items[codes[:, column] == code]))

    def _find_groups(self, dataset: Dataset) -> NDArray[np.int32]:
        groups = self.groups
        found = np.zeros((len(dataset.member_ids), groups.codes.shape[1]), dtype=np.int32)
        if len(groups.members):
            places = np.minimum(np.searchsorted(groups.members, dataset.member_ids), len(groups.members) - 1)
            there = groups.members[places] == dataset.member_ids
            found[there] = groups.codes[places[there]]
        return found


@dataclass(frozen=True, slots=True)
class Score:
    """Everybody's lists with their reasons, and tastes. `kept` are the items that lists are of; `rankers` are
    trees as text.
    """

    shop: Shop
    cut: int
    kept: Places
    known: Known
    rankers: Mapping[Task, str]
    rewards: RewardsTaught

    @property
    def schema(self) -> Any:
        """As promised by `Job`."""
        return LISTS

    def run(self, rows: Any) -> Iterator[Any]:
        """As promised by `Job`."""
        dataset = read_dataset(self.shop, [rows])
        if not len(dataset.purchases):
            return
        history = History(dataset, self.cut, kept=self.kept)
        lists = Lists(history, self.known, {task: _plant(text) for task, text in self.rankers.items()})
        told = chain(self._list_tastes(dataset, lists, rows), _list_candidates(lists))
        while some := list(islice(told, BATCH_ROWS)):
            yield pa.RecordBatch.from_pylist(some, schema=LISTS)

    def _list_tastes(self, dataset: Dataset, lists: Lists, rows: Any) -> Iterator[dict[str, Any]]:
        earned, baskets = (_sum_up(read_column(rows, kind)) for kind in (Kind.EARNED, Kind.BASKET))
        taken, moved = (read_column(rows, kind) for kind in (Kind.TAKEN, Kind.MOVED))
        history = RewardHistory.of(self.rewards.reward_ids, taken, moved)
        scores = score_interests(dataset, history, self.rewards)
        recent, orders = list_recent(dataset, RECENT), _count_orders(dataset)
        leaves = [path[-1] for path in dataset.items.paths]
        for member, number in enumerate(dataset.member_ids.tolist()):
            points, basket = earned.get(number, 0), baskets.get(number, 0)
            yield {
                "member_id": number,
                "shelf": "",
                "skus": recent[member],
                "orders_count": int(orders[member]),
                "brands": _write(write_likings(lists.brands[member], dataset.items.brand_names)),
                "categories": _write(write_likings(lists.categories[member], leaves)),
                "points_a_day": round(points / PACE_DAYS, 3) if points > 0 else None,
                "basket_minor": round(basket / 2) if basket > 0 else None,
                "interest": _write(scores.interest_of(number)),
                "probability": scores.probability_of(number),
            }


def _count(scope: int, counts: NDArray[Any]) -> Any:
    items = np.flatnonzero(counts)
    scopes = np.full(len(items), scope, dtype=np.int32)
    columns = [pa.array(scopes), pa.array(items.astype(np.int32)), pa.array(counts[items].astype(np.int64))]
    return pa.RecordBatch.from_arrays(columns, schema=COUNTS)


def _list_candidates(lists: Lists) -> Iterator[dict[str, Any]]:
    for member_id, shelf, model_id, skus, scores, reasons in lists.list_rows():
        yield {
            "member_id": member_id,
            "shelf": shelf,
            "model_id": model_id,
            "skus": skus,
            "scores": scores,
            "reasons": _write(reasons),
        }


@lru_cache(maxsize=4)
def _plant(text: str) -> lightgbm.Booster:
    """Trees of their text, once in a process."""
    return lightgbm.Booster(model_str=text)


def _sum_up(column: Column) -> dict[int, int]:
    """The number of each member; one row each."""
    return dict(zip(column.members.tolist(), column.numbers.tolist(), strict=True))


def _count_orders(dataset: Dataset) -> NDArray[np.int64]:
    rows = dataset.purchases
    pairs = np.unique(np.stack([rows.members.astype(np.int64), rows.orders]), axis=1)
    return np.bincount(pairs[0], minlength=len(dataset.member_ids))


def _write(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
