"""Whether the intervals hold: the past foretold from what was known then, and how often it lay inside."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from regulars.analytics.forecast.flows import Cause, Flows, Numbers
from regulars.analytics.forecast.paths import foresee

HORIZONS = (4, 8, 13, 26)
"""Weeks ahead."""
NOMINAL = (0.80, 0.95)
LEARNT_WEEKS = 13
"""Known before the first cut-off."""
CUT_OFFS_MAX = 52
SCORES_MIN = 6


class Quantity(StrEnum):
    """What is foretold."""

    LIABILITY = "liability"
    """Points outstanding at the end of the window."""
    UNSPENT = "unspent"
    """Of the points open at the cut-off, the share not spent by then: breakage as far as it can be seen."""


@dataclass(frozen=True, slots=True)
class Check:
    """One window of the past. `low` and `high` are in the order of `NOMINAL`."""

    quantity: Quantity
    cut_off: int
    horizon: int
    actual: float
    middle: float
    low: tuple[float, ...]
    high: tuple[float, ...]

    def score(self, number: int) -> float:
        """How far from the middle it came, in halves of the interval: up to 1 it lay inside."""
        above = self.actual >= self.middle
        reach = self.high[number] - self.middle if above else self.middle - self.low[number]
        return abs(self.actual - self.middle) / max(reach, 1e-12)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of `windows` of the past, `covered` lay in the interval that promises `nominal`.

    `conformal` would have, had each interval been stretched by what earlier ones had missed (split conformal
    prediction, in order of time): printed beside, since it can hold where the paths do not. `width` and
    `error` (of the middle) are means, to the actual. Windows overlap: they witness less than they count.
    """

    quantity: Quantity
    nominal: float
    horizon: int | None
    """None: all of them."""
    covered: int
    conformal: int
    windows: int
    width: float
    error: float


def run_backtest(flows: Flows, *, cut_offs_max: int = CUT_OFFS_MAX) -> tuple[Check, ...]:
    """Foretell from every week of the past (the last so many), 4 to 26 weeks ahead."""
    checks: list[Check] = []
    first = max(LEARNT_WEEKS, flows.weeks - HORIZONS[0] - cut_offs_max + 1)
    known = {week: flows.until(week) for week in range(first, flows.weeks + 1)}
    for cut_off in range(first, flows.weeks - HORIZONS[0] + 1):
        ahead = [horizon for horizon in HORIZONS if cut_off + horizon <= flows.weeks]
        futures = foresee(known[cut_off], weeks=max(ahead), whole_life=False)
        there = known[cut_off].outstanding
        for horizon in ahead:
            after = known[cut_off + horizon]
            checks.append(
                _check(
                    Quantity.LIABILITY,
                    cut_off,
                    horizon,
                    after.outstanding,
                    futures.outstanding[:, horizon - 1],
                )
            )
            if there > 0:
                spent = (after.gone_cause == Cause.SPENT) & (after.gone_week >= cut_off)
                of_open = after.gone_amount[spent & (after.gone_opened < cut_off)].sum()
                foreseen = 1 - futures.spent_of_open[:, horizon - 1] / there
                checks.append(_check(Quantity.UNSPENT, cut_off, horizon, 1 - of_open / there, foreseen))
    return tuple(checks)


def _check(quantity: Quantity, cut_off: int, horizon: int, actual: float, drawn: Numbers) -> Check:
    lows, highs = find_bounds(drawn)
    return Check(quantity, cut_off, horizon, float(actual), float(np.median(drawn)), lows, highs)


def find_bounds(drawn: Numbers) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The intervals that paths give, by `NOMINAL`."""
    tails = [(1 - nominal) / 2 for nominal in NOMINAL]
    lows = tuple(float(np.quantile(drawn, tail)) for tail in tails)
    return lows, tuple(float(np.quantile(drawn, 1 - tail)) for tail in tails)


def sum_up(checks: tuple[Check, ...], quantity: Quantity, horizon: int | None = None) -> tuple[Coverage, ...]:
    """Coverage by nominal, over one horizon or all; none where nothing could be checked."""
    chosen = [
        check
        for check in checks
        if check.quantity is quantity and (horizon is None or check.horizon == horizon)
    ]
    if not chosen:
        return ()
    found = []
    for number, nominal in enumerate(NOMINAL):
        widths = [check.high[number] - check.low[number] for check in chosen]
        actual = sum(abs(check.actual) for check in chosen)
        found.append(
            Coverage(
                quantity,
                nominal,
                horizon,
                sum(check.score(number) <= 1 for check in chosen),
                sum(check.score(number) <= _stretch(chosen, check, number) for check in chosen),
                len(chosen),
                sum(widths) / max(actual, 1e-12),
                sum(abs(check.middle - check.actual) for check in chosen) / max(actual, 1e-12),
            )
        )
    return tuple(found)


def _stretch(checks: list[Check], of: Check, number: int) -> float:
    """By how much what had come out before `of` would have stretched it; 1 where too little had."""
    before = [
        check.score(number)
        for check in checks
        if check.horizon == of.horizon and check.cut_off + check.horizon <= of.cut_off
    ]
    if len(before) < SCORES_MIN:
        return 1.0
    return float(np.quantile(before, min(1.0, NOMINAL[number] * (1 + 1 / len(before)))))
