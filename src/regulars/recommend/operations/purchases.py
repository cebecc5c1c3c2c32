"""The shop's own purchases as a dataset: what may be learnt from, and of whom.

Left out: products of sensitive categories (analytics' setting), products and categories that are marked as
not recommendable, members who want it impersonal or who are erased, and purchases that a member took out.
Members who were merged are one. Imports numpy and Ibis: for the worker and the command line alone.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from regulars.analytics.facade import get_learning_settings, settle_facts
from regulars.facts.facade import Facts
from regulars.recommend.learning.blocks import Kind, Shop, choose_teachers, read_dataset
from regulars.recommend.learning.datasets import NOBODY, Dataset, Items
from regulars.recommend.models import Choice, Dismissal
from regulars.recommend.operations.rows import list_buyers, list_sources, stream_rows
from regulars.recommend.queries.marks import list_marks_in_force
from regulars.recommend.queries.similar import judge_sensitive
from regulars.recommend.types import DismissalKind, MarkKind, MarkSubject, MarkView


@dataclass(frozen=True, slots=True)
class ShopData:
    """A shop to learn from. `dataset` is of those who teach: everybody, or of many members a fixed choice.
    `members` are the numbers of all who ever bought; whose hash is below `taught_below` teach, and all do
    where it is None. `facts` are settled; `as_of` is the last day they are complete for.
    """

    dataset: Dataset
    shop: Shop
    members: NDArray[np.int64]
    taught_below: int | None
    facts: Facts
    as_of: date


def read_shop(facts: Facts, now: datetime) -> ShopData:
    """The shop's own purchases. Four small queries of PostgreSQL, five of the engine."""
    merged = _read_merged(facts)
    settled = settle_facts(facts)
    items = _read_items(settled, now)
    left_out = _list_left_out(settled, merged)
    shop = Shop(items, left_out, _list_taken_out(items, merged))
    members = list_buyers(settled)
    below = choose_teachers(members, settings.RECOMMEND_TEACHERS_MAX)
    dataset = read_dataset(shop, stream_rows(list_sources(settled, facts.as_of, [Kind.LINE]), below))
    return ShopData(dataset, shop, members, below, settled, facts.as_of)


def read_file(facts: Facts) -> Dataset:
    """The purchases of an order file, which knows of no brands, categories or wishes. No database."""
    skus = facts.products.order_by("sku").select("sku").to_pyarrow().column("sku").to_pylist()
    nothing = [""] * len(skus)
    items = make_items(skus, skus, nothing, [()] * len(skus))
    nobody = np.empty(0, dtype=np.int64)
    return read_dataset(
        Shop(items, nobody, nobody), stream_rows(list_sources(facts, facts.as_of, [Kind.LINE]))
    )


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


def _list_taken_out(items: Items, merged: dict[int, int]) -> NDArray[np.int64]:
    """Purchases that a member does not want anything concluded from, as `Shop.taken_out`."""
    said = Dismissal.objects.filter(kind=DismissalKind.LEARN.value).values_list("member_id", "sku")
    place = {sku: number for number, sku in enumerate(items.skus)}
    width = len(place) + 1
    pairs = [merged.get(member_id, member_id) * width + place[sku] for member_id, sku in said if sku in place]
    return np.array(sorted(pairs), dtype=np.int64)
