"""Reports that a job adds up: what it stores is what would be read now, and nobody waits twice."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.test import override_settings
from procrastinate.contrib.django.models import ProcrastinateJob

from regulars.finance import facade as finance
from regulars.finance.errors import ReportTooSlow
from regulars.finance.facade import LiabilityQuestion, MovementsQuestion, Opened, Question, Step, Waiting
from regulars.finance.models import StoredReport
from regulars.finance.queries import reading
from tests.finance.books import NOW, earn, live, publish

pytestmark = pytest.mark.django_db(transaction=True)
DAY = NOW.date()
QUESTIONS: tuple[Question, ...] = (
    LiabilityQuestion(DAY),
    LiabilityQuestion(DAY - timedelta(days=30)),
    MovementsQuestion(DAY.replace(day=1), DAY, Step.DAY),
)


@pytest.fixture(autouse=True)
def _books(transactional_db: None) -> None:
    publish()
    live(NOW - timedelta(days=1))


def slow(question: Question, now: datetime = NOW) -> Opened | Waiting:
    """As where adding up takes longer than anybody waits."""
    with override_settings(REPORT_PATIENCE_MS=0):
        return finance.open_report(question=question, now=now)


def count_jobs() -> int:
    """Jobs for the one report that is there: jobs of tests before stay in the queue."""
    report = StoredReport.objects.get()
    return ProcrastinateJob.objects.filter(
        task_name="finance.make_report", args={"report_id": report.pk}
    ).count()


def make_all() -> int:
    numbers = StoredReport.objects.filter(made_at=None).values_list("id", flat=True)
    return sum(finance.make_report(report_id=number, now=NOW) for number in list(numbers))


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.kind)
def test_what_a_job_stored_is_what_would_be_read_now(question: Question) -> None:
    quick = finance.open_report(question=question, now=NOW)
    assert isinstance(quick, Opened)
    assert not StoredReport.objects.exists()
    assert isinstance(slow(question), Waiting)
    assert make_all() == 1
    stored = slow(question)
    assert isinstance(stored, Opened)
    assert (stored.report, stored.renewal) == (quick.report, None)


def test_many_who_ask_wait_for_one_job() -> None:
    asked = [slow(QUESTIONS[0], NOW + timedelta(seconds=n)) for n in range(3)]
    assert [one.asked_at for one in asked if isinstance(one, Waiting)] == [NOW, NOW, NOW]
    assert count_jobs() == 1
    make_all()
    assert make_all() == 0
    assert isinstance(slow(QUESTIONS[0]), Opened)


def test_a_job_that_was_lost_is_asked_for_again() -> None:
    slow(QUESTIONS[0])
    slow(QUESTIONS[0], NOW + timedelta(hours=2))
    assert count_jobs() == 2


def test_an_open_day_grows_old_and_a_closed_one_does_not() -> None:
    today, closed = QUESTIONS[0], QUESTIONS[1]
    for question in (today, closed):
        slow(question)
    make_all()
    earn(7, "late", now=NOW)
    later = NOW + timedelta(minutes=20)
    for question, renews in ((today, True), (closed, False)):
        opened = slow(question, later)
        assert isinstance(opened, Opened)
        assert (opened.made_at, opened.renewal is not None) == (NOW, renews)
    # Who does not have to wait sees the present, not what is stored.
    quick = finance.open_report(question=today, now=later)
    assert isinstance(quick, Opened)
    assert quick.made_at == later


def test_reading_is_given_up_when_its_time_is_over() -> None:
    with (
        pytest.raises(ReportTooSlow),
        reading.within(50),
        transaction.atomic(),
    ):
        reading._read("SELECT pg_sleep(10)")
    with transaction.atomic():
        assert reading._read("SELECT 1") == [(1,)]
        assert reading._read("SHOW statement_timeout") == [("0",)]


def test_what_nobody_asked_for_lately_is_dropped() -> None:
    slow(QUESTIONS[0])
    make_all()
    assert finance.purge_reports(now=NOW + timedelta(days=29)) == 0
    assert finance.purge_reports(now=NOW + timedelta(days=31)) == 1
