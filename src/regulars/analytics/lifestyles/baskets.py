"""What members buy, as a table of members by categories."""

import re
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from regulars.analytics.lifestyles.sensitive import is_sensitive
from regulars.facts.facade import Facts

Numbers = NDArray[np.float64]
Members = NDArray[np.int64]
SHARE_MIN = 0.01
MEMBERS_MIN = 20
"""A category that fewer members buy from is left out, and so is one that fewer than one in a hundred do."""
LINES_MIN = 20
"""Purchases, counted by category, that say something of a member."""


@dataclass(frozen=True, slots=True)
class Baskets:
    """`counts`: orders of each member with something of each category. `paths` are the categories' whole
    paths, `kept_out` the names of sensitive ones that were bought and not looked at.
    """

    members: Members
    counts: Any
    paths: tuple[tuple[str, ...], ...]
    kept_out: tuple[str, ...]


def read_baskets(facts: Facts, pattern: re.Pattern[str] | None) -> Baskets:
    """Count orders by member and narrowest category; a sensitive product is as if not bought."""
    paths = [tuple(path or ()) for path in facts.products.categories.to_pyarrow().to_pylist()]
    distinct = sorted({path for path in paths if path})
    allowed = [path for path in distinct if not is_sensitive(path, pattern)]
    # Two paths that end in the same word are two categories: frozen food, and frozen natural food.
    number = {path: place for place, path in enumerate(allowed)}
    skus = facts.products.select("sku").to_pyarrow().column("sku").to_pylist()
    known = [(sku, number[path]) for sku, path in zip(skus, paths, strict=True) if path in number]
    places = pa.table(
        {
            "sku": pa.array([sku for sku, _ in known], pa.string()),
            "category": pa.array([place for _, place in known], pa.int64()),
        }
    )
    lines = facts.order_lines.inner_join(ibis.memtable(places), "sku")
    once = lines.select("member_id", "order_id", "category").distinct()
    table = once.group_by("member_id", "category").agg(orders=once.count()).to_pyarrow()
    who, what, orders = (
        table.column(name).to_numpy().astype(np.int64) for name in ("member_id", "category", "orders")
    )
    members, row = np.unique(who, return_inverse=True)
    counts = csr_matrix((orders.astype(np.float64), (row, what)), shape=(len(members), len(allowed)))
    bought_by = np.diff(counts.tocsc().indptr)
    common = np.flatnonzero(bought_by >= max(MEMBERS_MIN, SHARE_MIN * len(members)))
    kept_out = sorted({path[-1] for path in distinct if is_sensitive(path, pattern)})
    return Baskets(members, counts[:, common], tuple(allowed[place] for place in common), tuple(kept_out))


def weigh(baskets: Baskets) -> tuple[Members, Any]:
    """Members who bought enough, and their rows: logarithms of the counts, the rarer a category the heavier,
    each row of length 1 (term frequency by inverse document frequency: Spärck Jones 1972).
    """
    enough = np.asarray(baskets.counts.sum(axis=1)).ravel() >= LINES_MIN
    counts = baskets.counts[np.flatnonzero(enough)].tocsr()
    if not counts.shape[0] or not counts.shape[1]:
        return baskets.members[enough], counts
    bought_by = np.maximum(np.diff(counts.tocsc().indptr), 1)
    weighed = counts.copy()
    weighed.data = np.log1p(weighed.data) * np.log1p(counts.shape[0] / bought_by)[weighed.indices]
    length = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel())
    return baskets.members[enough], csr_matrix(weighed.multiply(1 / np.maximum(length, 1e-12)[:, None]))
