"""Retention: cohorts in three ways of counting, and the figures of coming back."""

from regulars.analytics.codes import Measure, RetentionKind, Unknown
from regulars.analytics.measures.cohorts import BRACKETS, Stretch, list_steps, measure_retention
from regulars.analytics.measures.figures import make_figures
from regulars.analytics.measures.limits import Limits
from regulars.analytics.types import Period, RetentionReport
from regulars.facts.facade import Facts

FIGURES = (
    Measure.REPEAT_RATE,
    Measure.FREQUENCY,
    Measure.RETENTION_RATE,
    Measure.CHURN_RATE,
    Measure.LAPSED,
    Measure.MEMBERS_NEW,
)


def make_retention(
    facts: Facts,
    period: Period,
    limits: Limits,
    brackets: tuple[Stretch, ...] = BRACKETS,
    step_days: int = 28,
) -> RetentionReport:
    """Put the retention of a period's cohorts together. Each table is a query."""
    if limits.first_day is None:
        return RetentionReport(period, facts.as_of, (), unknown=Unknown.NO_DATA)
    steps = list_steps(step_days)
    ways = (
        (RetentionKind.N_PERIOD, steps),
        (RetentionKind.UNBOUNDED, steps),
        (RetentionKind.BRACKETS, brackets),
    )
    watched = limits.interval.lapsed_after_days or 0
    return RetentionReport(
        period=period,
        as_of=facts.as_of,
        tables=tuple(measure_retention(facts, period, kind, ages, watched) for kind, ages in ways),
        figures=make_figures(facts, period, FIGURES, limits),
        interval=limits.interval,
    )
