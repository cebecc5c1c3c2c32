"""Customer lifetime value: by BG/NBD and Gamma-Gamma where they hold on the shop's past, else by averages.

In a trial on a grocery's year no model of the literature was better than the average of recent weeks. So each
shop's data decides: model and averages foresee the same past weeks, and the model is used only where it was
better beyond chance.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import numpy as np

from regulars.analytics.codes import Unknown
from regulars.analytics.lastday import find_last_day
from regulars.analytics.value.bgnbd import BgNbd, fit_bgnbd
from regulars.analytics.value.gamma_gamma import GammaGamma, fit_gamma_gamma, trim
from regulars.analytics.value.history import Histories, Members, Numbers, group
from regulars.analytics.value.purchases import (
    DAYS,
    Past,
    find_currency,
    find_first_day,
    read_past,
    read_spent,
)
from regulars.facts.facade import Facts

WEEKS = 52
DISCOUNT_YEARLY = 0.10
"""What money of a year later is worth less: usual in the literature, and little over one year."""
PERIOD_WEEKS = 4
WINDOWS = (8, 13, 26)
"""Weeks whose average stands against the model."""
SHORTEST_WEEKS = 4
"""Who is newer counts as this old: one big first basket is not a year of them."""
TEST_WEEKS = 13
TESTS = 2
MEMBERS_MIN = 200
"""With a second day of purchase: fewer do not tell four parameters."""
SURE = 1.96
CORRELATION_MAX = 0.3
"""Between how often and how much members buy; beyond it Gamma-Gamma's assumption is broken."""


class Method(StrEnum):
    """How value was estimated."""

    MODEL = "bg_nbd_gamma_gamma"
    AVERAGE = "recent_average"


class Why(StrEnum):
    """What decided the method."""

    MODEL_BETTER = "model_better"
    MODEL_NOT_BETTER = "model_not_better"
    HISTORY_TOO_SHORT = "history_too_short"
    TOO_FEW = "too_few"
    SPEND_DEPENDS = "spend_depends_on_frequency"
    PARAMETERS_AT_BOUND = "parameters_at_bound"


@dataclass(frozen=True, slots=True)
class Trial:
    """One past stretch foreseen: members, what they paid, and each way's errors (minor units a member).

    `total` is what a way foresaw for all, to what all paid. `better_by` is by how many standard errors the
    squared errors of the model are below those of the best average.
    """

    before: date
    weeks: int
    members: int
    mean_paid: float
    error_model: float
    error_average: float
    root_model: float
    root_average: float
    total_model: float
    total_average: float
    window: int
    better_by: float


@dataclass(frozen=True, slots=True)
class Values:
    """What each member is expected to buy in the next 52 weeks, minor units of `currency`, before returns.

    `alive` is P(alive) by BG/NBD, empty where the model could not be fitted; `unknown`: what is missing.
    """

    members: Members
    value: Numbers
    alive: Numbers
    currency: str
    method: Method
    why: Why
    window: int
    trials: tuple[Trial, ...]
    frequency: BgNbd | None
    spend: GammaGamma | None
    unknown: Unknown | None = None


def estimate_values(facts: Facts) -> Values:
    """Value of everybody who has bought, as of the last day with an order."""
    currency = find_currency(facts)
    first, last = find_first_day(facts), find_last_day(facts)
    if first is None or last is None:
        nothing = np.empty(0)
        ids = np.empty(0, dtype=np.int64)
        return Values(
            ids, nothing, nothing, "", Method.AVERAGE, Why.TOO_FEW, 13, (), None, None, Unknown.NO_DATA
        )
    now = last + timedelta(days=1)
    past = read_past(facts, now, WINDOWS, currency)
    weeks = (now - first).days // DAYS
    trials: tuple[Trial, ...] = ()
    frequency = spend = None
    if np.count_nonzero(past.histories.repeats > 0) >= MEMBERS_MIN:
        frequency, spend = fit_models(past.histories)
        trials = run_trials(facts, now, weeks, currency)
    why = _decide(frequency, spend, trials)
    window = trials[0].window if trials else 13
    alive = np.empty(0)
    if frequency is not None:
        grouped = group(past.histories)
        alive = frequency.find_alive(grouped)[grouped.back]
    if why is Why.MODEL_BETTER and frequency is not None and spend is not None:
        value, method = foresee_by_model(past.histories, frequency, spend, WEEKS), Method.MODEL
    else:
        value, method = foresee_by_average(past, window, WEEKS), Method.AVERAGE
    unknown = Unknown.HISTORY_TOO_SHORT if weeks < SHORTEST_WEEKS else None
    return Values(
        past.histories.members, value, alive, currency, method, why, window, trials, frequency, spend, unknown
    )


