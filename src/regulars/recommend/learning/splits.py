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


TEST_DAYS, TEST_DAYS_MIN = 56, 7
"""What is asked for: eight weeks, or a fifth of a shorter past, at least a week."""
KNOWN_DAYS_MIN = 28


@dataclass(frozen=True, slots=True)
class Look:
    """The look that a shop's models are chosen by, and how many days a lesson must know before it."""

    split: Split
    known_min: int


def place_look(dataset: Dataset, *, days: int | None = None) -> Look | None:
    """The last weeks of a past, all before them known; None where it is too short to compare anything."""
    if not len(dataset.purchases):
        return None
    span = dataset.after - dataset.first_day
    asked = min(TEST_DAYS, span // 5) if days is None else days
    known_min = max(KNOWN_DAYS_MIN, asked)
    found = list_splits(dataset, days=asked, known_min=known_min) if asked >= TEST_DAYS_MIN else ()
    return Look(found[0], known_min) if found else None
