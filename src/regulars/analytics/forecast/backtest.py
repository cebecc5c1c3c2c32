"""Whether the intervals hold: the past foretold from what was known then, and how often it lay inside."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from regulars.analytics.forecast.calibrating import find_factor
from regulars.analytics.forecast.flows import Cause, Flows, Numbers
from regulars.analytics.forecast.paths import foresee

HORIZONS = (4, 8, 13, 26)
"""Weeks ahead."""
NOMINAL = (0.80, 0.95)
LEARNT_WEEKS = 13
"""Known before the first cut-off."""
CUT_OFFS_MAX = 52


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

    Each interval is corrected by what the windows that were over by then had taught (`calibrating.py`);
    `uncorrected` lay in it without that. `width` (as corrected) and `error` (of the middle) are means, to
    the actual. Windows overlap: they witness less than they count.
    """

    quantity: Quantity
    nominal: float
    horizon: int | None
    """None: all of them."""
    covered: int
    uncorrected: int
    windows: int
    width: float
    error: float


def run_backtest(flows: Flows, *, cut_offs_max: int = CUT_OFFS_MAX) -> tuple[Check, ...]:
    """Foretell from every week of the past (the last so many), 4 to 26 weeks ahead."""
    first = max(LEARNT_WEEKS, flows.weeks - HORIZONS[0] - cut_offs_max + 1)
    cut_offs = range(first, flows.weeks - HORIZONS[0] + 1)
    return tuple(check for cut_off in cut_offs for check in check_from(flows, cut_off))


def check_from(flows: Flows, cut_off: int) -> list[Check]:
    """What would have been foretold when a week began, as far ahead as is known by now."""
    known = flows.until(cut_off)
    ahead = [horizon for horizon in HORIZONS if cut_off + horizon <= flows.weeks]
    futures = foresee(known, weeks=max(ahead), whole_life=False)
    there = known.outstanding
    checks = []
    for horizon in ahead:
        after = flows.until(cut_off + horizon)
        owed = futures.outstanding[:, horizon - 1]
        checks.append(_check(Quantity.LIABILITY, cut_off, horizon, after.outstanding, owed))
        if there > 0:
            spent = (after.gone_cause == Cause.SPENT) & (after.gone_week >= cut_off)
            of_open = after.gone_amount[spent & (after.gone_opened < cut_off)].sum()
            foreseen = 1 - futures.spent_of_open[:, horizon - 1] / there
            checks.append(_check(Quantity.UNSPENT, cut_off, horizon, 1 - of_open / there, foreseen))
    return checks


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
        factors = [_correct(checks, check, number) for check in chosen]
        widths = [
            (check.high[number] - check.low[number]) * factor
            for check, factor in zip(chosen, factors, strict=True)
        ]
        actual = sum(abs(check.actual) for check in chosen)
        found.append(
            Coverage(
                quantity,
                nominal,
                horizon,
                sum(check.score(number) <= factor for check, factor in zip(chosen, factors, strict=True)),
                sum(check.score(number) <= 1 for check in chosen),
                len(chosen),
                sum(widths) / max(actual, 1e-12),
                sum(abs(check.middle - check.actual) for check in chosen) / max(actual, 1e-12),
            )
        )
    return tuple(found)


def _correct(checks: Sequence[Check], of: Check, number: int) -> float:
    """The factor that was known when `of` was foretold."""
    before = [
        check
        for check in checks
        if check.quantity is of.quantity
        and check.horizon == of.horizon
        and check.cut_off + check.horizon <= of.cut_off
    ]
    return find_factor(before, number, NOMINAL[number])
