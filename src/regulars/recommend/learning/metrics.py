"""How good lists are. Each metric of each member, so that means come with their standard errors.

A list is a row of places of items, the best first, `NOBODY` where it is shorter. NDCG: Järvelin & Kekäläinen
(2002) with gains of one; novelty: Zhou et al. (2010), self-information; diversity within a list: Ziegler et
al. (2005); calibration: Steck (2018), "Calibrated recommendations".
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.recommend.learning.datasets import NOBODY, History, Truth

Lists = NDArray[np.int32]
Values = NDArray[np.float64]
SMOOTHING = 0.01
"""Of the member's own categories in the list's, so that a missing one counts much and not endlessly."""


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over members, with the standard error of it."""

    value: float
    error: float
    members: int


def average(values: Values) -> Mean:
    """The mean of one value a member; its standard error is the deviation by the root of their number."""
    count = len(values)
    if not count:
        return Mean(0.0, 0.0, 0)
    error = float(values.std(ddof=1) / np.sqrt(count)) if count > 1 else 0.0
    return Mean(float(values.mean()), error, count)


def mark_hits(lists: Lists, truth: Truth) -> NDArray[np.bool_]:
    """Which items of the lists were bought; lists and answer have a row for each of `truth.members`."""
    width = max(truth.bought.shape[1], 1)
    rows = np.repeat(np.arange(truth.bought.shape[0], dtype=np.int64), np.diff(truth.bought.indptr))
    bought = rows * width + truth.bought.indices
    asked = truth.members[:, None] * width + lists
    hits: NDArray[np.bool_] = np.isin(asked, bought) & (lists != NOBODY)
    return hits


def measure_ndcg(hits: NDArray[np.bool_], relevant: NDArray[Any]) -> Values:
    """Normalised discounted cumulative gain of each list; `relevant` is how many items there were to find."""
    discounts = 1 / np.log2(np.arange(2, hits.shape[1] + 2))
    best = np.cumsum(discounts)[np.minimum(relevant, hits.shape[1]) - 1]
    found: Values = (hits * discounts).sum(axis=1) / best
    return found


def measure_recall(hits: NDArray[np.bool_], relevant: NDArray[Any]) -> Values:
    """Of what there was to find, the share that the list has."""
    found: Values = hits.sum(axis=1) / relevant
    return found


def measure_coverage(lists: Lists, items: int) -> float:
    """Of all items, the share that stands on at least one list."""
    return len(np.unique(lists[lists != NOBODY])) / items if items else 0.0


def measure_novelty(lists: Lists, buyers: NDArray[Any], members: int) -> Values:
    """Mean bits of surprise of a list: an item that one in 2ⁿ members buys has n."""
    bits = -np.log2(np.maximum(buyers, 1) / max(members, 1))
    return _mean_rows(np.where(lists != NOBODY, bits[lists], np.nan))


def measure_diversity(lists: Lists, categories: NDArray[Any], departments: NDArray[Any]) -> Values:
    """Mean distance of two items of a list: 0 in the same category, ½ in the same department, 1
    otherwise. Items of no known category are left out.
    """
    first, second = np.triu_indices(lists.shape[1], 1)
    one, other = lists[:, first], lists[:, second]
    apart = 1.0 - (departments[one] == departments[other]) / 2 - (categories[one] == categories[other]) / 2
    known = (one != NOBODY) & (other != NOBODY) & (categories[one] != NOBODY) & (categories[other] != NOBODY)
    return _mean_rows(np.where(known, apart, np.nan))


def measure_calibration(lists: Lists, history: History, members: NDArray[Any]) -> Values:
    """How far a list's departments are from those the member buys (Kullback-Leibler, nats; 0: alike)."""
    departments = history.dataset.items.departments[history.kept]
    width = int(departments.max(initial=0)) + 1
    own = np.zeros((len(members), width))
    counts = history.counts[members]
    rows = np.repeat(np.arange(len(members)), np.diff(counts.indptr))
    known = departments[counts.indices] != NOBODY
    np.add.at(own, (rows[known], departments[counts.indices][known]), counts.data[known])
    own /= np.maximum(own.sum(axis=1, keepdims=True), 1e-12)
    listed = np.zeros_like(own)
    there = (lists != NOBODY) & (departments[lists] != NOBODY)
    np.add.at(listed, (np.nonzero(there)[0], departments[lists][there]), 1.0)
    listed /= np.maximum(listed.sum(axis=1, keepdims=True), 1e-12)
    mixed = (1 - SMOOTHING) * listed + SMOOTHING * own
    terms = np.where(own > 0, own * np.log(np.maximum(own, 1e-300) / np.maximum(mixed, 1e-300)), 0.0)
    told: Values = terms.sum(axis=1)[own.sum(axis=1) > 0]
    return told


def _mean_rows(values: Values) -> Values:
    """Mean of each row without its gaps; rows of gaps alone are left out."""
    known = ~np.isnan(values)
    some = known.any(axis=1)
    told: Values = np.where(known, values, 0.0)[some].sum(axis=1) / known[some].sum(axis=1)
    return told
