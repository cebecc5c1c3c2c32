"""Futures: points given, spent, withdrawn and lapsed, week by week, many times over."""

from dataclasses import dataclass

import numpy as np

from regulars.analytics.forecast.flows import NEVER, Flows, Numbers
from regulars.analytics.forecast.hazards import BAND, LEVEL, Level, Rates, fit_rates

PATHS = 400
YEAR = 52
LONGEST = 260
"""Weeks after which points that never lapse and were never spent are called breakage: five years."""
DAMPED = 0.95
FREEDOM = 5
SEED = 20_240_203


@dataclass(frozen=True, slots=True)
class Futures:
    """Paths × weeks: points outstanding at the end of each week; of those open now, how many were spent.

    `lapsing`: points open now that will lapse, one a path. `never`: share of points given now that will.
    """

    outstanding: Numbers
    spent_of_open: Numbers
    lapsing: Numbers
    never: Numbers


@dataclass(frozen=True, slots=True)
class Stock:
    """Points that are open when week `now` begins, by the week given and the week of expiry."""

    now: int
    opened: Numbers
    expiry: Numbers
    left: Numbers


def foresee(known: Flows, *, weeks: int = YEAR, whole_life: bool = True) -> Futures:
    """Draw futures from what is known. `whole_life`: until the last of today's points has gone."""
    length = LONGEST if whole_life else weeks
    rates = fit_rates(known, known.weeks + length + 1)
    rng = np.random.default_rng(SEED + known.weeks)
    given, pace = _draw(rates.given, weeks, rng), _draw(rates.pace, length, rng)
    stock = find_stock(known)
    outstanding, _, _ = _run(rates, stock, pace[:, :weeks], given)
    _, spent, lapsed = _run(rates, stock, pace, None)
    return Futures(outstanding, spent[:, :weeks], lapsed, _find_never(rates, pace))


def find_stock(known: Flows) -> Stock:
    """What is left of each (week given, week of expiry)."""
    base = 2 * NEVER
    opened_key = known.opened_week * base + known.opened_expiry
    keys = np.concatenate([opened_key, known.gone_opened * base + known.gone_expiry])
    distinct, place = np.unique(keys, return_inverse=True)
    amounts = np.concatenate([known.opened_amount, -known.gone_amount])
    left = np.bincount(place, amounts, len(distinct)).astype(np.float64)
    there = left > 0
    opened, expiry = np.divmod(distinct[there], base)
    return Stock(known.weeks, opened.astype(np.float64), expiry.astype(np.float64), left[there])


def _draw(level: Level, weeks: int, rng: np.random.Generator) -> Numbers:
    """Paths × weeks of a weekly quantity: a level that wanders, times noise of past weeks, four in a row."""
    # How much it moves is itself known from a few blocks only: Student's t instead of the normal.
    scale = np.sqrt(FREEDOM / rng.chisquare(FREEDOM, (PATHS, 1)))
    start = rng.normal(0.0, level.doubt, (PATHS, 1)) * scale
    steps = rng.normal(0.0, level.step, (PATHS, weeks)) * scale
    # A trend fades (Gardner & McKenzie 1985): shops that grow for ever have not been found.
    growth = level.drift + rng.normal(0.0, level.drift_doubt, (PATHS, 1)) * scale
    steps = steps + growth * np.power(DAMPED, np.arange(weeks))
    wander = start + growth * (LEVEL / 2) + np.cumsum(steps, axis=1)
    # The mean of a log-normal, not its median, stays where it is.
    wander -= (level.doubt**2 + level.step**2 * np.arange(1, weeks + 1)) / 2
    blocks = -(-weeks // BAND)
    starts = rng.integers(0, len(level.noise), (PATHS, blocks, 1))
    noise = level.noise[(starts + np.arange(BAND)) % len(level.noise)].reshape(PATHS, -1)[:, :weeks]
    drawn: Numbers = level.now * np.exp(np.clip(wander, -3, 3)) * noise
    return drawn


def _run(
    rates: Rates, stock: Stock, pace: Numbers, given: Numbers | None
) -> tuple[Numbers, Numbers, Numbers]:
    """Outstanding points, points spent of those open now (both paths × weeks), and points lapsed.

    `given` (paths × weeks) joins them; without it what is left in the end counts as lapsed.
    """
    weeks, old = pace.shape[1], len(stock.left)
    opened, expiry, points = stock.opened, stock.expiry, np.tile(stock.left, (PATHS, 1))
    outstanding, spent_sum = np.empty((PATHS, weeks)), np.empty((PATHS, weeks))
    lapsed, spent_so_far = np.zeros(PATHS), np.zeros(PATHS)
    for week in range(weeks):
        now = stock.now + week
        if given is not None:
            points = np.hstack([points, given[:, week : week + 1] * rates.shares])
            opened = np.append(opened, np.full(len(rates.shares), now))
            until = np.where(rates.validities >= NEVER, NEVER, now + rates.validities)
            expiry = np.append(expiry, until)
        age = (now - opened).astype(np.int64)
        # Those given in the week were there for half of it.
        share = np.minimum(rates.spent[age] * np.where(age == 0, 0.5, 1.0) * pace[:, week : week + 1], 1.0)
        spent = points * share
        points = (points - spent) * (1 - rates.withdrawn[age])
        spent_so_far = spent_so_far + spent[:, :old].sum(axis=1)
        due = expiry <= now
        lapsed += points[:, due].sum(axis=1)
        points[:, due] = 0.0
        outstanding[:, week], spent_sum[:, week] = points.sum(axis=1), spent_so_far
    return outstanding, spent_sum, lapsed if given is not None else lapsed + points.sum(axis=1)


def _find_never(rates: Rates, pace: Numbers) -> Numbers:
    """The share of points given now that will not be spent: left at their expiry, or in five years."""
    length = pace.shape[1]
    left = np.cumprod(1 - np.minimum(rates.spent[:length] * pace, 1.0), axis=1)
    at = np.clip(np.minimum(rates.validities, length) - 1, 0, length - 1)
    never: Numbers = left[:, at] @ rates.shares
    return never
