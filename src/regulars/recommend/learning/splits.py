"""Cutting a past in two: learn from what was before a day, test on what came after it."""

from collections.abc import Iterator
from dataclasses import dataclass

from regulars.recommend.learning.datasets import Dataset


@dataclass(frozen=True, slots=True)
class Split:
    """A look: what was before day `cut` (ordinal) is known, the days from it until before `after` are asked
    for.
    """

    cut: int
    after: int

    @property
    def days(self) -> int:
        """How many days are asked for."""
        return self.after - self.cut


def list_splits(
    dataset: Dataset, *, days: int, tests: int = 1, known_min: int, after: int | None = None
) -> tuple[Split, ...]:
    """Looks of `days` each, one after another back from the last day, the latest first.

    None begins with fewer than `known_min` days known before it; there may be fewer than `tests`, or none.
    """
    end = dataset.after if after is None else after
    found = (Split(end - (number + 1) * days, end - number * days) for number in range(tests))
    return tuple(split for split in found if split.cut - dataset.first_day >= known_min)


def list_lessons(
    cut: int, first: int, *, days: int, step: int, count: int, known_min: int
) -> Iterator[Split]:
    """Looks that a model may learn from on day `cut`: their answers lie before it, the latest first.

    They may overlap one another, by `step` days apart; none has fewer than `known_min` days before it.
    """
    for number in range(count):
        split = Split(cut - days - number * step, cut - number * step)
        if split.cut - first < known_min:
            return
        yield split
