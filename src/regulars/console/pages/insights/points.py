"""Points as an economy: issued, spent, lapsed, held; what is foreseen; which rewards are taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils import formats
from django.utils.translation import gettext as _

from regulars.analytics.facade import Forecast, Measure, Period, PointsMonth, PointsReport, RewardUse
from regulars.console.pages.insights.figures import (
    ShownFigure,
    scale_of,
    to_drawn,
    write_share,
    write_value,
)
from regulars.console.pages.insights.frame import Frame
from regulars.console.pages.insights.overview import list_figures, show_one
from regulars.console.pages.insights.sheets import Sheet, SheetCell
from regulars.console.pages.insights.wording import name_measure, say_unknown
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


@dataclass(frozen=True, slots=True)
class ForecastPart:
    """A forecast with what its intervals are worth: how many of the past ones held what came."""

    chart: Chart
    tested: str


@dataclass(frozen=True, slots=True)
class PointsPage:
    """Figures, what moved month by month, what is foreseen, the rewards, the tiers."""

    figures: tuple[ShownFigure, ...]
    sheet: Sheet
    moved: Chart
    outstanding: Chart
    forecasts: tuple[ForecastPart, ...]
    survival: Chart
    rewards: Sheet | None
    tiers: Chart

    @property
    def charts(self) -> list[Chart | Sheet]:
        """All of them, for their files."""
        trends = [one.trend for one in self.figures if one.trend]
        drawn = [
            self.moved,
            self.outstanding,
            *(one.chart for one in self.forecasts),
            self.survival,
            self.tiers,
        ]
        return [self.sheet, *drawn, *([self.rewards] if self.rewards else []), *trends]


def show_points(report: PointsReport, frame: Frame) -> PointsPage:
    """The report as the page has it."""
    return PointsPage(
        figures=tuple(show_one(one, frame) for one in report.figures),
        sheet=list_figures(report.figures, frame),
        moved=_draw_moved(report, frame),
        outstanding=_draw_outstanding(report, frame),
        forecasts=_show_forecasts(report, frame),
        survival=_draw_survival(report, frame),
        rewards=_list_rewards(report.rewards, frame) if report.rewards else None,
        tiers=_draw_tiers(report, frame),
    )


def _draw_moved(report: PointsReport, frame: Frame) -> Chart:
    title = _("Issued, spent and expired, month by month")
    if not report.months:
        return _nothing("moved", title, report)
    months = report.months
    return Chart(
        name="moved",
        title=title,
        kind=ChartKind.BAR,
        head=_("Month"),
        labels=tuple(_name_month(month) for month in months),
        keys=tuple(month.period.first.isoformat() for month in months),
        series=(
            ChartSeries(_("Issued"), tuple(_points(month.issued) for month in months)),
            ChartSeries(_("Spent"), tuple(_points(month.spent) for month in months), "honey"),
            ChartSeries(_("Expired"), tuple(_points(month.expired) for month in months), "quiet"),
        ),
        summary=_("%(issued)s points issued, %(spent)s spent, %(expired)s expired in the period.")
        % {
            "issued": design.format_points(sum(month.issued for month in months)),
            "spent": design.format_points(sum(month.spent for month in months)),
            "expired": design.format_points(sum(month.expired for month in months)),
        },
        note=_("The first and the last month may be cut by the period."),
        csv_href=frame.csv("moved"),
    )


def _draw_outstanding(report: PointsReport, frame: Frame) -> Chart:
    title = _("Outstanding points")
    if not report.months:
        return _nothing("outstanding", title, report)
    months = report.months
    return Chart(
        name="outstanding",
        title=title,
        kind=ChartKind.LINE,
        head=_("End of"),
        labels=tuple(_name_month(month) for month in months),
        keys=tuple((month.period.after - timedelta(days=1)).isoformat() for month in months),
        series=(ChartSeries(title, tuple(_points(month.outstanding) for month in months)),),
        summary=_("Members hold %(points)s points at the end of the period.")
        % {"points": design.format_points(months[-1].outstanding)},
        csv_href=frame.csv("outstanding"),
    )


def _show_forecasts(report: PointsReport, frame: Frame) -> tuple[ForecastPart, ...]:
    """One picture for each measure; the narrowest interval first, wider ones behind it."""
    measures = dict.fromkeys(one.measure for one in report.forecasts)
    return tuple(
        _show_forecast([one for one in report.forecasts if one.measure is measure], report, frame)
        for measure in measures
    )


def _show_forecast(forecasts: Sequence[Forecast], report: PointsReport, frame: Frame) -> ForecastPart:
    forecast = min(forecasts, key=lambda one: one.nominal)
    name, title = f"forecast-{forecast.measure.value}", _forecast_title(forecast)
    if forecast.unknown or not forecast.points:
        reason = say_unknown(forecast.unknown) if forecast.unknown else ""
        chart = Chart(name, title, ChartKind.LINE, state=ChartState.UNKNOWN, reason=reason)
        return ForecastPart(chart, "")
    past = report.months if forecast.measure in (Measure.LIABILITY, Measure.OUTSTANDING_POINTS) else ()
    nothing = ChartPoint(None, "")
    series = [
        ChartSeries(
            _("Foreseen, %(nominal)s") % {"nominal": format_share(one.nominal, None)},
            (*([nothing] * len(past)), *(_foreseen(one, place) for place in range(len(one.points)))),
            "sky" if one is forecast else "quiet",
            dashed=True,
        )
        for one in sorted(forecasts, key=lambda one: one.nominal)
        if len(one.points) == len(forecast.points)
    ]
    if past:
        held = tuple(_points(month.outstanding) for month in past)
        series.insert(0, ChartSeries(_("So far"), (*held, *([nothing] * len(forecast.points)))))
    chart = Chart(
        name=name,
        title=title,
        kind=ChartKind.LINE,
        head=_("Window to"),
        labels=(
            *(_name_month(month) for month in past),
            *(_name_day(one.period) for one in forecast.points),
        ),
        keys=tuple(
            (period.after - timedelta(days=1)).isoformat()
            for period in (*(month.period for month in past), *(one.period for one in forecast.points))
        ),
        series=tuple(series),
        scale=scale_of(forecast.unit),
        summary=_say_forecast(forecast),
        csv_href=frame.csv(name),
    )
    return ForecastPart(chart, " ".join(filter(None, map(_say_tested, forecasts))))


def _say_forecast(forecast: Forecast) -> str:
    last = forecast.points[-1]
    return _("%(middle)s foreseen by %(day)s, between %(low)s and %(high)s.") % {
        "middle": write_value(last.middle, forecast.unit),
        "day": _last_day(last.period),
        "low": write_value(last.low, forecast.unit),
        "high": write_value(last.high, forecast.unit),
    }


def _foreseen(forecast: Forecast, place: int) -> ChartPoint:
    one = forecast.points[place]
    interval = _("%(low)s to %(high)s") % {
        "low": write_value(one.low, forecast.unit),
        "high": write_value(one.high, forecast.unit),
    }
    return ChartPoint(
        to_drawn(one.middle, forecast.unit),
        write_value(one.middle, forecast.unit),
        one.low,
        one.high,
        interval,
    )


def _forecast_title(forecast: Forecast) -> str:
    return _("Forecast: %(measure)s") % {"measure": name_measure(forecast.measure)}


def _say_tested(forecast: Forecast) -> str:
    if not forecast.backtests:
        return ""
    return _(
        "An interval that promises to hold %(nominal)s of what comes held %(covered)s of %(tests)s "
        "on the past."
    ) % {
        "nominal": format_share(forecast.nominal, None),
        "covered": forecast.covered,
        "tests": forecast.backtests,
    }


def _draw_survival(report: PointsReport, frame: Frame) -> Chart:
    title = _("Still without a reward")
    if not report.survival:
        waited = next((one for one in report.figures if one.measure is Measure.TIME_TO_REWARD), None)
        if waited is None or report.unknown:
            return _nothing("survival", title, report)
        none_yet, nobody = (
            _("Nobody who joined in this period has had a reward yet."),
            _("Nobody joined in this period."),
        )
        reason = none_yet if waited.denominator else nobody
        return Chart("survival", title, ChartKind.LINE, state=ChartState.EMPTY, reason=reason)
    last = report.survival[-1]
    return Chart(
        name="survival",
        title=title,
        kind=ChartKind.LINE,
        head=_("Days since joining"),
        labels=tuple(str(one.days) for one in report.survival),
        series=(
            ChartSeries(
                _("Without a reward"),
                tuple(
                    ChartPoint(
                        one.share,
                        write_share(one.share),
                        note=_("of %(members)s watched so long")
                        % {"members": design.format_points(one.at_risk)},
                    )
                    for one in report.survival
                ),
            ),
        ),
        scale=ChartScale(ScaleKind.SHARE),
        summary=_("%(share)s of the members have had no reward %(days)s days after joining.")
        % {"share": write_share(last.share), "days": last.days},
        note=_("Kaplan–Meier: members who joined lately count only for as long as they have been here."),
        csv_href=frame.csv("survival"),
    )


def _list_rewards(rewards: tuple[RewardUse, ...], frame: Frame) -> Sheet:
    heads = (
        (_("Reward"), False),
        (_("Points"), True),
        (_("Taken"), True),
        (_("By members"), True),
        (_("Could have it now"), True),
    )
    return Sheet(
        name="rewards",
        title=_("Rewards"),
        heads=heads,
        rows=tuple(_reward(reward) for reward in rewards),
        csv_href=frame.csv("rewards"),
    )


def _reward(reward: RewardUse) -> tuple[SheetCell, ...]:
    gone = "" if reward.available else _("not offered now")
    numbers = (reward.price_points, reward.taken, reward.takers, reward.can_afford)
    return (
        SheetCell(reward.name, reward.name, sub=gone),
        *(SheetCell(number, design.format_points(number)) for number in numbers),
    )


def _draw_tiers(report: PointsReport, frame: Frame) -> Chart:
    title = _("Who moved between tiers during the period")
    if not report.tiers:
        return Chart(
            "tiers", title, ChartKind.HEAT, state=ChartState.EMPTY, reason=_("No member was told a tier.")
        )
    names = list(dict.fromkeys(name for one in report.tiers for name in (one.before, one.after)))
    counts = {(one.before, one.after): one.members for one in report.tiers}
    moved = sum(members for (before, after), members in counts.items() if before != after)
    return Chart(
        name="tiers",
        title=title,
        kind=ChartKind.HEAT,
        corner=_("Was"),
        head=_("Is now"),
        labels=tuple(_name_tier(name) for name in names),
        series=tuple(
            ChartSeries(_name_tier(before), tuple(_moved(counts, before, after, frame) for after in names))
            for before in names
        ),
        summary=_("%(moved)s of %(members)s members changed their tier.")
        % {"moved": design.format_points(moved), "members": design.format_points(sum(counts.values()))},
        csv_href=frame.csv("tiers"),
    )


def _moved(counts: Mapping[tuple[str, str], int], before: str, after: str, frame: Frame) -> ChartPoint:
    members = counts.get((before, after))
    if not members:
        return ChartPoint(None, "")
    href = frame.behind(Measure.TIER_MOVES, f"{before}/{after}")
    return ChartPoint(members, design.format_points(members), href=href)


def _name_tier(code: str) -> str:
    return code.replace("_", " ").capitalize() if code else _("No tier")


def _points(points: int) -> ChartPoint:
    return ChartPoint(points, design.format_points(points))


def _name_month(month: PointsMonth) -> str:
    return str(formats.date_format(month.period.first, "M Y"))


def _last_day(period: Period) -> str:
    return design.format_day(period.after - timedelta(days=1))


def _name_day(period: Period) -> str:
    """The last day without its year: along an axis it is plain which."""
    last = period.after - timedelta(days=1)
    return design.format_day(last, last)


def _nothing(name: str, title: str, report: PointsReport) -> Chart:
    if report.unknown:
        return Chart(
            name, title, ChartKind.LINE, state=ChartState.UNKNOWN, reason=say_unknown(report.unknown)
        )
    reason = _("No points have moved in this period.")
    return Chart(name, title, ChartKind.LINE, state=ChartState.EMPTY, reason=reason)
