"""The shop's own purchases as a dataset: what may be learnt from, and of whom.

Left out: products of sensitive categories (analytics' setting), products and categories that are marked as
not recommendable, members who want it impersonal or who are erased, and purchases that a member took out.
Members who were merged are one. Imports numpy and Ibis: for the worker and the command line alone.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.analytics.facade import get_learning_settings, settle_facts
from regulars.facts.facade import Facts
from regulars.recommend.learning.datasets import NOBODY, Dataset, Items, order_purchases
from regulars.recommend.models import Choice, Dismissal
from regulars.recommend.queries.marks import list_marks_in_force
from regulars.recommend.queries.similar import judge_sensitive
from regulars.recommend.types import DismissalKind, MarkKind, MarkSubject, MarkView

SOLD_KINDS = ("product",)
"""Kinds of lines that are something to recommend: no postage, no gift card."""


@dataclass(frozen=True, slots=True)
class ShopData:
    """A shop to learn from. `facts` are settled; `as_of` is the last day they are complete for."""

    dataset: Dataset
    facts: Facts
    as_of: date


def read_shop(facts: Facts, now: datetime) -> ShopData:
    """The shop's own purchases. Four small queries of PostgreSQL, four of the engine."""
    merged = _read_merged(facts)
    settled = settle_facts(facts)
    items = _read_items(settled, now)
    place = {sku: number for number, sku in enumerate(items.skus)}
    bought = _read_bought(settled, place)
    kept = ~np.isin(bought.who, _list_left_out(settled, merged))
    kept &= ~_find_taken_out(bought.who, bought.what, place, merged)
    return ShopData(_make_dataset(bought, kept, items), settled, facts.as_of)


def read_file(facts: Facts) -> Dataset:
    """The purchases of an order file, which knows of no brands, categories or wishes. No database."""
    skus = facts.products.order_by("sku").select("sku").to_pyarrow().column("sku").to_pylist()
    nothing = [""] * len(skus)
    items = make_items(skus, skus, nothing, [()] * len(skus))
    bought = _read_bought(facts, {sku: number for number, sku in enumerate(skus)})
    return _make_dataset(bought, np.ones(len(bought.who), dtype=bool), items)


@dataclass(frozen=True, slots=True)
class _Bought:
    """Lines as columns: members by number, items as places, days as ordinals, orders by number."""

    who: NDArray[Any]
    what: NDArray[Any]
    days: NDArray[Any]
    orders: NDArray[Any]


def _read_bought(facts: Facts, place: dict[str, int]) -> _Bought:
    lines = facts.order_lines
    sold = lines.filter(lines.kind.isin(SOLD_KINDS))
    table = sold.select("member_id", "sku", "occurred_on", "order_id").to_pyarrow()
    skus = table.column("sku").combine_chunks().dictionary_encode()
    known = np.array([place.get(sku, NOBODY) for sku in skus.dictionary.to_pylist()] or [NOBODY])
    what = known[skus.indices.to_numpy(zero_copy_only=False)]
    days = table.column("occurred_on").to_numpy().astype("datetime64[D]").astype(np.int64) + _EPOCH
    who, orders = (table.column(name).to_numpy() for name in ("member_id", "order_id"))
    kept = what != NOBODY
    return _Bought(who[kept], what[kept], days[kept], orders[kept])


def _make_dataset(bought: _Bought, kept: NDArray[np.bool_], items: Items) -> Dataset:
    members, rows = np.unique(bought.who[kept], return_inverse=True)
    purchases = order_purchases(rows, bought.what[kept], bought.days[kept], bought.orders[kept])
    return Dataset(members.astype(np.int64), items, purchases)


_EPOCH = date(1970, 1, 1).toordinal()


def make_items(
    skus: Sequence[str],
    names: Sequence[str],
    brands: Sequence[str],
    paths: Sequence[tuple[str, ...]],
) -> Items:
    """Items with their brands and categories as numbers; an empty one is unknown."""
    brand_names = sorted({brand for brand in brands if brand})
    known_paths = sorted({path for path in paths if path})
    brand_of = {name: number for number, name in enumerate(brand_names)}
    category_of = {path: number for number, path in enumerate(known_paths)}
    wide = {name: number for number, name in enumerate(sorted({path[0] for path in known_paths}))}
    return Items(
        skus=skus,
        names=names,
        brands=np.array([brand_of.get(brand, NOBODY) for brand in brands], dtype=np.int32),
        brand_names=brand_names,
        categories=np.array([category_of.get(path, NOBODY) for path in paths], dtype=np.int32),
        paths=known_paths,
        departments=np.array([wide[path[0]] if path else NOBODY for path in paths], dtype=np.int32),
    )


def _read_items(facts: Facts, now: datetime) -> Items:
    is_sensitive = judge_sensitive(get_learning_settings())
    unsuitable = _Unsuitable(list_marks_in_force(now))
    table = facts.products.order_by("sku").select("sku", "name", "brand", "categories").to_pyarrow()
    rows = [
        (sku, name or sku, brand or "", tuple(path or ()))
        for sku, name, brand, path in zip(*(column.to_pylist() for column in table.columns), strict=True)
    ]
    rows = [row for row in rows if not is_sensitive(row[3]) and not unsuitable.covers(row[0], row[2], row[3])]
    skus, names, brands, paths = zip(*rows, strict=True) if rows else ((), (), (), ())
    return make_items(skus, names, brands, paths)


class _Unsuitable:
    """What the marketer has marked as never to be recommended."""

    def __init__(self, marks: Collection[MarkView]) -> None:
        chosen = [mark for mark in marks if mark.kind is MarkKind.UNSUITABLE]
        self.skus, self.brands, self.categories = (
            {mark.value for mark in chosen if mark.subject is subject}
            for subject in (MarkSubject.PRODUCT, MarkSubject.BRAND, MarkSubject.CATEGORY)
        )

    def covers(self, sku: str, brand: str, path: tuple[str, ...]) -> bool:
        return sku in self.skus or brand in self.brands or not self.categories.isdisjoint(path)


def _read_merged(facts: Facts) -> dict[int, int]:
    merged = facts.members.filter(facts.members.merged_into.notnull())
    table = merged.select("member_id", "merged_into").to_pyarrow()
    return dict(
        zip(table.column("member_id").to_pylist(), table.column("merged_into").to_pylist(), strict=True)
    )


def _list_left_out(facts: Facts, merged: dict[int, int]) -> NDArray[np.int64]:
    """Who is not learnt from: the erased, and those who want it impersonal; the survivor's word counts."""
    erased = facts.members.filter(facts.members.erased).select("member_id").to_pyarrow()
    left_out = set(erased.column("member_id").to_pylist())
    said: dict[int, bool] = {}
    for member_id, personal in Choice.objects.values_list("member_id", "personal"):
        survivor = merged.get(member_id, member_id)
        if survivor == member_id or survivor not in said:
            said[survivor] = personal
    left_out.update(member_id for member_id, personal in said.items() if not personal)
    return np.array(sorted(left_out), dtype=np.int64)


def _find_taken_out(
    who: NDArray[Any], what: NDArray[Any], place: dict[str, int], merged: dict[int, int]
) -> NDArray[np.bool_]:
    """Purchases that a member does not want anything concluded from."""
    said = Dismissal.objects.filter(kind=DismissalKind.LEARN.value).values_list("member_id", "sku")
    width = len(place) + 1
    pairs = [merged.get(member_id, member_id) * width + place[sku] for member_id, sku in said if sku in place]
    found: NDArray[np.bool_] = np.isin(who.astype(np.int64) * width + what, np.array(pairs, dtype=np.int64))
    return found
