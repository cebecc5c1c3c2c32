"""Liability and breakage foretold, with intervals that were tested on the past."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from regulars.analytics.codes import Measure, Unit, Unknown
from regulars.analytics.forecast.backtest import (
    NOMINAL,
    Check,
    Coverage,
    Quantity,
    find_bounds,
    run_backtest,
    sum_up,
)
from regulars.analytics.forecast.calibrating import Correction, learn_correction
from regulars.analytics.forecast.flows import DAYS, Cause, Flows, Numbers, read_flows
from regulars.analytics.forecast.paths import YEAR, Futures, foresee
from regulars.analytics.types import Forecast, ForecastPoint, Period
from regulars.facts.facade import Facts

METHOD = "age_hazard_paths"
WEEKS_MIN = 13
SPENT_WEEKS_MIN = 4
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Outlook:
    """Forecasts as reports show them, and what stands behind them. `checks`: the windows of the back-test."""

    forecasts: tuple[Forecast, ...]
    checks: tuple[Check, ...] = ()
    outstanding: int = 0
    unknown: Unknown | None = None


@dataclass(frozen=True, slots=True)
class ForeseenIn:
    """What is foreseen for a window, with its bounds in the order of `NOMINAL`."""

    period: Period
    middle: float
    lows: tuple[float, ...]
    highs: tuple[float, ...]

    @classmethod
    def of(cls, period: Period, drawn: Numbers, correction: Correction, weeks: int) -> "ForeseenIn":
        """From paths that end so many weeks ahead."""
        middle = float(np.median(drawn))
        return cls(period, middle, *correction.stretch(weeks, middle, *find_bounds(drawn)))


def forecast_points(facts: Facts) -> Outlook:
    """The next twelve months of outstanding points, and the share of points given that nobody will spend.

    Liability at the end of each month; breakage once for all points given so far (what has lapsed counts) and
    once for those given now. Each at 80 % and 95 %. In points; what one costs is for finance to say.
    """
    flows = read_flows(facts)
    if flows is None:
        return _give_up(Unknown.NO_DATA)
    if flows.weeks < WEEKS_MIN:
        return _give_up(Unknown.HISTORY_TOO_SHORT)
    spent = flows.gone_cause == Cause.SPENT
    if len(np.unique(flows.gone_week[spent])) < SPENT_WEEKS_MIN:
        return _give_up(Unknown.TOO_FEW)
    checks = run_backtest(flows)
    futures = foresee(flows)
    liability, breakage = sum_up(checks, Quantity.LIABILITY), sum_up(checks, Quantity.UNSPENT)
    owed, unspent = (
        learn_correction([check for check in checks if check.quantity is quantity], NOMINAL)
        for quantity in (Quantity.LIABILITY, Quantity.UNSPENT)
    )
    forecasts = [
        _write(Measure.LIABILITY, Unit.POINTS, _list_months(flows, futures, owed), liability, number)
        for number in range(len(NOMINAL))
    ]
    forecasts += [
        _write(Measure.BREAKAGE, Unit.SHARE, _list_breakage(flows, futures, unspent), breakage, number)
        for number in range(len(NOMINAL))
    ]
    return Outlook(tuple(forecasts), checks, round(flows.outstanding))


def _give_up(unknown: Unknown) -> Outlook:
    forecasts = tuple(
        Forecast(measure, unit, METHOD, (), nominal, 0, 0, unknown)
        for measure, unit in ((Measure.LIABILITY, Unit.POINTS), (Measure.BREAKAGE, Unit.SHARE))
        for nominal in NOMINAL
    )
    return Outlook(forecasts, unknown=unknown)


def _list_months(flows: Flows, futures: Futures, correction: Correction) -> list[ForeseenIn]:
    """The ends of the next twelve months, each a twelfth of 52 weeks, to the week."""
    ends = [round(month * YEAR / MONTHS) for month in range(1, MONTHS + 1)]
    days = [_day(flows, flows.weeks + end) for end in (0, *ends)]
    return [
        ForeseenIn.of(Period(first, after), futures.outstanding[:, end - 1], correction, end)
        for first, after, end in zip(days[:-1], days[1:], ends, strict=True)
    ]


def _list_breakage(flows: Flows, futures: Futures, correction: Correction) -> list[ForeseenIn]:
    """Of all points given so far; then of those given in the coming weeks."""
    lapsed = flows.gone_amount[flows.gone_cause == Cause.EXPIRED].sum()
    withdrawn = flows.gone_amount[flows.gone_cause == Cause.WITHDRAWN].sum()
    given = max(float(flows.opened_amount.sum() - withdrawn), 1.0)
    now = _day(flows, flows.weeks)
    return [
        ForeseenIn.of(Period(flows.origin, now), (lapsed + futures.lapsing) / given, correction, YEAR),
        ForeseenIn.of(Period(now, _day(flows, flows.weeks + YEAR)), futures.never, correction, YEAR),
    ]


def _day(flows: Flows, week: int) -> date:
    return flows.origin + timedelta(days=DAYS * week)


def _write(
    measure: Measure,
    unit: Unit,
    windows: list[ForeseenIn],
    coverage: tuple[Coverage, ...],
    number: int,
) -> Forecast:
    points = [
        ForecastPoint(one.period, max(one.lows[number], 0.0), one.middle, one.highs[number])
        for one in windows
    ]
    covered, windows_count = (coverage[number].covered, coverage[number].windows) if coverage else (0, 0)
    return Forecast(measure, unit, METHOD, tuple(points), NOMINAL[number], covered, windows_count)
