"""The door of analytics. What needs the `analytics` extra is imported when called: the web never loads it.

Reports are made by jobs: `find_report` shows the latest, `ask_report` has one made. `list_members_behind`
leads from a number down to its members, once `find_behind` has the list of them.
"""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

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
    BracketsInvalid,
    LearningSettingInvalid,
    LifestyleNameInvalid,
    LifestyleUnknown,
    MemberUnmeasured,
    NothingBehind,
    PeriodUnusable,
)
from regulars.analytics.operations.behind import ask_behind, purge_behind
from regulars.analytics.operations.behind import make_behind as _make_behind
from regulars.analytics.operations.deciding import name_lifestyle, set_bracket_days, set_learning_settings
from regulars.analytics.operations.forgetting import forget_member
from regulars.analytics.operations.reports import ask_report, purge_reports
from regulars.analytics.orderfiles.errors import ColumnsUnclear, OrdersUnreadable, TooFewMembers
from regulars.analytics.orderfiles.types import BadRow, Columns, FileValue, OrderFile, RfmRow, ValueRow
from regulars.analytics.policies import place_span, precede
from regulars.analytics.queries.behind import find_behind as _find_behind
from regulars.analytics.queries.behind import list_behind
from regulars.analytics.queries.learnt import (
    SETTING_SQL,
    find_bracket_days,
    get_learning_settings,
    is_kept_out,
    list_learnt,
    list_lifestyles,
    read_setting,
)
from regulars.analytics.queries.stored import (
    GROUPS_SQL,
    find_measured_on,
    find_measures,
    find_report,
    is_behind,
    list_measures,
    list_segment_changes,
    read_groups,
    write_report,
)
from regulars.analytics.relations import RELATIONS
from regulars.analytics.types import (
    BehindReady,
    BehindWaiting,
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
from regulars.facts.facade import AnalyticsMissing, Facts, FactsMissing, get_freshness, open_facts
from regulars.kit.paging import Page, clamp_page_size

if TYPE_CHECKING:
    from types import ModuleType

    from regulars.analytics.measures.stability import Stability
    from regulars.analytics.operations.making import Refreshed

__all__ = [
    "GROUPS_SQL",
    "HEADLINES",
    "RELATIONS",
    "SETTING_SQL",
    "AnalyticsMissing",
    "BadRow",
    "BehindReady",
    "BehindWaiting",
    "BracketsInvalid",
    "Bucket",
    "Cell",
    "CheckUp",
    "Cohort",
    "Columns",
    "ColumnsUnclear",
    "FactsMissing",
    "Figure",
    "FileValue",
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
    "OrderFile",
    "OrdersUnreadable",
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
    "RfmRow",
    "Segment",
    "SegmentChange",
    "SegmentMove",
    "SegmentSize",
    "SegmentValue",
    "Span",
    "Subject",
    "SurvivalPoint",
    "TierMove",
    "TooFewMembers",
    "Topic",
    "Unit",
    "Unknown",
    "UsageInterval",
    "ValueReport",
    "ValueRow",
    "ValuedMember",
    "Waiting",
    "ask_behind",
    "ask_report",
    "describe_finding",
    "describe_measure",
    "describe_segment",
    "describe_unknown",
    "find_behind",
    "find_bracket_days",
    "find_measured_on",
    "find_measures",
    "find_report",
    "forget_member",
    "get_learning_settings",
    "is_behind",
    "is_kept_out",
    "list_learnt",
    "list_lifestyles",
    "list_measures",
    "list_members_behind",
    "list_segment_changes",
    "make_behind",
    "make_report",
    "name_lifestyle",
    "place_span",
    "precede",
    "purge_behind",
    "purge_reports",
    "read_groups",
    "read_orders",
    "read_setting",
    "refresh_measures",
    "register_programme",
    "set_bracket_days",
    "set_learning_settings",
    "settle_facts",
    "tell_overview",
    "tell_retention",
    "tell_rfm",
    "tell_shop",
    "tell_stability",
    "tell_value",
    "write_report",
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


def find_behind(
    measure: Measure, period: Period, key: str, now: datetime
) -> BehindReady | BehindWaiting | None:
    """The list of members behind a figure: ready to be read, being made, or (None) not asked for.

    `key`: "" all that the figure is about, "yes" those who count, "no" those who do not; SEGMENT its code,
    RFM the cell ("545" or "54"), RETENTION "<kind>/<first day of the cohort>/<low>-<high>/<yes|no|>",
    SEGMENT_MOVES and TIER_MOVES "<before>/<after>". Four queries at most.
    """
    fresh = get_freshness(now)
    return _find_behind(measure, period, key, None if fresh is None else fresh.as_of)


def make_behind(*, list_id: int, now: datetime) -> bool:
    """List the members that somebody waits for; whether there was anything to do. For a job.

    Raises AnalyticsMissing, FactsMissing.
    """
    with open_facts() as facts:
        return _make_behind(list_id=list_id, facts=facts, now=now)


def list_members_behind(
    behind: BehindReady, cursor: str | None = None, size: int | None = None
) -> Page[MemberBehind]:
    """A page of the members behind a figure, by number (of value and risk: the greatest first).

    Two queries. Raises NothingBehind, BadCursor.
    """
    return list_behind(behind, cursor, clamp_page_size(size))


def read_orders(
    path: Path, columns: Columns, currency: str = "", *, today: date, with_lines: bool = False
) -> OrderFile:
    """Read anybody's order file (CSV or Parquet) as facts, without a database; `with_lines` with what was
    bought. See `orderfiles/reading.py`.

    Raises AnalyticsMissing, ColumnsUnclear, OrdersUnreadable.
    """
    return cast(
        OrderFile, _order_files().read_orders(path, columns, currency, today=today, with_lines=with_lines)
    )


def tell_overview(file: OrderFile, span: Span | Period) -> OverviewReport:
    """The overview of an order file."""
    return cast(OverviewReport, _order_files().tell_overview(file, span))


def tell_retention(
    file: OrderFile,
    *,
    brackets: tuple[tuple[int, int | None], ...] | None = None,
    step_days: int = 28,
) -> RetentionReport:
    """Retention by cohort of an order file: in equal stretches of `step_days`, and in `brackets` of days."""
    return cast(RetentionReport, _order_files().tell_retention(file, brackets, step_days))


def tell_rfm(file: OrderFile) -> tuple[RfmRow, ...]:
    """Each member of an order file by recency, frequency and money, the best first."""
    return cast("tuple[RfmRow, ...]", _order_files().tell_rfm(file))


def tell_value(file: OrderFile) -> FileValue:
    """What each member of an order file is expected to buy in the next 52 weeks, the dearest first."""
    return cast(FileValue, _order_files().tell_value(file))


def tell_shop(span: Span | Period) -> tuple[OverviewReport, RetentionReport, PointsReport]:
    """The shop's own reports, made from its facts here and now; nothing is stored.

    Raises AnalyticsMissing, FactsMissing.
    """
    measuring = _order_files()
    with open_facts() as facts:
        return cast("tuple[OverviewReport, RetentionReport, PointsReport]", measuring.tell_shop(facts, span))


def tell_stability(file: OrderFile | None, *, draws: int = 50) -> "Stability":
    """How steady the named segments of an order file are; without a file, of the shop, from its facts.

    Raises FactsMissing, TooFewMembers where there is no usage interval.
    """
    measuring = _order_files()
    if file is not None:
        return cast("Stability", measuring.tell_stability(file.facts, draws))
    with open_facts() as facts:
        return cast("Stability", measuring.tell_stability(facts, draws))


def settle_facts(facts: Facts) -> Facts:
    """Facts up to their last whole day with a purchase, in which a merged member is the survivor.

    What every measure starts from; whoever learns from purchases should too. Two small queries of the engine.
    """
    from regulars.analytics.measures.basis import settle_facts as settle  # noqa: PLC0415 - heavy: see above

    return settle(facts)


def _order_files() -> "ModuleType":
    try:
        from regulars.analytics.orderfiles import measuring  # noqa: PLC0415 - heavy: see above
    except ModuleNotFoundError as error:
        raise AnalyticsMissing.lacking(error) from error
    return measuring
