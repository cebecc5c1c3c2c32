"""Reports that are asked for, and dropped when they are old. `making.py` makes them."""

from datetime import datetime

from django.db import transaction
from procrastinate.contrib.django import app

from regulars.analytics import policies
from regulars.analytics.codes import ReportKind
from regulars.analytics.models import Report
from regulars.analytics.queries.stored import get_waiting
from regulars.analytics.types import Period, Span, Waiting

MAKE_TASK = "analytics.make_report"


@transaction.atomic
def ask_report(*, kind: ReportKind, period: Span | Period, now: datetime) -> Waiting:
    """Have a report made by a job, unless one is being made; one that was lost or failed is asked for again.

    Raises PeriodUnusable. A check-up is asked for with `ask_check_up`, which takes the programme.
    """
    span = period if isinstance(period, Period) else None
    row, is_new = Report.objects.get_or_create(
        kind=kind,
        scope=policies.scope_of(period),
        made_at=None,
        defaults={
            "asked_at": now,
            "first": span.first if span else None,
            "after": span.after if span else None,
        },
    )
    if not is_new and (row.failure or row.asked_at < now - policies.LOST_AFTER):
        Report.objects.filter(pk=row.pk).update(asked_at=now, failure="")
        row.asked_at, row.failure, is_new = now, "", True
    if is_new:
        app.configure_task(MAKE_TASK).defer(report_id=row.pk)
    return get_waiting(row)


def purge_reports(*, now: datetime) -> int:
    """Drop what was asked for long ago: it can be made again. Gives the number of reports."""
    dropped, _each = Report.objects.filter(asked_at__lt=now - policies.KEPT).delete()
    return dropped
