"""Retention as people read it: cohorts that come back, curves, and the silence after which one has lapsed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.analytics import facade as analytics
from regulars.analytics.facade import (
    Bucket,
    Cell,
    Cohort,
    Measure,
    RetentionKind,
    RetentionReport,
    RetentionTable,
    Unit,
    UsageInterval,
)
from regulars.console.forms_insights import BracketsForm
from regulars.console.pages.insights.figures import ShownFigure, show_figure, write_share, write_value
from regulars.console.pages.insights.frame import Frame
from regulars.console.pages.insights.keys import COUNTED
from regulars.console.pages.insights.wording import RETENTION_KINDS, say_unknown
from regulars.design import facade as design
from regulars.design.facade import (
    Chart,
    ChartKind,
    ChartPoint,
    ChartScale,
    ChartSeries,
    ChartState,
    ScaleKind,
)
from regulars.kit.shares import format_share

_TONES = {RetentionKind.N_PERIOD: "leaf", RetentionKind.UNBOUNDED: "sky", RetentionKind.BRACKETS: "plum"}


@dataclass(frozen=True, slots=True)
class RetentionPage:
    """`kinds` are (value, name, meaning, whether it is shown); `interval` in a sentence. `brackets_form` is
    there where brackets are shown, for who may change them.
    """

    figures: tuple[ShownFigure, ...]
    kinds: tuple[tuple[str, str, str, bool], ...]
    brackets_form: BracketsForm | None
    cohorts: Chart
    curves: Chart
    brackets: Chart | None
    interval: Chart
    interval_says: str

    @property
    def charts(self) -> list[Chart]:
        """All of them, for their files."""
        return [one for one in (self.cohorts, self.curves, self.brackets, self.interval) if one]


def show_retention(report: RetentionReport, frame: Frame, chosen: str) -> RetentionPage:
    """The report as the page has it. `chosen` is the way of counting that the cohorts are shown in."""
    tables = {table.kind: table for table in report.tables}
    kind = RetentionKind(chosen) if chosen in set(tables) else RetentionKind.N_PERIOD
    return RetentionPage(
        figures=tuple(
            show_figure(one, behind=frame.list_behind(one.measure, one.behind)) for one in report.figures
        ),
        kinds=tuple(
            (one.value, str(RETENTION_KINDS[one][0]), str(RETENTION_KINDS[one][1]), one is kind)
            for one in tables
        ),
        brackets_form=_ask_brackets(tables.get(kind)) if frame.may_manage else None,
        cohorts=_draw_cohorts(report, tables.get(kind), frame),
        curves=_draw_curves(report, tables, frame),
        brackets=_draw_brackets(tables.get(RetentionKind.BRACKETS), frame),
        interval=draw_interval(report.interval, frame.csv("interval")),
        interval_says=say_interval(report.interval),
    )


def _ask_brackets(table: RetentionTable | None) -> BracketsForm | None:
    if table is None or table.kind is not RetentionKind.BRACKETS:
        return None
    days = analytics.find_bracket_days() or list_edges(table)
    return BracketsForm(initial={"days": ", ".join(str(day) for day in days)})


def list_edges(table: RetentionTable) -> tuple[int, ...]:
    """The days where a table's brackets begin, and the day after the last."""
    return tuple(low for low, _high in table.ages) + tuple(high for _low, high in table.ages[-1:] if high)


def _draw_cohorts(report: RetentionReport, table: RetentionTable | None, frame: Frame) -> Chart:
    title = _("Who came back, by the month of the first purchase")
    if table is None or not any(cohort.cells for cohort in table.cohorts):
        return _nothing("cohorts", title, report)
    return Chart(
        name="cohorts",
        title=title,
        kind=ChartKind.HEAT,
        corner=_("First purchase"),
        head=_("Days since the first purchase"),
        labels=tuple(_name_age(age) for age in table.ages),
        series=tuple(
            ChartSeries(_name_cohort(cohort), _cells(cohort, table, frame)) for cohort in table.cohorts
        ),
        scale=ChartScale(ScaleKind.SHARE),
        summary=_say_cohorts(table),
        hatched_means=_(
            "Hatched: not all of the cohort are that old yet. "
            "The share is of those who are, and will still move."
        ),
        csv_href=frame.csv("cohorts"),
    )


def _cells(cohort: Cohort, table: RetentionTable, frame: Frame) -> tuple[ChartPoint, ...]:
    by_age = {cell.age: cell for cell in cohort.cells}
    start = f"{table.kind.value}/{cohort.first.isoformat()}"
    return tuple(
        _cell(by_age.get(age), frame.behind(Measure.RETENTION, f"{start}/{low}-{high or ''}/{COUNTED}"))
        for age, (low, high) in enumerate(table.ages)
    )


def _cell(cell: Cell | None, href: str = "") -> ChartPoint:
    if cell is None or cell.share is None:
        return ChartPoint(None, "")
    note = _("%(returned)s of %(reached)s members") % {
        "returned": design.format_points(cell.returned),
        "reached": design.format_points(cell.reached),
    }
    if cell.immature:
        note = _("%(counts)s so far; not final") % {"counts": note}
    short = format_share(cell.share, 0)
    text = write_share(cell.share)
    return ChartPoint(cell.share, text, hatched=cell.immature, note=note, short=short, href=href)


