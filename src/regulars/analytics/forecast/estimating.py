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
    forecasts = [
        _write(Measure.LIABILITY, Unit.POINTS, _list_months(flows, futures), liability, number)
        for number in range(len(NOMINAL))
    ]
    forecasts += [
        _write(Measure.BREAKAGE, Unit.SHARE, _list_breakage(flows, futures), breakage, number)
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


def _list_months(flows: Flows, futures: Futures) -> list[tuple[Period, Numbers]]:
    """Paths at the ends of the next twelve months, each a twelfth of 52 weeks, to the week."""
    ends = [round(month * YEAR / MONTHS) for month in range(1, MONTHS + 1)]
    days = [_day(flows, flows.weeks + end) for end in (0, *ends)]
    return [
        (Period(first, after), futures.outstanding[:, end - 1])
        for first, after, end in zip(days[:-1], days[1:], ends, strict=True)
    ]


def _list_breakage(flows: Flows, futures: Futures) -> list[tuple[Period, Numbers]]:
    """Of all points given so far; then of those given in the coming weeks."""
    lapsed = flows.gone_amount[flows.gone_cause == Cause.EXPIRED].sum()
    withdrawn = flows.gone_amount[flows.gone_cause == Cause.WITHDRAWN].sum()
    given = max(float(flows.opened_amount.sum() - withdrawn), 1.0)
    now = _day(flows, flows.weeks)
    return [
        (Period(flows.origin, now), (lapsed + futures.lapsing) / given),
        (Period(now, _day(flows, flows.weeks + YEAR)), futures.never),
    ]


def _day(flows: Flows, week: int) -> date:
    return flows.origin + timedelta(days=DAYS * week)


def _write(
    measure: Measure,
    unit: Unit,
    windows: list[tuple[Period, Numbers]],
    coverage: tuple[Coverage, ...],
    number: int,
) -> Forecast:
    points = []
    for period, drawn in windows:
        lows, highs = find_bounds(drawn)
        points.append(ForecastPoint(period, lows[number], float(np.median(drawn)), highs[number]))
    covered, windows_count = (coverage[number].covered, coverage[number].windows) if coverage else (0, 0)
    return Forecast(measure, unit, METHOD, tuple(points), NOMINAL[number], covered, windows_count)
