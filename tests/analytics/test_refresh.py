"""What a refresh stores: reports that read back equal, measures of members, the members behind figures."""

import datetime as dt

import ibis
import pyarrow as pa
import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from regulars.analytics import declared
from regulars.analytics import facade as analytics
from regulars.analytics.facade import (
    CheckUp,
    Measure,
    NothingBehind,
    Opened,
    OverviewReport,
    Period,
    PeriodUnusable,
    PointsReport,
    ReportKind,
    RetentionKind,
    Segment,
    Span,
    Waiting,
)
from regulars.analytics.making.members import COLUMNS
from regulars.analytics.making.overview import find_segments
from regulars.analytics.measures.basis import settle_facts
from regulars.analytics.measures.cohorts import list_steps, measure_retention
from regulars.analytics.measures.figures import make_figures
from regulars.analytics.measures.limits import find_limits
from regulars.analytics.models import MemberMeasure, SegmentChange
from regulars.analytics.operations import making
from regulars.analytics.operations.members import write_measures
from regulars.analytics.policies import REFRESH_TASK
from regulars.analytics.queries.behind import list_from_facts
from regulars.analytics.queries.stored import read_payload, write_payload
from regulars.analytics.types import ProgrammeOutline
from regulars.facts.facade import Facts, FactsMissing, facts_from_arrow, note_followed
from regulars.facts.models import FactsChange, FactsState
from tests.analytics.histories import AS_OF, MEMBERS, MERGED, SURVIVOR, make_shop

NOW = dt.datetime(2026, 1, 1, 9, tzinfo=dt.UTC)
AUTUMN = Period(dt.date(2025, 9, 1), dt.date(2025, 12, 1))
SHAPE = ibis.schema(
    {
        name: {"segment": "string", "usage_interval_days": "float64"}.get(
            name,
            "date"
            if name.endswith("_on")
            else "boolean"
            if name in {"lapsed", "can_afford_now"}
            else "int64",
        )
        for name in COLUMNS
    }
)
OUTLINE = ProgrammeOutline(12, ("base", "silver", "platinum"), ("Base", "Silver", "Platinum"))


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    return make_shop()


@pytest.fixture
def facts(tables: dict[str, pa.Table]) -> Facts:
    return facts_from_arrow(tables, AS_OF)


def check_read_back() -> None:
    """What a refresh stored reads back as what it writes again; findings are told in words."""
    opened = {kind: analytics.find_report(kind, Span.DAYS_84) for kind in ReportKind}
    for kind, one in opened.items():
        assert isinstance(one, Opened)
        assert read_payload(kind, write_payload(kind, one.report)) == one.report
    checked = opened[ReportKind.CHECK_UP]
    assert isinstance(checked, Opened) and isinstance(checked.report, CheckUp)
    found = {finding.code.value for finding in checked.report.findings}
    assert {"rules_too_many", "tier_unreached", "reward_untaken"} <= found
    for finding in checked.report.findings:
        words = analytics.describe_finding(finding)
        assert words.title and words.evidence and words.step and "%(" not in words.title + words.evidence


