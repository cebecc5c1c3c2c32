"""What goes with an item, and which purchases speak for a candidate: out of the weights of EASE.

A score of EASE is a sum over the member's own purchases, so its largest terms are its reasons, exactly.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.recommend.learning.datasets import NOBODY, Numbers
from regulars.recommend.learning.models.base import take_best
from regulars.recommend.learning.models.ease import CHUNK, EaseFit

CAUSES = 2
"""Purchases that are named for a candidate."""


@dataclass(frozen=True, slots=True)
class Related:
    """What goes with each kept item, best first (`NOBODY`: nothing more does), with its weights; and for each
    candidate of `lists` the purchases that speak most for it: members × candidates × `CAUSES`.
    """

    items: NDArray[np.int32]
    weights: Numbers
    causes: NDArray[np.int32]


def relate(fit: EaseFit, members: NDArray[Any], lists: NDArray[np.int32], count: int) -> Related:
    """Both in one pass over the weights, a block of items at a time: all of them would be items × items.

    `lists` has a row for each of `members` (places), of kept items.
    """
    size = len(fit.diagonal)
    best = np.full((size, min(count, size)), NOBODY, dtype=np.int32)
    weights = np.zeros(best.shape, dtype=np.float32)
    causes = np.full((*lists.shape, CAUSES), NOBODY, dtype=np.int32)
    inputs = fit.inputs[members]
    flat = lists.ravel()
    order = np.argsort(flat, kind="stable")
    for start in range(0, size, CHUNK):
        block = np.arange(start, min(start + CHUNK, size))
        joined = fit.precise(block)
        out = joined.T / -fit.diagonal
        out[np.arange(len(block)), block] = -np.inf
        found = take_best(out, best.shape[1])
        told = np.take_along_axis(out, found, axis=1)
        best[block] = np.where(told > 0, found, NOBODY)
        weights[block] = np.maximum(told, 0)
        first, last = np.searchsorted(flat, (start, block[-1] + 1), sorter=order)
        into = joined / -fit.diagonal[block]
        pairs = np.sort(order[first:last])
        _name_causes(causes, inputs, into=into, pairs=pairs, flat=flat, start=start)
    return Related(best, weights, causes)


def _name_causes(
    causes: NDArray[np.int32],
    inputs: Any,
    *,
    into: Numbers,
    pairs: NDArray[np.int64],
    flat: NDArray[np.int32],
    start: int,
) -> None:
    """The largest terms of each candidate in one block of items. `pairs` are places in `flat`, rising."""
    count = causes.shape[1]
    rows = pairs // count
    if not len(rows):
        return
    edges = np.flatnonzero(np.r_[True, rows[1:] != rows[:-1], True])
    for begin, end in pairwise(edges.tolist()):
        row = int(rows[begin])
        own = slice(inputs.indptr[row], inputs.indptr[row + 1])
        bought = inputs.indices[own]
        if not len(bought):
            continue
        asked = flat[pairs[begin:end]]
        terms = into[np.ix_(bought, asked - start)] * inputs.data[own][:, None]
        terms[bought[:, None] == asked[None, :]] = 0
        few = min(CAUSES, len(bought))
        strongest = np.argsort(-terms, axis=0, kind="stable")[:few]
        named = np.where(np.take_along_axis(terms, strongest, axis=0) > 0, bought[strongest], NOBODY)
        causes[row, pairs[begin:end] % count, :few] = named.T
