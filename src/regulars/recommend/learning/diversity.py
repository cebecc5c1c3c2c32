"""Pages that together show more of the range, at little cost of what is hit.

A ranker alone shows everybody the same few items. Here an item that nobody's page has yet goes to the member
for whom it comes nearest to a place on the page: of all pairs of members and such items, the one whose score
is least below the score that would stand there is taken first, until none is near enough. It is greedy
matching of items to members, with every item's exposure as the aim (aggregate diversity: Adomavicius & Kwon
2012, "Improving aggregate recommendation diversity using ranking-based techniques").

The first places stay as they are: most of what a page hits, it hits there. `docs/recommend.md` draws what
each step costs.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.recommend.learning.datasets import NOBODY

BLOCK = 10_000
"""Members whose pages are laid out together."""


@dataclass(frozen=True, slots=True)
class Spread:
    """`kept`: first places that stay. `distance`: how far below the first score after them an item may be, in
    the ranker's own units, in which 1 turns even odds into 73 to 27 (the logistic of LambdaRank).
    """

    kept: int
    distance: float


DEFAULT = Spread(kept=4, distance=0.94)


def spread_pages(
    lists: NDArray[np.int32], scores: NDArray[np.float32], *, count: int, spread: Spread = DEFAULT
) -> NDArray[np.int32]:
    """Which of a member's candidates stand on a page of `count`: columns of `lists`, in their order, the rest
    of the candidates after them. `lists` and `scores` are members × candidates, best first, `NOBODY` where a
    list is shorter. Deterministic.
    """
    parts = [
        _lay_out(lists[start : start + BLOCK], scores[start : start + BLOCK], count, spread)
        for start in range(0, len(lists), BLOCK)
    ]
    return np.concatenate(parts) if parts else np.empty(lists.shape, dtype=np.int32)


def _lay_out(
    lists: NDArray[np.int32], scores: NDArray[np.float32], count: int, spread: Spread
) -> NDArray[np.int32]:
    members, width = lists.shape
    count = min(count, width)
    kept = min(spread.kept, count)
    covered = np.zeros(int(lists.max(initial=0)) + 1, dtype=bool)
    first = lists[:, :kept]
    covered[first[first != NOBODY]] = True
    free = np.full(members, count - kept)
    taken = np.zeros(lists.shape, dtype=bool)
    taken[:, :kept] = True
    for row, column in _list_near(lists, scores, kept, spread.distance):
        item = lists[row, column]
        if free[row] and not covered[item]:
            covered[item] = True
            free[row] -= 1
            taken[row, column] = True
    # What was taken, then all others as the ranker has them: they fill the page, and follow it.
    order = np.argsort(~taken, axis=1, kind="stable").astype(np.int32)
    order[:, :count].sort(axis=1)
    return order


def _list_near(
    lists: NDArray[np.int32], scores: NDArray[np.float32], kept: int, distance: float
) -> Iterator[tuple[int, int]]:
    """Pairs (member, column) after the kept places that are near enough, the nearest first."""
    if kept >= lists.shape[1]:
        return
    there = lists != NOBODY
    # Where a list ends there is no score, but for one below any: two of those have no distance.
    known = np.where(there, scores, 0)
    gap = np.where(there, known[:, kept : kept + 1] - known, np.inf)
    gap[:, :kept] = np.inf
    rows, columns = np.nonzero(gap <= distance)
    order = np.argsort(gap[rows, columns], kind="stable")
    yield from zip(rows[order].tolist(), columns[order].tolist(), strict=True)
