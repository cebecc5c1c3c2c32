"""Lists of the members behind a number, made by a job and kept; brackets of retention that a shop decides."""

import datetime as dt

import pyarrow as pa
import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from regulars.analytics import facade as analytics
from regulars.analytics.facade import (
    BehindReady,
    BehindWaiting,
    BracketsInvalid,
    Measure,
    Period,
    ReportKind,
    RetentionKind,
    RetentionReport,
    Span,
)
from regulars.analytics.making.overview import find_cells, find_segments
from regulars.analytics.measures.basis import settle_facts
from regulars.analytics.measures.cohorts import measure_retention
from regulars.analytics.measures.limits import find_limits
from regulars.analytics.models import BehindList, BehindMember, MemberMeasure
from regulars.analytics.operations import behind, making
from regulars.analytics.queries import behind as reading
from regulars.facts.facade import Facts, facts_from_arrow
from regulars.kit.actor import SYSTEM
from regulars.trail import facade as trail
from tests.analytics.histories import AS_OF, make_shop

pytestmark = [
    pytest.mark.django_db,
    # Each asks the engine about a small shop several times.
    pytest.mark.slow,
]
NOW = dt.datetime(2026, 1, 1, 9, tzinfo=dt.UTC)
AUTUMN = Period(dt.date(2025, 9, 1), dt.date(2025, 12, 1))
REPEATED = {"measure": Measure.REPEAT_RATE, "period": AUTUMN, "key": "yes"}


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    return make_shop()


@pytest.fixture
def facts(tables: dict[str, pa.Table]) -> Facts:
    return facts_from_arrow(tables, AS_OF)


def find(facts_to: dt.date = AS_OF) -> BehindReady | BehindWaiting | None:
    return reading.find_behind(Measure.REPEAT_RATE, AUTUMN, "yes", facts_to)


def make(facts: Facts, measure: Measure, period: Period, key: str) -> list[int]:
    analytics.ask_behind(measure=measure, period=period, key=key, now=NOW)
    row = BehindList.objects.latest("pk")
    assert behind.make_behind(list_id=row.pk, facts=facts, now=NOW), row.failure
    return list(BehindMember.objects.filter(list_id=row.pk).values_list("member_id", flat=True))


def test_a_list_is_asked_for_once_made_by_a_job_and_good_until_the_facts_reach_further(facts: Facts) -> None:
    assert find() is None
    for _again in range(2):
        assert isinstance(analytics.ask_behind(**REPEATED, now=NOW), BehindWaiting)
    assert ProcrastinateJob.objects.filter(task_name="analytics.list_behind").count() == 1
    assert isinstance(find(), BehindWaiting)
    (row,) = BehindList.objects.all()
    assert behind.make_behind(list_id=row.pk, facts=facts, now=NOW)
    assert not behind.make_behind(list_id=row.pk, facts=facts, now=NOW)
    ready = find()
    assert isinstance(ready, BehindReady)
    found, cursor = [], None
    while True:
        page = analytics.list_members_behind(ready, cursor, 7)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    whole = reading.list_from_facts(facts, Measure.REPEAT_RATE, AUTUMN, "yes", cursor=None, size=500)
    assert tuple(found) == whole.items != ()
    assert find(AS_OF + dt.timedelta(days=1)) is None
    make(facts, **REPEATED)
    assert BehindList.objects.count() == 1
    analytics.purge_behind(now=NOW + dt.timedelta(days=3))
    assert not BehindList.objects.exists()
    assert not BehindMember.objects.exists()


def test_a_key_that_leads_nowhere_is_told_and_can_be_asked_again(facts: Facts) -> None:
    for key in ("perhaps", "n_period/2025-01-01/0-8/yes", f"n_period/2025-01-01/1-{'9' * 40}/yes"):
        analytics.ask_behind(measure=Measure.RETENTION, period=AUTUMN, key=key, now=NOW)
        row = BehindList.objects.latest("pk")
        assert not behind.make_behind(list_id=row.pk, facts=facts, now=NOW)
        told = reading.find_behind(Measure.RETENTION, AUTUMN, key, AS_OF)
        assert isinstance(told, BehindWaiting)
        assert told.failure == "There is no such cohort."
        assert analytics.ask_behind(measure=Measure.RETENTION, period=AUTUMN, key=key, now=NOW).failure == ""
    assert not BehindMember.objects.exists()


def test_where_members_stood_on_an_earlier_day_is_asked_of_the_facts(facts: Facts) -> None:
    settled = settle_facts(facts)
    sizes, _moves = find_segments(settled, AUTUMN, find_limits(settled))
    MemberMeasure.objects.create(member_id=1, as_of=AS_OF, segment="loyal", rfm_cell="545")
    assert not reading.is_stored(Measure.SEGMENT, AUTUMN)
    assert reading.is_stored(Measure.SEGMENT, Period(AUTUMN.first, AS_OF + dt.timedelta(days=1)))
    size = max(sizes, key=lambda one: one.members)
    assert len(make(facts, Measure.SEGMENT, AUTUMN, size.segment.value)) == size.members > 0
    cells = [one for one in find_cells(settled, AUTUMN) if (one.recency, one.frequency) == (5, 5)]
    assert len(make(facts, Measure.RFM, AUTUMN, "55")) == sum(one.members for one in cells) > 0
    stored = reading.list_stored(Measure.RFM, "54", None, 5).items
    assert [one.member_id for one in stored] == [1]


def test_the_shop_decides_the_brackets(facts: Facts) -> None:
    with pytest.raises(BracketsInvalid):
        analytics.set_bracket_days(actor=SYSTEM, now=NOW, days=[8, 8])
    for wrong in ([5], [0, 5], [1, 99_999], list(range(1, 15))):
        with pytest.raises(BracketsInvalid):
            analytics.set_bracket_days(actor=SYSTEM, now=NOW, days=wrong)
    assert analytics.find_bracket_days() is None
    assert not ProcrastinateJob.objects.exists()
    analytics.set_bracket_days(actor=SYSTEM, now=NOW, days=[1, 15, 60])
    assert trail.list_audit(size=1).items[0].action == "analytics.brackets_set"
    assert ProcrastinateJob.objects.filter(task_name="analytics.make_report").count() == len(Span)
    year = Period(dt.date(2025, 1, 1), dt.date(2026, 1, 1))
    settled = settle_facts(facts)
    report = making.MAKERS[ReportKind.RETENTION](settled, year, find_limits(settled))
    assert isinstance(report, RetentionReport)
    (table,) = [one for one in report.tables if one.kind is RetentionKind.BRACKETS]
    assert table == measure_retention(settled, year, RetentionKind.BRACKETS, ((1, 15), (15, 60)))
    cell = table.cohorts[0].cells[1]
    key = f"brackets/{table.cohorts[0].first.isoformat()}/15-60/yes"
    assert len(make(facts, Measure.RETENTION, year, key)) == cell.returned
    analytics.set_bracket_days(actor=SYSTEM, now=NOW, days=[])
    assert analytics.find_bracket_days() is None
