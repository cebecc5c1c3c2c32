"""Making reports from the facts: those that were asked for, and all of them after each synchronisation.

The lock of a refresh is an advisory one of the session: whoever finds it taken leaves, as the one who holds
it is making the same.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from regulars.analytics import policies
from regulars.analytics.codes import ReportKind
from regulars.analytics.declared import find_outline
from regulars.analytics.making.check_up import make_check_up
from regulars.analytics.making.members import list_measures
from regulars.analytics.making.overview import make_overview
from regulars.analytics.making.points import make_points
from regulars.analytics.making.retention import make_retention
from regulars.analytics.making.value import make_value
from regulars.analytics.measures.basis import settle_facts
from regulars.analytics.measures.cohorts import BRACKETS
from regulars.analytics.measures.limits import Limits, find_limits
from regulars.analytics.models import BehindList
from regulars.analytics.models import Report as ReportRow
from regulars.analytics.operations.behind import drop_lists
from regulars.analytics.operations.members import write_measures
from regulars.analytics.queries.learnt import find_bracket_days, list_forecasts
from regulars.analytics.queries.stored import write_payload
from regulars.analytics.types import Period, PointsReport, Report, RetentionReport, Span
from regulars.facts.facade import Facts, FactsMissing, note_followed
from regulars.kit.locks import try_lock

logger = logging.getLogger(__name__)
REFRESH_LOCK = 0x5245_4752
"""The advisory lock of whoever refreshes; any constant will do."""

CHECK_UP_SCOPE = Span.DAYS_84
CHECK_UP_EVERY = timedelta(days=28)
"""A check-up is monthly: what it finds takes weeks to change. On demand, one is made at once
(`ask_report`).
"""


def _make_retention(facts: Facts, period: Period, limits: Limits) -> RetentionReport:
    days = find_bracket_days()
    return make_retention(facts, period, limits, tuple(pairwise(days)) if days else BRACKETS)


MAKERS: dict[ReportKind, Callable[[Facts, Period, Limits], Report]] = {
    ReportKind.OVERVIEW: make_overview,
    ReportKind.RETENTION: _make_retention,
    ReportKind.VALUE: make_value,
    ReportKind.POINTS: make_points,
    ReportKind.CHECK_UP: make_check_up,
}


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh made; nothing where another one was at it."""

    reports: int
    members: int
    seconds: float


def refresh_measures(*, facts: Facts, now: datetime, spans: Sequence[Span] = tuple(Span)) -> Refreshed | None:
    """Measure all members and make the reports of `spans`; None: another refresh is at it.

    Holds the advisory lock of the refresh, not a transaction: each report is stored when it is made. An
    expression at a time runs on the engine, within its memory. Raises FactsMissing where there is no
    purchase.
    """
    with try_lock(REFRESH_LOCK) as alone:
        if not alone:
            return None
        begun = time.monotonic()
        settled = settle_facts(facts)
        limits = find_limits(settled, find_outline(now))
        if limits.first_day is None:
            raise FactsMissing("There are no purchases to measure. `regulars facts sync` copies them.")
        members = write_measures(
            table=list_measures(settled, limits), as_of=settled.as_of, currency=limits.currency
        )
        from regulars.analytics.operations.learning import learn  # noqa: PLC0415 - two seconds, for this alone

        learn(facts=settled, lapsed_after_days=limits.interval.lapsed_after_days, now=now)
        wanted: list[tuple[Span, ReportKind]] = [
            (span, kind) for span in spans for kind in MAKERS if kind is not ReportKind.CHECK_UP
        ]
        if _is_check_up_due(now):
            wanted.append((CHECK_UP_SCOPE, ReportKind.CHECK_UP))
        for span, kind in wanted:
            store_report(
                kind=kind, scope=span, facts=settled, limits=limits, complete_to=facts.as_of, now=now
            )
        # A list made before may be of days that were other ones then: who asks gets one of today's figure.
        drop_lists(BehindList.objects.filter(made_at__lt=now))
        note_followed(task=policies.REFRESH_TASK, change=facts.change)
        return Refreshed(len(wanted), members, time.monotonic() - begun)


def store_report(
    *,
    kind: ReportKind,
    scope: Span | Period,
    facts: Facts,
    limits: Limits,
    complete_to: date,
    now: datetime,
) -> None:
    """Make one report of settled facts and store it in place of one of the same day; answers what was asked
    for.
    """
    begun = time.monotonic()
    period = _place(scope, limits)
    report = MAKERS[kind](facts, period, limits)
    if isinstance(report, PointsReport):
        # Foretold once a refresh, and the same whatever the period.
        report = replace(report, forecasts=list_forecasts())
    payload = write_payload(kind, report)
    keep_payload(
        kind=kind,
        scope=policies.scope_of(scope),
        period=period,
        as_of=complete_to,
        payload=payload,
        now=now,
        seconds=time.monotonic() - begun,
    )


def keep_payload(
    *,
    kind: ReportKind,
    scope: str,
    period: Period,
    as_of: date,
    payload: Any,
    now: datetime,
    seconds: float,
) -> None:
    """Store a report that was made. One of the same question and day is replaced; one asked for is
    answered.
    """
    values = {
        "first": period.first,
        "after": period.after,
        "as_of": as_of,
        "made_at": now,
        "seconds": seconds,
        "payload": payload,
        "failure": "",
    }
    rows = ReportRow.objects.filter(kind=kind, scope=scope)
    rows.filter(as_of=as_of, made_at__isnull=False).delete()
    if not rows.filter(made_at__isnull=True).update(**values):
        ReportRow.objects.create(kind=kind, scope=scope, asked_at=now, **values)


def make_report(*, report_id: int, facts: Facts, now: datetime) -> bool:
    """Make a report that somebody waits for; whether there was anything to do.

    A failure is written to the report in a sentence, and raised.
    """
    row = ReportRow.objects.filter(pk=report_id, made_at__isnull=True).first()
    if row is None or ReportKind(row.kind) not in MAKERS:
        return False
    try:
        settled = settle_facts(facts)
        limits = find_limits(settled, find_outline(now))
        scope = policies.read_scope(row.scope)
        store_report(
            kind=ReportKind(row.kind),
            scope=scope,
            facts=settled,
            limits=limits,
            complete_to=facts.as_of,
            now=now,
        )
    except Exception as error:
        ReportRow.objects.filter(pk=report_id).update(failure=f"{type(error).__name__}: {error}"[:500])
        logger.exception("Report %s could not be made", report_id)
        raise
    return True


def _is_check_up_due(now: datetime) -> bool:
    rows = ReportRow.objects.filter(kind=ReportKind.CHECK_UP, scope=CHECK_UP_SCOPE.value)
    return not rows.filter(made_at__gt=now - CHECK_UP_EVERY).exists()


def _place(scope: Span | Period, limits: Limits) -> Period:
    return policies.place_span(scope, limits.as_of, limits.first_day or limits.as_of)
