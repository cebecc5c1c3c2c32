"""How fast points are spent, by their age: occurrences over exposure, week by week.

The life table of the actuaries, on points instead of lives (Kaplan & Meier 1958, with exposure as weight):
of the points that were there at an age, the share spent within the week. Lots are spent oldest first, so the
rate depends on age; what a member will never spend is still there at the expiry.
"""

from dataclasses import dataclass, replace

import numpy as np

from regulars.analytics.forecast.flows import NEVER, Cause, Flows, Numbers, Weeks

BAND = 4
"""Weeks of age that share a rate."""
RECENT = 26
"""Weeks that the rates are learnt from: what members did when the programme was new they no longer do."""
MIX = 13
LEVEL = 8
"""Weeks whose mean is the present level."""
SHRUNK = 0.02
"""Of all exposure: so much of the mean rate is mixed into every band, which empty bands live by."""
STEP_PRIOR = 0.05
"""How much a level moves in four weeks, before the data has told: it weighs as two of its steps."""


@dataclass(frozen=True, slots=True)
class Level:
    """A weekly quantity as level × noise. `noise` are the last weeks to their mean, in order; the logarithm
    of the level moves by `step` (a standard deviation) a week, and is known up to `doubt`. It grows by
    `drift` a week, known up to `drift_doubt`, and less and less so.
    """

    now: float
    noise: Numbers
    step: float
    doubt: float
    drift: float = 0.0
    drift_doubt: float = 0.0


@dataclass(frozen=True, slots=True)
class Rates:
    """What a forecast goes by. `spent` and `withdrawn` are rates a week by age in weeks."""

    spent: Numbers
    withdrawn: Numbers
    given: Level
    pace: Level
    """Points spent to what the rates by age alone would have it: some weeks more, some fewer."""
    validities: Weeks
    """Weeks from gift to expiry of the points given lately, and their shares below."""
    shares: Numbers


def fit_rates(known: Flows, length: int) -> Rates:
    """The rates for ages up to `length` weeks, from all that is known."""
    weeks, given = known.weeks, known.sum_given()
    gone = {cause: known.sum_gone(cause) for cause in Cause}
    there = _expose(given, sum(gone.values(), np.zeros((weeks, weeks))))
    recent = np.arange(weeks) >= weeks - RECENT
    exposure = _by_age(there * recent, weeks)
    rates = {cause: _smooth(_by_age(gone[cause] * recent, weeks), exposure, length) for cause in Cause}
    age = np.maximum(np.arange(weeks)[None, :] - np.arange(weeks)[:, None], 0)
    foreseen = (there * rates[Cause.SPENT][np.minimum(age, length - 1)]).sum(axis=0)
    spent = gone[Cause.SPENT].sum(axis=0)
    counted = foreseen > 0
    pace = spent[counted] / foreseen[counted] if counted.any() else np.ones(1)
    lately = known.opened_week >= weeks - MIX
    validity = np.where(
        known.opened_expiry[lately] >= NEVER, NEVER, known.opened_expiry[lately] - known.opened_week[lately]
    )
    validities, place = np.unique(validity, return_inverse=True)
    amounts = np.bincount(place, known.opened_amount[lately], len(validities))
    return Rates(
        rates[Cause.SPENT],
        rates[Cause.WITHDRAWN],
        _find_level(given),
        # A habit wanders, but does not grow as a shop does.
        replace(_find_level(pace), drift=0.0, drift_doubt=0.0),
        validities,
        amounts / max(amounts.sum(), 1.0),
    )


def _expose(given: Numbers, gone: Numbers) -> Numbers:
    """Points there as each week began, by the week given; of those given in it, half."""
    weeks = len(given)
    before = np.cumsum(gone, axis=1) - gone
    there = np.maximum(given[:, None] - before, 0.0)
    born = np.arange(weeks)[:, None]
    now = np.arange(weeks)[None, :]
    return np.where(now > born, there, np.where(now == born, there / 2, 0.0))


def _by_age(amounts: Numbers, weeks: int) -> Numbers:
    return np.array([np.trace(amounts, offset=age) for age in range(weeks)])


def _smooth(gone: Numbers, exposure: Numbers, length: int) -> Numbers:
    """Rates by bands of age, each drawn to the mean; beyond the oldest age seen the last band goes on."""
    total = exposure.sum()
    if total <= 0:
        return np.zeros(length)
    mean, weight = max(gone.sum(), 0.0) / total, SHRUNK * total
    bands = np.arange(len(gone)) // BAND
    banded = (np.bincount(bands, gone) + weight * mean) / (np.bincount(bands, exposure) + weight)
    band = np.minimum(np.arange(length) // BAND, len(banded) - 1)
    rates: Numbers = np.clip(banded, 0.0, 1.0)[band]
    return rates


def _find_level(weekly: Numbers) -> Level:
    """Level, noise and steps of a weekly series: the noise from within blocks of four weeks, the steps from
    what changes from block to block beyond that (a local level model, by moments).
    """
    kept = weekly[-RECENT * 2 :]
    kept = kept[len(kept) % BAND :] if len(kept) >= BAND else kept
    now = float(kept[-LEVEL:].mean()) if len(kept) else 0.0
    if now <= 0 or len(kept) < 2 * BAND:
        return Level(now, np.ones(1), STEP_PRIOR / 2, STEP_PRIOR)
    blocks = kept.reshape(-1, BAND)
    means = np.maximum(blocks.mean(axis=1), now * 1e-3)
    noise = (blocks / means[:, None])[-RECENT // BAND :]
    within = float(noise.var(axis=1, ddof=1).mean()) / BAND
    steps = np.diff(np.log(means))[-RECENT // BAND :]
    moved = float(np.sum(np.maximum(steps**2 - 2 * within, 0.0)) + 2 * STEP_PRIOR**2) / (len(steps) + 2)
    # Growth from first to last block; drawn to none by as much as it could be chance (empirical Bayes).
    drift, variance = float(np.median(steps)), moved / len(steps) + 2 * within / len(steps) ** 2
    drift *= drift**2 / (drift**2 + variance)
    return Level(
        now,
        noise.ravel(),
        float(np.sqrt(moved / BAND)),
        float(np.sqrt(within * BAND / LEVEL)),
        drift / BAND,
        float(np.sqrt(variance)) / BAND,
    )
