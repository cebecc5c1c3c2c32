"""What is popular, and how members earn: sums over recent facts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import ibis
import numpy as np
from numpy.typing import NDArray

from regulars.analytics.facade import list_measures
from regulars.facts.facade import Facts
from regulars.recommend.learning.datasets import Dataset, Purchases

POPULAR_DAYS = 28
POPULAR_MAX = 60
BUYERS_MIN = 2
"""What a single member bought is popular with nobody."""
PACE_DAYS = 90
BASKET_DAYS = 180
SPENDABLE = "points"
MEMBERS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Pace:
    """How a member earns: points a day, and what a usual basket costs, minor units."""

    points_a_day: float | None
    basket_minor: int | None


def list_popular(dataset: Dataset) -> Iterator[tuple[str, int, list[str], list[int]]]:
    """Scopes with their days, SKUs and buyers, the most bought first: the shop, each segment, lifestyle,
    category of any level, and brand.
    """
    recent = dataset.purchases.between(dataset.after - POPULAR_DAYS, dataset.after)
    yield from _write_scope(dataset, "shop", recent)
    for scope, places in _list_groups(dataset).items():
        chosen = np.zeros(len(dataset.member_ids), dtype=bool)
        chosen[places] = True
        yield from _write_scope(dataset, scope, recent.pick(chosen[recent.members]))
    buyers = _count_buyers(dataset, recent)
    items = dataset.items
    levels: dict[str, list[int]] = {}
    for code, path in enumerate(items.paths):
        for name in dict.fromkeys(path):
            levels.setdefault(name, []).append(code)
    for name, codes in levels.items():
        yield from _write_items(dataset, f"category:{name}", buyers, np.isin(items.categories, codes))
    for code, name in enumerate(items.brand_names):
        yield from _write_items(dataset, f"brand:{name}", buyers, items.brands == code)


def _list_groups(dataset: Dataset) -> dict[str, list[int]]:
    """Members (places) by scope of their named segment and of their first lifestyle."""
    found: dict[str, list[int]] = {}
    place = {int(number): row for row, number in enumerate(dataset.member_ids)}
    numbers = list(place)
    for start in range(0, len(numbers), MEMBERS_AT_ONCE):
        for number, measures in list_measures(numbers[start : start + MEMBERS_AT_ONCE]).items():
            if measures.segment:
                found.setdefault(f"segment:{measures.segment.value}", []).append(place[number])
            for one in measures.lifestyles[:1]:
                found.setdefault(f"lifestyle:{one.code}", []).append(place[number])
    return found


def _write_scope(
    dataset: Dataset, scope: str, rows: Purchases
) -> Iterator[tuple[str, int, list[str], list[int]]]:
    buyers = _count_buyers(dataset, rows)
    yield from _write_items(dataset, scope, buyers, np.ones(len(buyers), dtype=bool))


def _count_buyers(dataset: Dataset, rows: Purchases) -> NDArray[np.int64]:
    count = max(len(dataset.items.skus), 1)
    pairs = np.unique(rows.members.astype(np.int64) * count + rows.items)
    return np.bincount(pairs % count, minlength=len(dataset.items.skus))


def _write_items(
    dataset: Dataset, scope: str, buyers: NDArray[np.int64], chosen: NDArray[np.bool_]
) -> Iterator[tuple[str, int, list[str], list[int]]]:
    places = np.flatnonzero(chosen & (buyers >= BUYERS_MIN))
    best = places[np.argsort(-buyers[places], kind="stable")][:POPULAR_MAX]
    if len(best):
        yield (
            scope[:160],
            POPULAR_DAYS,
            [dataset.items.skus[place] for place in best.tolist()],
            buyers[best].tolist(),
        )


def read_paces(facts: Facts) -> dict[int, Pace]:
    """How each member earned lately; None where there was nothing. Two queries of the engine.

    Points: earned in 90 days less what was reversed, by day. Basket: the median of what was paid for an
    order in 180 days.
    """
    ledger = facts.ledger
    since = ibis.date(facts.as_of - timedelta(days=PACE_DAYS))
    moved = ledger.filter(ledger.currency == SPENDABLE, ledger.occurred_on > since)
    sign = ibis.cases((moved.debit == "issued", 1), (moved.credit == "reversed", -1), else_=0)
    points = moved.group_by("member_id").agg(points=(moved.amount * sign).sum().cast("int64"))
    orders = facts.orders
    lately = orders.filter(orders.occurred_on > ibis.date(facts.as_of - timedelta(days=BASKET_DAYS)))
    baskets = lately.group_by("member_id").agg(basket=lately.amount.cast("float64").median())
    earned = _to_dict(points, "points")
    paid = _to_dict(baskets, "basket")
    return {
        member: Pace(
            points_a_day=round(earned[member] / PACE_DAYS, 3) if earned.get(member, 0) > 0 else None,
            basket_minor=round(paid[member]) if paid.get(member, 0) > 0 else None,
        )
        for member in earned.keys() | paid.keys()
    }


def _to_dict(table: Any, column: str) -> dict[int, float]:
    found = table.to_pyarrow()
    values: Iterable[Any] = found.column(column).to_pylist()
    return {
        member: value or 0
        for member, value in zip(found.column("member_id").to_pylist(), values, strict=True)
    }
