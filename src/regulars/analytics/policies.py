"""Pure decisions: how a period is named, where it lies, when a report is old."""

from datetime import date, datetime, timedelta

from regulars.analytics.errors import PeriodUnusable
from regulars.analytics.types import Period, Span

LOST_AFTER = timedelta(hours=1)
"""A job that has not answered for so long is gone, and the report is asked for again."""
REFRESH_TASK = "analytics.refresh"
CORRECTED_EVERY = timedelta(hours=1)
"""Measuring anew takes a minute of a processor: a till that sends yesterday's orders all day may not ask for
it all day.
"""
KEPT = timedelta(days=400)
"""Reports are kept for so long; a year later the same month can still be laid beside."""
ASKED_FRESH = timedelta(hours=26)
"""A report younger than this is shown without asking for another: the refresh comes daily at least."""


def scope_of(period: Span | Period) -> str:
    """The name a report is kept under: `28d`, or `2026-01-01/2026-02-01`. Raises PeriodUnusable."""
    if isinstance(period, Span):
        return period.value
    if period.days < 1:
        raise PeriodUnusable("The period ends before it begins; its first day comes before the day after it.")
    return f"{period.first.isoformat()}/{period.after.isoformat()}"


def read_scope(scope: str) -> Span | Period:
    """The reverse of `scope_of`. Raises ValueError."""
    if "/" not in scope:
        return Span(scope)
    first, after = scope.split("/")
    return Period(date.fromisoformat(first), date.fromisoformat(after))


def place_span(span: Span | Period, as_of: date, first_day: date) -> Period:
    """The days of a span that ends with `as_of`, cut to those from `first_day` on, the first with facts."""
    if isinstance(span, Period):
        return span
    after = as_of + timedelta(days=1)
    first = first_day if span.days is None else max(first_day, after - timedelta(days=span.days))
    return Period(min(first, as_of), after)


def precede(period: Period) -> Period:
    """The period of the same length just before."""
    return Period(period.first - timedelta(days=period.days), period.first)


def is_fresh(made_at: datetime, now: datetime) -> bool:
    """Whether a report can be shown without asking for another."""
    return now - made_at < ASKED_FRESH
