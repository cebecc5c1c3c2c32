"""A page that shows more of the range: re-ranked so that it costs little of what is hit.

A ranker alone shows everybody the same few items. Going down a member's candidates, an item's score is
lowered by how often it has been shown to others already, and by how many of its category stand on the page:
greedy, as maximal marginal relevance (Carbonell & Goldstein 1998), with the exposure of an item as what
repeats (Adomavicius & Kwon 2012, "Improving aggregate recommendation diversity").

The first places are left as they are: most of what a page hits, it hits there.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.recommend.learning.datasets import NOBODY

POOL = 60
"""Candidates that a page is picked from."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How a page is spread. `kept` first places stay; `exposure` is what one doubling of showings costs a
    score of 1, `repetition` what another item of the same category does.
    """

    kept: int
    exposure: float
    repetition: float = 0.0


DEFAULT = Spread(kept=6, exposure=0.3, repetition=0.02)


def spread_pages(
    lists: NDArray[np.int32],
    scores: NDArray[np.float32],
    *,
    categories: NDArray[np.int32],
    items: int,
    count: int,
    spread: Spread = DEFAULT,
    shown: NDArray[np.float64] | None = None,
) -> NDArray[np.int32]:
    """A page of `count` for each member out of their candidates, the best first.

    `lists` and `scores` are members × candidates; scores are taken between the first and the last of a
    member's list, as 1 to 0. `shown` is how often each item was shown already; members follow one another,
    and each sees what is left of the range. Deterministic.
    """
    pages = np.full((len(lists), count), NOBODY, dtype=np.int32)
    seen = np.zeros(items) if shown is None else shown.copy()
    kept = min(spread.kept, count, lists.shape[1])
    pages[:, :kept] = lists[:, :kept]
    first = lists[:, :kept]
    np.add.at(seen, first[first != NOBODY], 1.0)
    for row, (found, told) in enumerate(zip(lists, scores, strict=True)):
        pool = found[kept:][found[kept:] != NOBODY]
        if not len(pool):
            continue
        worth = _scale(told[kept : kept + len(pool)]) - spread.exposure * np.log2(1 + seen[pool])
        stands = np.bincount(categories[found[:kept]][found[:kept] != NOBODY] + 1, minlength=2)
        group = categories[pool] + 1
        stands = np.pad(stands, (0, max(int(group.max()) + 1 - len(stands), 0))).astype(np.float64)
        for place in range(kept, min(count, kept + len(pool))):
            taken = int(np.argmax(worth - spread.repetition * stands[group]))
            pages[row, place] = pool[taken]
            seen[pool[taken]] += 1
            stands[group[taken]] += 1
            worth[taken] = -np.inf
    return pages


def _scale(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    known = scores.astype(np.float64)
    width = known.max() - known.min()
    scaled: NDArray[np.float64] = (known - known.min()) / width if width > 0 else np.zeros_like(known)
    return scaled
