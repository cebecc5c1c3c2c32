"""What goes with an item, and which purchases speak for a candidate: out of what was learnt of items.

A score of EASE or ALS is a sum over the member's own purchases: its largest terms are its exact reasons.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.recommend.learning.datasets import NOBODY, Numbers
from regulars.recommend.learning.models.als import AlsFactors, AlsFit
from regulars.recommend.learning.models.base import take_best
from regulars.recommend.learning.models.ease import CHUNK, EaseFit, EaseWeights

CAUSES = 2
"""Purchases that are named for a candidate."""
Places = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Related:
    """What goes with each kept item, best first (`NOBODY`: nothing more does), with its weights."""

    items: Places
    weights: Numbers


def relate(learnt: EaseWeights | AlsFactors, count: int) -> Related:
    """What goes with each item, a block of items at a time: all of them would be items × items."""
    size = learnt.size
    best = np.full((size, min(count, size)), NOBODY, dtype=np.int32)
    weights = np.zeros(best.shape, dtype=np.float32)
    for start in range(0, size, CHUNK):
        block = np.arange(start, min(start + CHUNK, size))
        out = learnt.say(block)
        out[np.arange(len(block)), block] = -np.inf
        found = take_best(out, best.shape[1])
        told = np.take_along_axis(out, found, axis=1)
        best[block] = np.where(told > 0, found, NOBODY)
        weights[block] = np.maximum(told, 0)
    return Related(best, weights)


def name_causes(fit: EaseFit | AlsFit, members: NDArray[Any], lists: Places) -> Places:
    """The purchases that speak most for each candidate: members × candidates × `CAUSES`, kept items.

    `lists` has a row of kept items for each of `members` (places).
    """
    return _of_factors(fit, members, lists) if isinstance(fit, AlsFit) else _of_weights(fit, members, lists)


def _of_factors(fit: AlsFit, members: NDArray[Any], lists: Places) -> Places:
    causes = np.full((*lists.shape, CAUSES), NOBODY, dtype=np.int32)
    for row, member in enumerate(members.tolist()):
        there = np.flatnonzero(lists[row] != NOBODY)
        bought, terms = fit.explain(member, lists[row, there])
        causes[row, there] = _take_strongest(bought, terms, lists[row, there])
    return causes


def _of_weights(fit: EaseFit, members: NDArray[Any], lists: Places) -> Places:
    """In one pass over the weights, a block of items at a time."""
    causes = np.full((*lists.shape, CAUSES), NOBODY, dtype=np.int32)
    diagonal, inputs = fit.weights.diagonal, fit.inputs[members]
    flat = lists.ravel()
    order = np.argsort(flat, kind="stable")
    for start in range(0, len(diagonal), CHUNK):
        block = np.arange(start, min(start + CHUNK, len(diagonal)))
        first, last = np.searchsorted(flat, (start, block[-1] + 1), sorter=order)
        pairs = np.sort(order[first:last])
        if len(pairs):
            into = fit.weights.precise(block) / -diagonal[block]
            _name_block(causes, inputs, into=into, pairs=pairs, flat=flat, start=start)
    return causes


def _name_block(
    causes: Places, inputs: Any, *, into: Numbers, pairs: NDArray[np.int64], flat: Places, start: int
) -> None:
    """The largest terms of each candidate in one block of items. `pairs` are places in `flat`, rising."""
    count = causes.shape[1]
    rows = pairs // count
    edges = np.flatnonzero(np.r_[True, rows[1:] != rows[:-1], True])
    for begin, end in pairwise(edges.tolist()):
        row = int(rows[begin])
        own = slice(inputs.indptr[row], inputs.indptr[row + 1])
        bought = inputs.indices[own]
        asked = flat[pairs[begin:end]]
        terms = into[np.ix_(bought, asked - start)] * inputs.data[own][:, None]
        causes[row, pairs[begin:end] % count] = _take_strongest(bought, terms, asked)


def _take_strongest(bought: NDArray[Any], terms: NDArray[Any], asked: NDArray[Any]) -> Places:
    """Of the terms (bought × asked) the largest of each column, as bought items; none below nought."""
    found = np.full((len(asked), CAUSES), NOBODY, dtype=np.int32)
    if len(bought):
        terms[bought[:, None] == asked[None, :]] = 0
        few = min(CAUSES, len(bought))
        strongest = np.argsort(-terms, axis=0, kind="stable")[:few]
        named = np.where(np.take_along_axis(terms, strongest, axis=0) > 0, bought[strongest], NOBODY)
        found[:, :few] = named.T
    return found
