"""Reports as they are stored, and the measures of a member."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from regulars.analytics import policies
from regulars.analytics.codes import ReportKind, Segment
from regulars.analytics.models import MemberMeasure, SegmentChange
from regulars.analytics.models import Report as ReportRow
from regulars.analytics.types import (
    CheckUp,
    LifestyleShare,
    MemberMeasures,
    Opened,
    OverviewReport,
    Period,
    PointsReport,
    Reason,
    Report,
    RetentionReport,
    Span,
    ValueReport,
    Waiting,
)
from regulars.analytics.types import SegmentChange as Change
from regulars.facts.facade import find_news, get_freshness
from regulars.kit.shapes import shape_of

_KINDS: dict[ReportKind, type] = {
    ReportKind.OVERVIEW: OverviewReport,
    ReportKind.RETENTION: RetentionReport,
    ReportKind.VALUE: ValueReport,
    ReportKind.POINTS: PointsReport,
    ReportKind.CHECK_UP: CheckUp,
}


def write_payload(kind: ReportKind, report: Report) -> Any:
    """A report as JSON-ready values, which `read_payload` reads back to an equal one."""
    return shape_of(_KINDS[kind]).dump_python(report, mode="json")


def read_payload(kind: ReportKind, payload: Any) -> Report:
    """The report that `write_payload` wrote."""
    report: Report = shape_of(_KINDS[kind]).validate_python(payload)
    return report


def write_report(report: Report) -> Any:
    """A report of any kind as JSON-ready values, for a file."""
    return shape_of(type(report)).dump_python(report, mode="json")


def find_report(kind: ReportKind, period: Span | Period) -> Opened | Waiting | None:
    """The latest report of a period; where none is made yet, since when it is; None: nobody asked. Two
    queries.
    """
    rows = ReportRow.objects.filter(kind=kind, scope=policies.scope_of(period))
    open_row = rows.filter(made_at__isnull=True).first()
    row = rows.filter(payload__isnull=False, made_at__isnull=False).order_by("-made_at", "-id").first()
    if row is None or row.made_at is None or row.as_of is None:
        return None if open_row is None else get_waiting(open_row)
    asked_at = None if open_row is None else open_row.asked_at
    return Opened(kind, read_payload(kind, row.payload), row.as_of, row.made_at, asked_at)


def get_waiting(row: ReportRow) -> Waiting:
    """Since when a report is being made, and how long the last one of its kind took. One query."""
    seconds = (
        ReportRow.objects.filter(kind=row.kind, seconds__isnull=False)
        .order_by("-made_at")
        .values_list("seconds", flat=True)
        .first()
    )
    taken = None if seconds is None else max(1, round(seconds))
    return Waiting(ReportKind(row.kind), row.asked_at, taken, row.failure)


GROUPS_SQL = """
SELECT json_build_array(segment, lifestyles) FROM analytics_member_measure WHERE member_id = {member}
"""
"""For a room that asks on every visit: within a statement of its own, which has the member; `read_groups`
reads the answer.
"""


def read_groups(told: Any) -> tuple[str, tuple[str, ...]]:
    """The named segment and the lifestyles that `GROUPS_SQL` found, the largest share first; empty: none."""
    if told is None:
        return "", ()
    segment, lifestyles = told
    return segment, tuple(one["code"] for one in lifestyles)


def find_measures(member_id: int) -> MemberMeasures | None:
    """What the last refresh measured of a member. One query."""
    row = MemberMeasure.objects.filter(pk=member_id).first()
    return None if row is None else _read_measures(row)


def list_measures(member_ids: Iterable[int]) -> dict[int, MemberMeasures]:
    """The same of several members, by number; who was not measured is left out. One query."""
    rows = MemberMeasure.objects.filter(pk__in=list(member_ids))
    return {row.member_id: _read_measures(row) for row in rows}


def find_measured_on() -> date | None:
    """The last day that the measures of members hold for; None: nothing was measured yet. One query."""
    return MemberMeasure.objects.order_by("-as_of").values_list("as_of", flat=True).first()


def is_behind(now: datetime) -> bool:
    """Whether the facts hold a day that has not been measured yet, or say otherwise of one that was. Four
    queries.

    What came late or was corrected, a merge and an erasure change days that are long over. Those of today are
    measured when it is over.
    """
    fresh = get_freshness(now)
    if fresh is None:
        return False
    rows = ReportRow.objects.filter(kind=ReportKind.POINTS, scope=Span.ALL.value, made_at__isnull=False)
    last = rows.order_by("-made_at").first()
    if last is None or last.as_of is None or last.made_at is None or last.as_of < fresh.as_of:
        return True
    news = find_news(policies.REFRESH_TASK)
    return news is not None and news <= last.as_of and now - last.made_at >= policies.CORRECTED_EVERY


def list_segment_changes(member_id: int) -> tuple[Change, ...]:
    """A member's way through the named segments, the latest first. One query."""
    rows = SegmentChange.objects.filter(member_id=member_id).order_by("-changed_on")
    return tuple(
        Change(row.member_id, row.changed_on, Segment(row.before) if row.before else None, Segment(row.after))
        for row in rows
    )


def _read_measures(row: MemberMeasure) -> MemberMeasures:
    copied = {
        name: getattr(row, name)
        for name in MemberMeasures.__dataclass_fields__
        if name not in {"segment", "risk_reasons", "lifestyles"}
    }
    return MemberMeasures(
        **copied,
        segment=Segment(row.segment) if row.segment else None,
        risk_reasons=tuple(Reason(**one) for one in row.risk_reasons),
        lifestyles=tuple(LifestyleShare(**one) for one in row.lifestyles),
    )