@pytest.mark.django_db
# Five reports of a small shop, and models that are tried on it.
@pytest.mark.slow
def test_a_refresh_measures_everybody_and_makes_the_standard_reports(
    facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(declared, "_find_outline", [lambda _now: OUTLINE])
    refreshed = making.refresh_measures(facts=facts, now=NOW, spans=[Span.DAYS_84])
    assert refreshed is not None
    # Everybody but the merged and the erased member.
    assert refreshed.members == MemberMeasure.objects.count() == MEMBERS - 1
    assert not MemberMeasure.objects.filter(member_id__in=[MERGED, 5]).exists()
    opened = analytics.find_report(ReportKind.OVERVIEW, Span.DAYS_84)
    assert isinstance(opened, Opened)
    assert isinstance(opened.report, OverviewReport)
    assert sum(one.members for one in opened.report.segments) >= MEMBERS - 3
    check_read_back()
    row = MemberMeasure.objects.get(member_id=1)
    assert row.rfm_cell == f"{row.r_score}{row.f_score}{row.m_score}"
    assert row.segment in set(Segment)
    assert SegmentChange.objects.get(member_id=1).after == row.segment


@pytest.mark.django_db
def test_days_long_over_are_measured_anew_where_something_came_late() -> None:
    """Not for what happened today, and not more often than every hour."""

    def is_behind(hours: float) -> bool:
        return analytics.is_behind(now=NOW + dt.timedelta(hours=hours))

    def change(first_on: dt.date) -> int:
        return FactsChange.objects.create(synced_at=NOW, first_on=first_on).pk

    assert not is_behind(2), "nothing was copied yet"
    FactsState.objects.create(
        synced_at=NOW, as_of=AS_OF, time_zone="UTC", system="", oldest_running=0, layout="", seconds=0
    )
    note_followed(task=REFRESH_TASK, change=change(dt.date(2025, 1, 1)))
    assert is_behind(2), "nothing was measured yet"
    making.keep_payload(
        kind=ReportKind.POINTS,
        scope=Span.ALL.value,
        period=AUTUMN,
        as_of=AS_OF,
        payload={},
        now=NOW,
        seconds=1,
    )
    assert not is_behind(2)
    change(AS_OF + dt.timedelta(days=1))
    assert not is_behind(2), "today is measured when it is over"
    late = change(AS_OF)
    assert (is_behind(0.9), is_behind(1)) == (False, True)
    note_followed(task=REFRESH_TASK, change=late)
    assert not is_behind(2)
    FactsState.objects.update(as_of=AS_OF + dt.timedelta(days=1))
    assert is_behind(0.1)


@pytest.mark.django_db
def test_a_day_that_is_measured_again_has_one_change_of_segment_or_none() -> None:
    def measure(segment: str, day: dt.date) -> None:
        row = dict.fromkeys(COLUMNS) | {"member_id": 1, "segment": segment}
        row |= {"orders_count": 1, "spent_minor": 1}
        write_measures(table=ibis.memtable([row], schema=SHAPE), as_of=day, currency="EUR")

    measure("loyal", AS_OF - dt.timedelta(days=7))
    for segment, expected in (("slipping", [("loyal", "slipping")]), ("champions", [("loyal", "champions")])):
        measure(segment, AS_OF)
        changes = SegmentChange.objects.filter(changed_on=AS_OF).values_list("before", "after")
        assert list(changes) == expected
    measure("loyal", AS_OF)
    MemberMeasure.objects.update(risk=0.25, value_minor=900)
    measure("loyal", AS_OF + dt.timedelta(days=1))
    kept = analytics.find_measures(1)
    assert kept is not None
    # What was learnt stays until it is learnt anew.
    assert (kept.risk, kept.value_minor, kept.segment_since) == (0.25, 900, AS_OF)
    assert list(SegmentChange.objects.values_list("before", "after")) == [("", "loyal")]


@pytest.mark.django_db
def test_an_empty_shop_is_refused_and_keeps_what_was_measured() -> None:
    MemberMeasure.objects.create(member_id=9, as_of=AS_OF)
    with pytest.raises(FactsMissing):
        making.refresh_measures(facts=facts_from_arrow({}, AS_OF), now=NOW)
    assert MemberMeasure.objects.get().member_id == 9


@pytest.mark.parametrize("measure", [Measure.REDEMPTION_RATE, Measure.SALES])
def test_the_members_behind_a_figure_are_its_sum(facts: Facts, measure: Measure) -> None:
    settled = settle_facts(facts)
    limits = find_limits(settled)
    (figure,) = make_figures(settled, AUTUMN, [measure], limits)
    for key in figure.behind:
        found, cursor = [], None
        while True:
            page = list_from_facts(settled, measure, AUTUMN, key, cursor=cursor, size=30)
            found += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        assert [one.member_id for one in found] == sorted({one.member_id for one in found})
        expected = {"": figure.population, "yes": figure.numerator}
        expected["no"] = figure.population - (figure.numerator or 0)
        assert len(found) == expected[key]
        if not key:
            assert sum(one.figures["numerator"] for one in found) == (figure.numerator or figure.value)


def test_keys_that_lead_nowhere_are_refused(facts: Facts) -> None:
    for measure, key in (
        (Measure.REPEAT_RATE, "perhaps"),
        (Measure.RETENTION, "n_period/x"),
        (Measure.BREAKAGE, ""),
    ):
        with pytest.raises(NothingBehind):
            list_from_facts(facts, measure, AUTUMN, key, cursor=None, size=5)


def test_moves_and_cohorts_lead_to_their_members(facts: Facts) -> None:
    settled = settle_facts(facts)
    limits = find_limits(settled)
    _sizes, moves = find_segments(settled, AUTUMN, limits)
    for move in moves[:2]:
        key = f"{move.before.value}/{move.after.value}"
        behind = list_from_facts(facts, Measure.SEGMENT_MOVES, AUTUMN, key, cursor=None, size=100)
        assert len(behind.items) == move.members
    year = Period(dt.date(2025, 1, 1), dt.date(2026, 1, 1))
    table = measure_retention(settled, year, RetentionKind.N_PERIOD, list_steps())
    for cohort in table.cohorts[:1]:
        cell = cohort.cells[1]
        key = f"n_period/{cohort.first.isoformat()}/{cell.age}/yes"
        behind = list_from_facts(facts, Measure.RETENTION, year, key, cursor=None, size=100)
        assert len(behind.items) == cell.returned


def test_what_a_merged_member_did_is_the_survivors(facts: Facts) -> None:
    settled = settle_facts(facts)
    orders = facts.orders.to_pyarrow().to_pylist()
    folded = settled.orders.to_pyarrow().to_pylist()
    count = sum(order["member_id"] in {MERGED, SURVIVOR} for order in orders)
    assert sum(order["member_id"] == SURVIVOR for order in folded) == count
    ledger = settled.ledger.filter(settled.ledger.member_id == SURVIVOR).to_pyarrow().to_pylist()
    assert len({entry["seq"] for entry in ledger}) == len(ledger), "each entry still has a number of its own"


@pytest.mark.django_db
def test_many_who_ask_wait_for_one_job_and_a_failure_is_told_and_asked_again(facts: Facts) -> None:
    def ask(minutes: int) -> Waiting:
        return analytics.ask_report(
            kind=ReportKind.POINTS, period=AUTUMN, now=NOW + dt.timedelta(minutes=minutes)
        )

    jobs = ProcrastinateJob.objects.filter(task_name="analytics.make_report")
    before = jobs.count()
    assert [ask(n).asked_at for n in (0, 1, 2)] == [NOW, NOW, NOW]
    assert jobs.count() == before + 1
    (number,) = jobs.order_by("-id").values_list("args__report_id", flat=True)[:1]
    with pytest.raises(AttributeError):
        making.make_report(report_id=number, facts=None, now=NOW)  # type: ignore[arg-type]
    waiting = analytics.find_report(ReportKind.POINTS, AUTUMN)
    assert isinstance(waiting, Waiting) and waiting.failure
    assert ask(5).failure == ""
    assert making.make_report(report_id=number, facts=facts, now=NOW)
    opened = analytics.find_report(ReportKind.POINTS, AUTUMN)
    assert isinstance(opened, Opened) and isinstance(opened.report, PointsReport)
    assert opened.report.period == AUTUMN
    assert not making.make_report(report_id=number, facts=facts, now=NOW)


@pytest.mark.django_db
def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(PeriodUnusable):
        analytics.ask_report(kind=ReportKind.POINTS, period=Period(AS_OF, AS_OF), now=NOW)
    assert analytics.find_report(ReportKind.OVERVIEW, Span.ALL) is None