def _say_cohorts(table: RetentionTable) -> str:
    members = sum(cohort.members for cohort in table.cohorts)
    told = ngettext(
        "%(members)s member in %(cohorts)s cohorts.", "%(members)s members in %(cohorts)s cohorts.", members
    ) % {"members": design.format_points(members), "cohorts": len(table.cohorts)}
    last = next(
        (cell for cell in reversed(table.curve) if cell.share is not None and not cell.immature), None
    )
    if last is None or last.share is None:
        return told
    return (
        told
        + " "
        + _("Of all who are that old, %(share)s came back after %(age)s days.")
        % {
            "share": write_share(last.share),
            "age": _name_age(table.ages[last.age]),
        }
    )


def _draw_curves(report: RetentionReport, tables: dict[RetentionKind, RetentionTable], frame: Frame) -> Chart:
    title = _("All cohorts together")
    drawn = [tables[kind] for kind in (RetentionKind.N_PERIOD, RetentionKind.UNBOUNDED) if kind in tables]
    drawn = [table for table in drawn if any(cell.share is not None for cell in table.curve)]
    if not drawn:
        return _nothing("curves", title, report)
    ages = max((table.ages for table in drawn), key=len)
    return Chart(
        name="curves",
        title=title,
        kind=ChartKind.LINE,
        head=_("Days since the first purchase"),
        labels=tuple(_name_age(age) for age in ages),
        series=tuple(
            ChartSeries(
                str(RETENTION_KINDS[table.kind][0]), _curve(table.curve, len(ages)), _TONES[table.kind]
            )
            for table in drawn
        ),
        scale=ChartScale(ScaleKind.SHARE),
        summary=_("The share of members who came back, by days since their first purchase."),
        note=_("Each point is of the members who have reached that age."),
        csv_href=frame.csv("curves"),
    )


def _draw_brackets(table: RetentionTable | None, frame: Frame) -> Chart | None:
    if table is None or not any(cell.share is not None for cell in table.curve):
        return None
    return Chart(
        name="brackets",
        title=_("In brackets of days"),
        kind=ChartKind.BAR,
        head=_("Days since the first purchase"),
        labels=tuple(_name_age(age) for age in table.ages),
        series=(
            ChartSeries(_("Came back"), _curve(table.curve, len(table.ages)), _TONES[RetentionKind.BRACKETS]),
        ),
        scale=ChartScale(ScaleKind.SHARE),
        summary=str(RETENTION_KINDS[RetentionKind.BRACKETS][1]),
        hatched_means=_("Hatched: not everybody is that old yet."),
        csv_href=frame.csv("brackets"),
    )


def _curve(cells: Iterable[Cell], ages: int) -> tuple[ChartPoint, ...]:
    by_age = {cell.age: cell for cell in cells}
    return tuple(_cell(by_age.get(age)) for age in range(ages))


def draw_interval(interval: UsageInterval | None, csv_href: str) -> Chart:
    """How the members' own median gaps are spread, with the silence after which one has lapsed."""
    title = _("How often members come back")
    if interval is None or interval.unknown or not interval.buckets:
        reason = say_unknown(interval.unknown) if interval and interval.unknown else ""
        return Chart("interval", title, ChartKind.BAR, state=ChartState.UNKNOWN, reason=reason)
    mark = None
    if interval.lapsed_after_days is not None:
        place = next(
            (
                at
                for at, bucket in enumerate(interval.buckets)
                if bucket.high is None or interval.lapsed_after_days < bucket.high
            ),
            len(interval.buckets) - 1,
        )
        mark = (
            place,
            _("lapsed after %(days)s") % {"days": write_value(interval.lapsed_after_days, Unit.DAYS)},
        )
    return Chart(
        name="interval",
        title=title,
        kind=ChartKind.BAR,
        head=_("Days between purchases"),
        labels=tuple(name_bucket(bucket) for bucket in interval.buckets),
        series=(
            ChartSeries(
                _("Members"),
                tuple(ChartPoint(one.members, design.format_points(one.members)) for one in interval.buckets),
            ),
        ),
        summary=say_interval(interval),
        mark=mark,
        csv_href=csv_href,
    )


def say_interval(interval: UsageInterval | None) -> str:
    """The usage interval and the silence that follows from it, in words."""
    if interval is None or interval.median_days is None:
        return ""
    told = _("Half of the members come back within %(median)s; reckoned from %(members)s members.") % {
        "median": write_value(interval.median_days, Unit.DAYS),
        "members": design.format_points(interval.members),
    }
    if interval.lapsed_after_days is None:
        return told
    return (
        told
        + " "
        + _(
            "After %(days)s of silence a member counts as lapsed: "
            "%(share)s of all gaps are shorter than that."
        )
        % {
            "days": write_value(interval.lapsed_after_days, Unit.DAYS),
            "share": write_share(interval.lapsed_quantile),
        }
    )


def name_bucket(bucket: Bucket) -> str:
    """`7–13`, `56+`: whole days."""
    low = formats.number_format(int(bucket.low))
    if bucket.high is None:
        return f"{low}+"
    last = int(bucket.high) - 1
    return low if last <= bucket.low else f"{low}–{formats.number_format(last)}"


def _name_age(age: tuple[int, int | None]) -> str:
    first, below = age
    if below is None:
        return f"{first}+"
    return str(first) if below - first <= 1 else f"{first}–{below - 1}"


def _name_cohort(cohort: Cohort) -> str:
    return f"{_month(cohort.first)} · {design.format_points(cohort.members)}"


def _month(first: date) -> str:
    return str(formats.date_format(first, "YEAR_MONTH_FORMAT"))


def _nothing(name: str, title: str, report: RetentionReport) -> Chart:
    reason = (
        say_unknown(report.unknown) if report.unknown else _("Nobody made a first purchase in this period.")
    )
    state = ChartState.UNKNOWN if report.unknown else ChartState.EMPTY
    return Chart(name, title, ChartKind.HEAT, state=state, reason=reason)
