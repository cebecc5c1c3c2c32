"""What members prefer: brands and categories, measured against everybody."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from regulars.recommend.learning.datasets import NOBODY, Dataset, Items, Numbers

ORDERS_MIN = 3
LIFT_MIN = 1.1
BATCH = 512


@dataclass(frozen=True, slots=True)
class Liking:
    """A preference: `code` of a brand or category, its share, how many times the usual that is, and the
    orders with something of it.
    """

    code: int
    share: float
    lift: float
    orders: int


@dataclass(frozen=True, slots=True)
class Usual:
    """What everybody buys: `brands` of each category as shares (sparse), `sold` with ones in their place, and
    the share of each category.
    """

    brands: Any
    sold: Any
    categories: NDArray[np.float64]


def find_usual(items: Items, bought: NDArray[Any]) -> Usual:
    """What everybody buys, by how often each item was bought. Goods without a brand are goods of no brand."""
    there = items.categories != NOBODY
    counts = np.bincount(items.categories[there], weights=bought[there], minlength=len(items.paths))
    known = there & (items.brands != NOBODY) & (bought > 0)
    shape = (len(items.paths), len(items.brand_names))
    sold = _count(items.categories[known], items.brands[known], *shape, bought[known])
    brands = csr_matrix(sold.multiply(1 / np.maximum(counts, 1)[:, None]))
    sold.data[:] = 1
    return Usual(brands, sold, counts / max(float(counts.sum()), 1))


def measure_brands(dataset: Dataset, top: int, usual: Usual | None = None) -> list[list[Liking]]:
    """Each member's brands, the strongest first; `usual` where the dataset is not everybody.

    Share: of what the member buys in those categories in which the brand is sold, of any brand or none.
    Lift: that share to the one the brand would have if the member chose within each category as everybody
    does.
    """
    items, rows = dataset.items, dataset.purchases
    category, brand = items.categories[rows.items], items.brands[rows.items]
    there = category != NOBODY
    known = there & (brand != NOBODY)
    size = len(dataset.member_ids)
    by_category = _count(rows.members[there], category[there], size, len(items.paths))
    who, brand = rows.members[known], brand[known]
    by_brand = _count(who, brand, size, len(items.brand_names))
    usual = usual or _find_usual_of(dataset)
    sold, brands = usual.sold, usual.brands
    orders = _count_orders(who, brand, rows.orders[known], by_brand.shape)
    return _weigh(by_brand, orders, lambda some: (by_category[some] @ sold, by_category[some] @ brands), top)


def measure_categories(dataset: Dataset, top: int, usual: Usual | None = None) -> list[list[Liking]]:
    """Each member's categories, the strongest first: the share of all they buy, to the share of everybody."""
    items, rows = dataset.items, dataset.purchases
    category = items.categories[rows.items]
    known = category != NOBODY
    who, category = rows.members[known], category[known]
    counts = _count(who, category, len(dataset.member_ids), len(items.paths))
    shares = (usual or _find_usual_of(dataset)).categories
    totals = np.asarray(counts.sum(axis=1))
    orders = _count_orders(who, category, rows.orders[known], counts.shape)

    def expect(some: NDArray[Any]) -> tuple[Any, Any]:
        mine = np.broadcast_to(totals[some], (len(some), len(shares)))
        return mine, totals[some] * shares

    return _weigh(counts, orders, expect, top)


def _weigh(counts: Any, orders: Any, expect: Any, top: int) -> list[list[Liking]]:
    """Likings by how far the count is above the one expected, in standard deviations of chance."""
    found: list[list[Liking]] = []
    for start in range(0, counts.shape[0], BATCH):
        some = np.arange(start, min(start + BATCH, counts.shape[0]))
        base, expected = (_thicken(one) for one in expect(some))
        for row, member in enumerate(some):
            own = slice(counts.indptr[member], counts.indptr[member + 1])
            codes, bought = counts.indices[own], counts.data[own]
            with_it = orders.data[own]
            usual = np.maximum(expected[row, codes], 1e-9)
            lift = bought / usual
            strength = np.where(
                (with_it >= ORDERS_MIN) & (lift >= LIFT_MIN), (bought - usual) / np.sqrt(usual + 1), 0
            )
            best = np.argsort(-strength, kind="stable")[:top]
            found.append(
                [
                    Liking(
                        int(codes[one]),
                        float(bought[one] / base[row, codes[one]]),
                        float(lift[one]),
                        int(with_it[one]),
                    )
                    for one in best
                    if strength[one] > 0
                ]
            )
    return found


def _thicken(matrix: Any) -> Numbers:
    dense: Numbers = np.asarray(matrix.toarray() if hasattr(matrix, "toarray") else matrix)
    return dense


def _find_usual_of(dataset: Dataset) -> Usual:
    return find_usual(dataset.items, np.bincount(dataset.purchases.items, minlength=len(dataset.items.skus)))


def _count(
    rows: NDArray[Any], columns: NDArray[Any], height: int, width: int, worth: NDArray[Any] | None = None
) -> Any:
    values = np.ones(len(rows)) if worth is None else worth.astype(np.float64)
    found = csr_matrix((values, (rows, columns)), shape=(height, width))
    found.sum_duplicates()
    found.sort_indices()
    return found


def _count_orders(
    who: NDArray[Any], codes: NDArray[Any], orders: NDArray[Any], shape: tuple[int, int]
) -> Any:
    """Orders of each member with something of each code; sparse as a count of the same pairs."""
    order = np.lexsort((orders, codes, who))
    columns = [column[order] for column in (who, codes, orders)]
    fresh = np.ones(len(order), dtype=bool)
    if len(order):
        fresh[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    return _count(columns[0][fresh], columns[1][fresh], *shape)
