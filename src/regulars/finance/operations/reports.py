"""Reports that are there at once where the books are small, and by a job where they are not."""

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app

from regulars.finance import policies
from regulars.finance.errors import ReportTooSlow
from regulars.finance.models import StoredReport
from regulars.finance.queries.questions import answer
from regulars.finance.queries.reading import within
from regulars.finance.queries.stored import find_stored, get_waiting, write_report
from regulars.finance.types import Opened, Question, Waiting

MAKE_TASK = "finance.make_report"
LOST_AFTER = timedelta(hours=1)
KEPT = timedelta(days=30)


def open_report(*, question: Question, now: datetime) -> Opened | Waiting:
    """The report, added up now if the reader's patience lasts; else as a job has stored it.

    What a job stored is good for a while, and for ever where nothing can be booked any more. Later it is
    shown still, while a new one is made. Raises NoProgramme, PeriodInvalid.
    """
    stored = find_stored(question)
    if stored is not None and policies.is_fresh(stored.report, stored.made_at, now):
        return stored
    try:
        with within(settings.REPORT_PATIENCE_MS):
            return Opened(answer(question, now), now)
    except ReportTooSlow:
        waiting = ask_report(question=question, now=now)
    return waiting if stored is None else Opened(stored.report, stored.made_at, waiting)


@transaction.atomic
def ask_report(*, question: Question, now: datetime) -> Waiting:
    """Have a report made by a job, unless one is being made; one that was lost is asked for again."""
    row, is_new = StoredReport.objects.get_or_create(
        mark=policies.mark_of(question),
        made_at=None,
        defaults={"kind": question.kind, "question": policies.write_question(question), "asked_at": now},
    )
    if not is_new and row.asked_at < now - LOST_AFTER:
        StoredReport.objects.filter(id=row.pk).update(asked_at=now)
        row.asked_at, is_new = now, True
    if is_new:
        app.configure_task(MAKE_TASK).defer(report_id=row.pk)
    return get_waiting(row)


def make_report(*, report_id: int, now: datetime) -> bool:
    """Add up what was asked for, as of now, and store it; whether there was anything to do.

    The books are read in one snapshot, without a lock, for as long as it takes.
    Raises NoProgramme, PeriodInvalid.
    """
    row = StoredReport.objects.filter(id=report_id, made_at=None).first()
    if row is None:
        return False
    begun = time.monotonic()
    content = write_report(answer(policies.read_question(row.kind, row.question), now))
    StoredReport.objects.filter(id=report_id, made_at=None).update(
        content=content, made_at=now, seconds=time.monotonic() - begun
    )
    return True


def purge_reports(*, now: datetime) -> int:
    """Drop what was asked for long ago: it can be made again. Gives the number of reports."""
    dropped, _each = StoredReport.objects.filter(asked_at__lt=now - KEPT).delete()
    return dropped
