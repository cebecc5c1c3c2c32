"""How much narrower or wider intervals have to be, learnt from what came of earlier ones.

Split conformal prediction (V. Vovk, A. Gammerman, G. Shafer 2005), in order of time, with a weight: by so
much as windows that do not overlap witness it. On simulated shops, asked for weeks that no window had seen,
paths are about right up to two months and too wide beyond, where errors of the steps of a level add up. So
only long horizons are corrected; short ones, corrected, held less (`bench.bench_models --only forecast`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

LONG_WEEKS = 13
"""Horizons from here on are corrected."""
RIGHT_WEEKS = 8
"""Up to here they are not; in between they are in part."""
SCORES_MIN = 3
DOUBT = 3.0
"""Windows that do not overlap after which half of what they say is believed."""


class Scored(Protocol):
    """A window of the past, with how far from the middle it came, in halves of each interval."""

    @property
    def cut_off(self) -> int:
        """The week it was foretold from."""

    @property
    def horizon(self) -> int:
        """Weeks ahead."""

    def score(self, number: int) -> float:
        """Up to 1 it lay inside."""


@dataclass(frozen=True, slots=True)
class Correction:
    """Factors for the halves of intervals, by weeks ahead (ascending) and by nominal."""

    weeks: tuple[int, ...]
    factors: tuple[tuple[float, ...], ...]

    def at(self, weeks: int) -> tuple[float, ...]:
        """The factors so many weeks ahead: between two, in proportion; beyond the last, those of the last."""
        if not self.weeks:
            return tuple(1.0 for _one in self.factors)
        known = (RIGHT_WEEKS, *self.weeks)
        return tuple(float(np.interp(weeks, known, (1.0, *each))) for each in self.factors)

    def stretch(
        self, weeks: int, middle: float, lows: Sequence[float], highs: Sequence[float]
    ) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """The bounds, corrected; those of a higher nominal stay outside those of a lower one."""
        below, above = 0.0, 0.0
        found: list[tuple[float, float]] = []
        for factor, low, high in zip(self.at(weeks), lows, highs, strict=True):
            below, above = max(below, (middle - low) * factor), max(above, (high - middle) * factor)
            found.append((middle - below, middle + above))
        return tuple(low for low, _high in found), tuple(high for _low, high in found)


def learn_correction(windows: Sequence[Scored], nominal: Sequence[float]) -> Correction:
    """From all windows there are of one quantity: for a forecast made now, all of them are over."""
    weeks = tuple(sorted({one.horizon for one in windows if one.horizon >= LONG_WEEKS}))
    return Correction(
        weeks,
        tuple(
            tuple(
                find_factor([one for one in windows if one.horizon == horizon], number, share)
                for horizon in weeks
            )
            for number, share in enumerate(nominal)
        ),
    )


def find_factor(windows: Sequence[Scored], number: int, nominal: float) -> float:
    """By how much halves of an interval have to be multiplied, from windows of one horizon.

    That which would have let in `nominal` of them, to the power of what they are worth: windows overlap, so
    fifteen within forty weeks, each of twenty-six, are one and a half.
    """
    if len(windows) < SCORES_MIN or windows[0].horizon < LONG_WEEKS:
        return 1.0
    horizon, cut_offs = windows[0].horizon, [one.cut_off for one in windows]
    worth = (max(cut_offs) - min(cut_offs) + horizon) / horizon
    needed = max(float(np.quantile([one.score(number) for one in windows], nominal)), 0.05)
    return float(needed ** (worth / (worth + DOUBT)))
