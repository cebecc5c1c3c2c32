"""The door of analytics. What needs the `analytics` extra is imported when called: the web never loads it.

Reports are made by jobs: `find_report` shows the latest, `ask_report` has one made. `list_members_behind`
leads from a number down to its members.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from regulars.analytics.codes import (
    HEADLINES,
    FindingCode,
    Measure,
    ReportKind,
    RetentionKind,
    Segment,
    Unit,
    Unknown,
)
from regulars.analytics.declared import register_programme
from regulars.analytics.errors import (
    LearningSettingInvalid,
    LifestyleNameInvalid,
    LifestyleUnknown,
    MemberUnmeasured,
    NothingBehind,
    PeriodUnusable,
)
from regulars.analytics.operations.deciding import name_lifestyle, set_learning_settings
from regulars.analytics.operations.reports import ask_report, purge_reports
from regulars.analytics.policies import place_span, precede
from regulars.analytics.queries.behind import STORED, list_from_facts, list_stored
from regulars.analytics.queries.learnt import (
    get_learning_settings,
    is_kept_out,
    list_learnt,
    list_lifestyles,
)
from regulars.analytics.queries.stored import (
    find_measured_on,
    find_measures,
    find_report,
    is_behind,
    list_measures,
    list_segment_changes,
)
from regulars.analytics.relations import RELATIONS
from regulars.analytics.types import (
    Bucket,
    Cell,
    CheckUp,
    Cohort,
    Figure,
    Finding,
    Forecast,
    ForecastPoint,
    LearningSettings,
    Learnt,
    Lifestyle,
    LifestyleShare,
    MemberBehind,
    MemberMeasures,
    Opened,
    OverviewReport,
    Period,
    Point,
    PointsMonth,
    PointsReport,
    ProgrammeOutline,
    Reason,
    Report,
    RetentionReport,
    RetentionTable,
    RewardUse,
    RfmCell,
    SegmentChange,
    SegmentMove,
    SegmentSize,
    SegmentValue,
    Span,
    Subject,
    SurvivalPoint,
    TierMove,
    Topic,
    UsageInterval,
    ValuedMember,
    ValueReport,
    Waiting,
)
from regulars.analytics.wording import (
    FindingWording,
    MeasureWording,
    describe_finding,
    describe_measure,
    describe_segment,
    describe_unknown,
)
from regulars.facts.facade import AnalyticsMissing, FactsMissing, open_facts
from regulars.kit.paging import Page, clamp_page_size

if TYPE_CHECKING:
    from regulars.analytics.operations.making import Refreshed

__all__ = [
    "HEADLINES",
    "RELATIONS",
    "AnalyticsMissing",
    "Bucket",
    "Cell",
    "CheckUp",
    "Cohort",
    "FactsMissing",
    "Figure",
    "Finding",
    "FindingCode",
    "FindingWording",
    "Forecast",
    "ForecastPoint",
    "LearningSettingInvalid",
    "LearningSettings",
    "Learnt",
    "Lifestyle",
    "LifestyleNameInvalid",
    "LifestyleShare",
    "LifestyleUnknown",
    "Measure",
    "MeasureWording",
    "MemberBehind",
    "MemberMeasures",
    "MemberUnmeasured",
    "NothingBehind",
    "Opened",
    "OverviewReport",
    "Period",
    "PeriodUnusable",
    "Point",
    "PointsMonth",
    "PointsReport",
    "ProgrammeOutline",
    "Reason",
    "Report",
    "ReportKind",
    "RetentionKind",
    "RetentionReport",
    "RetentionTable",
    "RewardUse",
    "RfmCell",
    "Segment",
    "SegmentChange",
    "SegmentMove",
    "SegmentSize",
    "SegmentValue",
    "Span",
    "Subject",
    "SurvivalPoint",
    "TierMove",
    "Topic",
    "Unit",
    "Unknown",
    "UsageInterval",
    "ValueReport",
    "ValuedMember",
    "Waiting",
    "ask_report",
    "describe_finding",
    "describe_measure",
    "describe_segment",
    "describe_unknown",
    "find_measured_on",
    "find_measures",
    "find_report",
    "get_learning_settings",
    "is_behind",
    "is_kept_out",
    "list_learnt",
    "list_lifestyles",
    "list_measures",
    "list_members_behind",
    "list_segment_changes",
    "make_report",
    "name_lifestyle",
    "place_span",
    "precede",
    "purge_reports",
    "refresh_measures",
    "register_programme",
    "set_learning_settings",
]


def refresh_measures(*, now: datetime) -> "Refreshed | None":
    """Measure all members and make the reports of the standard periods, from what was last synced.

    None: another refresh is at it. Raises AnalyticsMissing, FactsMissing.
    """
    with open_facts() as facts:
        from regulars.analytics.operations import making  # noqa: PLC0415 - heavy: see above

        return making.refresh_measures(facts=facts, now=now)


def make_report(*, report_id: int, now: datetime) -> bool:
    """Make a report that somebody waits for; whether there was anything to do.

    Raises AnalyticsMissing, FactsMissing; the report then carries the sentence.
    """
    with open_facts() as facts:
        from regulars.analytics.operations import making  # noqa: PLC0415 - heavy: see above

        return making.make_report(report_id=report_id, facts=facts, now=now)


def list_members_behind(
    measure: Measure, period: Period, key: str = "", cursor: str | None = None, size: int | None = None
) -> Page[MemberBehind]:
    """The members behind a figure, a page at a time, by number (of value and risk: the greatest first).

    `key`: "" all that the figure is about, "yes" those who count, "no" those who do not; SEGMENT its code,
    RFM the cell ("545"), RETENTION "<kind>/<first day of the cohort>/<age>/<yes|no|>", SEGMENT_MOVES and
    TIER_MOVES "<before>/<after>". What is not stored is asked of the facts again, which imports the engine
    here and now (about a second the first time in a process). Raises NothingBehind, BadCursor,
    AnalyticsMissing, FactsMissing.
    """
    number = clamp_page_size(size)
    if measure in STORED:
        return list_stored(measure, key, cursor, number)
    with open_facts() as facts:
        return list_from_facts(facts, measure, period, key, cursor=cursor, size=number)
