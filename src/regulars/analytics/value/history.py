"""Purchase histories, summed up as the models of customer value need them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Members = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Histories:
    """One row a member who has bought at least once. Time is in weeks, money in minor units.

    `repeats` counts the days with a purchase after the first one, `last_at` is when the last of them was and
    `age` is now, both in weeks since the first; `average` is what was paid per day with a purchase.
    """

    members: Members
    repeats: Numbers
    last_at: Numbers
    age: Numbers
    average: Numbers

    def __len__(self) -> int:
        return len(self.members)


@dataclass(frozen=True, slots=True)
class Grouped:
    """Members with equal histories counted once: their likelihood is the same, so it is worked out once."""

    repeats: Numbers
    last_at: Numbers
    age: Numbers
    weight: Numbers
    back: NDArray[np.intp]
    """For each member the row of theirs."""


def group(histories: Histories) -> Grouped:
    """The distinct (repeats, last_at, age) and how many members have each."""
    rows = np.column_stack((histories.repeats, histories.last_at, histories.age))
    # One comparison of bytes a row instead of three of numbers: a million members in under a second.
    packed: NDArray[Any] = np.ascontiguousarray(rows).view(np.dtype((np.void, rows.dtype.itemsize * 3)))
    _, first, back, count = np.unique(
        packed.ravel(), return_index=True, return_inverse=True, return_counts=True
    )
    distinct = rows[first]
    return Grouped(distinct[:, 0], distinct[:, 1], distinct[:, 2], count.astype(np.float64), back)
