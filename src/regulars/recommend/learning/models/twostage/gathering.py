"""The first stage: which items are looked at for a member, each with its features."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.recommend.learning.datasets import Numbers
from regulars.recommend.learning.models.base import BATCH, take_best
from regulars.recommend.learning.models.twostage.features import Knowledge

OWN_MAX = 400
"""Of what the member bought, the most lately and often."""
NEW_MAX = 150
"""Of what they did not, by EASE; half as many by EASE over the last quarter, and what is popular."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of members and items. `rows` are places in `members`, rising; `items` places of kept items;
    `is_new`: never bought.
    """

    members: NDArray[np.int64]
    rows: NDArray[np.int64]
    items: NDArray[np.int64]
    is_new: NDArray[np.bool_]
    features: Numbers


def gather_pairs(knowledge: Knowledge, members: NDArray[Any], new_max: int = NEW_MAX) -> Iterator[Pairs]:
    """Pairs to look at, of so many members at once as keeps memory small."""
    for start in range(0, len(members), BATCH):
        yield _gather(knowledge, np.asarray(members[start : start + BATCH], dtype=np.int64), new_max)


def _gather(knowledge: Knowledge, members: NDArray[np.int64], new_max: int) -> Pairs:
    history = knowledge.history
    width = history.shape[1]
    ease, recent = knowledge.ease.score(members), knowledge.ease_recent.score(members)
    own_keys, bought = _list_own(knowledge, members)
    lines = np.arange(len(members), dtype=np.int64)[:, None] * width
    lists = [np.broadcast_to(knowledge.popular, (len(members), len(knowledge.popular)))]
    for scores, count in ((ease, new_max), (recent, new_max // 2)):
        # For the choice alone: features keep the scores of what was bought.
        masked = scores.copy()
        masked.ravel()[bought] = -np.inf
        lists.append(take_best(masked, count))
    fresh = np.unique(np.concatenate([(lines + found).ravel() for found in lists]))
    fresh = fresh[~np.isin(fresh, bought)]
    keys = np.sort(np.concatenate([own_keys, fresh]))
    rows, items = keys // width, keys % width
    is_new = np.isin(keys, fresh, assume_unique=True)
    features = knowledge.describe(members, rows, items, ease, recent)
    return Pairs(members, rows, items, is_new, features)


def _list_own(knowledge: Knowledge, members: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Pairs of members with the best of what they bought, and with all that they bought, as numbers."""
    decayed = knowledge.decays[-1][members]
    sizes = np.diff(decayed.indptr)
    rows = np.repeat(np.arange(len(members), dtype=np.int64), sizes)
    keys = rows * knowledge.history.shape[1] + decayed.indices
    if not len(keys):
        return keys, keys
    order = np.lexsort((-decayed.data, rows))
    place = np.arange(len(order)) - np.repeat(decayed.indptr[:-1].astype(np.int64), sizes)
    return keys[order][place < OWN_MAX], keys
