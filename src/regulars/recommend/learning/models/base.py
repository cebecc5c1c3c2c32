"""What every model is."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from regulars.recommend.learning.datasets import NOBODY, History, Numbers

BATCH = 512
"""Members that are scored at once: their scores over 15,000 items take 30 MB."""


class Fitted(Protocol):
    """What was learnt, over the members of one history."""

    def score(self, members: NDArray[Any]) -> Numbers:
        """A score for each of the members (places) and each kept item; higher is better."""
        ...


class Learnt(Protocol):
    """What was learnt of all, without anybody's own purchases: it goes wherever members are scored."""

    def over(self, history: History) -> Fitted:
        """The same for the members of a history, which has the items that it was learnt of."""
        ...


class Model(Protocol):
    """A way of learning."""

    @property
    def name(self) -> str:
        """What tables call it."""
        ...

    def learn(self, history: History) -> Learnt:
        """Learn from a history."""
        ...


def fit(model: Model, history: History) -> Fitted:
    """What a model learns from a history, over its own members."""
    return model.learn(history).over(history)


def rank(
    fitted: Fitted,
    history: History,
    members: NDArray[Any],
    count: int,
    *,
    is_new: bool = False,
) -> NDArray[np.int32]:
    """The best `count` items of each member, the best first; with `is_new`, of those never bought.

    Equal scores go by the item's place: the same data give the same lists.
    """
    lists = np.full((len(members), count), NOBODY, dtype=np.int32)
    for start in range(0, len(members), BATCH):
        some = members[start : start + BATCH]
        scores = fitted.score(some)
        if is_new:
            known = history.counts[some]
            rows = np.repeat(np.arange(len(some)), np.diff(known.indptr))
            scores[rows, known.indices] = -np.inf
        best = take_best(scores, count)
        found = np.take_along_axis(scores, best, axis=1)
        lists[start : start + BATCH, : best.shape[1]] = np.where(np.isfinite(found), best, NOBODY)
    return lists


def take_best(scores: Numbers, count: int) -> NDArray[np.int32]:
    """Columns of the highest scores of each row, the highest first, equal ones by column."""
    count = min(count, scores.shape[1])
    if not count:
        return np.empty((len(scores), 0), dtype=np.int32)
    if count < scores.shape[1]:
        least = np.partition(scores, scores.shape[1] - count, axis=1)[:, scores.shape[1] - count]
        best = np.empty((len(scores), count), dtype=np.int32)
        for row, edge in enumerate(least):
            # All above the edge, and of those at it the first: a partition alone would take any.
            above = np.flatnonzero(scores[row] > edge)
            at = np.flatnonzero(scores[row] == edge)[: count - len(above)]
            best[row] = np.concatenate([above, at])
    else:
        best = np.broadcast_to(np.arange(count, dtype=np.int32), scores.shape).copy()
    best.sort(axis=1)
    order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1, kind="stable")
    return np.take_along_axis(best, order, axis=1)