def fit_models(histories: Histories) -> tuple[BgNbd, GammaGamma]:
    """Both models. First purchases count for what is paid, too: they are as good a sample of it as others."""
    paying = histories.average > 0
    spend = fit_gamma_gamma(histories.repeats[paying] + 1, trim(histories.average[paying]))
    return fit_bgnbd(group(histories)), spend


def foresee_by_model(histories: Histories, frequency: BgNbd, spend: GammaGamma, weeks: int) -> Numbers:
    """Expected purchases of the next weeks times expected spend, each four weeks discounted to now."""
    grouped = group(histories)
    ends = np.append(np.arange(PERIOD_WEEKS, weeks, PERIOD_WEEKS, dtype=np.float64), weeks)
    until = frequency.expect_purchases(grouped, ends)
    within = np.diff(until, prepend=0.0, axis=1) @ _discount(ends)
    purchases: Numbers = within[grouped.back]
    return purchases * spend.expect_spend(histories.repeats + 1, trim(histories.average))


def foresee_by_average(past: Past, window: int, weeks: int) -> Numbers:
    """The weekly average of the last `window` weeks (of all weeks since the first purchase, where those are
    fewer) goes on, discounted likewise.
    """
    ends = np.append(np.arange(PERIOD_WEEKS, weeks, PERIOD_WEEKS, dtype=np.float64), weeks)
    watched = np.clip(past.histories.age, SHORTEST_WEEKS, window)
    weekly = past.recent[:, past.windows.index(window)] / watched
    average: Numbers = weekly * float(np.diff(ends, prepend=0.0) @ _discount(ends))
    return average


def _discount(ends: Numbers) -> Numbers:
    middles = (ends + np.append(0.0, ends[:-1])) / 2
    factors: Numbers = np.power(1 + DISCOUNT_YEARLY, -middles / WEEKS)
    return factors


def run_trials(facts: Facts, now: date, weeks: int, currency: str) -> tuple[Trial, ...]:
    """Foresee the last stretches of the past that do not overlap, each from what was known before it."""
    length = min(TEST_WEEKS, weeks // 4)
    trials = []
    for number in range(1, TESTS + 1):
        before = now - timedelta(days=DAYS * length * number)
        if length < SHORTEST_WEEKS or weeks - length * number < 2 * length:
            break
        past = read_past(facts, before, WINDOWS, currency)
        if np.count_nonzero(past.histories.repeats > 0) < MEMBERS_MIN:
            break
        paid = read_spent(
            facts, before, before + timedelta(days=DAYS * length), currency, past.histories.members
        )
        trials.append(_run_trial(past, paid, before, length))
    return tuple(trials)


def _run_trial(past: Past, paid: Numbers, before: date, length: int) -> Trial:
    frequency, spend = fit_models(past.histories)
    model = foresee_by_model(past.histories, frequency, spend, length)
    averages = {window: foresee_by_average(past, window, length) for window in past.windows}
    # Without the last half percent: squares would make one wedding decide.
    kept = paid <= np.quantile(paid, 0.995)
    window = min(averages, key=lambda weeks: float(np.mean((averages[weeks] - paid)[kept] ** 2)))
    average = averages[window]
    gain = ((average - paid) ** 2 - (model - paid) ** 2)[kept]
    spread = float(gain.std()) / np.sqrt(len(gain))
    return Trial(
        before=before,
        weeks=length,
        members=len(paid),
        mean_paid=float(paid.mean()),
        error_model=float(np.abs(model - paid).mean()),
        error_average=float(np.abs(average - paid).mean()),
        root_model=float(np.sqrt(np.mean((model - paid)[kept] ** 2))),
        root_average=float(np.sqrt(np.mean((average - paid)[kept] ** 2))),
        total_model=float(model.sum() / max(paid.sum(), 1.0)),
        total_average=float(average.sum() / max(paid.sum(), 1.0)),
        window=window,
        better_by=float(gain.mean() / spread) if spread > 0 else 0.0,
    )


def _decide(frequency: BgNbd | None, spend: GammaGamma | None, trials: tuple[Trial, ...]) -> Why:
    if frequency is None or spend is None:
        return Why.TOO_FEW
    if not trials:
        return Why.HISTORY_TOO_SHORT
    if abs(spend.correlation) > CORRELATION_MAX:
        return Why.SPEND_DEPENDS
    if frequency.at_bound or spend.at_bound:
        return Why.PARAMETERS_AT_BOUND
    # Stretches do not overlap, so their evidence adds up as independent normal scores do.
    together = sum(trial.better_by for trial in trials) / np.sqrt(len(trials))
    return Why.MODEL_BETTER if together > SURE else Why.MODEL_NOT_BETTER
