"""What members are worth, how that is spread, and how much of it is at risk."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.analytics.facade import Bucket, Measure, OverviewReport, ValuedMember, ValueReport
from regulars.console.pages.insights.figures import ShownFigure, write_money, write_share
from regulars.console.pages.insights.frame import Frame
from regulars.console.pages.insights.overview import list_figures, show_one
from regulars.console.pages.insights.segments import SegmentsPart, show_segments
from regulars.console.pages.insights.sheets import Sheet
from regulars.console.pages.insights.wording import name_segment, say_unknown
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
from regulars.kit.ids import MemberId
from regulars.kit.money import minor_digits
from regulars.members import facade as members

SHOWN_MAX = 10
METHODS: Mapping[str, Promise] = {
    "bg_nbd_gamma_gamma": gettext_lazy(
        "Reckoned with BG/NBD (how often a member will come) and Gamma-Gamma (how much they will spend each "
        "time)."
    ),
    "recent_average": gettext_lazy("Reckoned as the average of recent weeks, carried on for a year."),
}

REASONS: Mapping[str, Promise] = {
    "model_not_better": gettext_lazy(
        "On your own past the model foretold no better than that, so the simpler one is used."
    ),
    "history_too_short": gettext_lazy("Your data do not reach back far enough for the model."),
    "too_few": gettext_lazy("Too few members have come back for the model."),
    "spend_depends_on_frequency": gettext_lazy(
        "How much members spend depends on how often they come, which the model does not allow."
    ),
    "parameters_at_bound": gettext_lazy("The model found no answer on your data."),
}
"""Why the method is what it is, where there is something to say."""


@dataclass(frozen=True, slots=True)
class ValuedRow:
    """A member in a list of the most valuable, or of those with most to lose."""

    id: int
    name: str
    segment: str
    value: str
    spent: str
    orders: int
    last_order: str
    risk: str
    at_risk: str


@dataclass(frozen=True, slots=True)
class ValuePage:
    """`method` says how the value was reckoned; `quality` how well the models did on the past."""

    figures: tuple[ShownFigure, ...]
    method: str
    method_reason: str
    distribution: Chart
    by_segment: Chart
    top: tuple[ValuedRow, ...]
    at_risk: tuple[ValuedRow, ...]
    top_href: str
    at_risk_href: str
    quality: tuple[str, ...]
    segments: SegmentsPart | None
    sheet: Sheet

    @property
    def charts(self) -> list[Chart | Sheet]:
        """All of them, for their files."""
        trends = [one.trend for one in self.figures if one.trend]
        parts = self.segments.charts if self.segments else []
        return [self.sheet, self.distribution, self.by_segment, *parts, *trends]


def show_value(report: ValueReport, overview: OverviewReport | None, frame: Frame) -> ValuePage:
    """The report as the page has it. Names of members by one query; without the right to see them, none."""
    listed = (*report.top[:SHOWN_MAX], *report.at_risk[:SHOWN_MAX]) if frame.may_see_members else ()
    names = {
        number: profile.name
        for number, profile in (
            members.get_profiles({MemberId(one.member_id) for one in listed}) if listed else {}
        ).items()
    }
    known = {code: value for code, value in METHODS.items() if code == report.method}
    return ValuePage(
        figures=tuple(show_one(one, frame) for one in report.figures),
        method=str(known.get(report.method, report.method)),
        method_reason=str(REASONS.get(report.method_reason, "")),
        distribution=_draw_distribution(report, frame),
        by_segment=_draw_by_segment(report, frame),
        top=_rows(report.top, names, report.currency, report.as_of),
        at_risk=_rows(report.at_risk, names, report.currency, report.as_of),
        top_href=frame.behind(Measure.VALUE, ""),
        at_risk_href=frame.behind(Measure.VALUE_AT_RISK, ""),
        quality=_say_quality(dict(report.quality), report.currency),
        segments=show_segments(overview, report.segments, frame) if overview else None,
        sheet=list_figures(report.figures, frame),
    )


def _rows(
    listed: tuple[ValuedMember, ...], names: Mapping[MemberId, str], currency: str, as_of: date
) -> tuple[ValuedRow, ...]:
    return tuple(
        ValuedRow(
            id=one.member_id,
            name=names[MemberId(one.member_id)],
            segment=name_segment(one.segment),
            value=write_money(one.value_minor, currency),
            spent=write_money(one.spent_minor, currency),
            orders=one.orders_count,
            last_order=design.format_day(one.last_order_on, as_of) if one.last_order_on else "",
            risk="" if one.risk is None else write_share(one.risk),
            at_risk="" if one.risk is None else write_money(round(one.value_minor * one.risk), currency),
        )
        for one in listed[:SHOWN_MAX]
        if MemberId(one.member_id) in names
    )


def _draw_distribution(report: ValueReport, frame: Frame) -> Chart:
    title = _("How expected value is spread")
    if not report.buckets:
        return _nothing("distribution", title, report)
    total = sum(bucket.members for bucket in report.buckets)
    return Chart(
        name="distribution",
        title=title,
        kind=ChartKind.BAR,
        head=_("Expected in the next 52 weeks, %(currency)s") % {"currency": report.currency},
        labels=tuple(_name_bucket(bucket, report.currency) for bucket in report.buckets),
        series=(
            ChartSeries(
                _("Members"),
                tuple(
                    ChartPoint(
                        one.members,
                        design.format_points(one.members),
                        note=write_share(one.members / total) if total else "",
                    )
                    for one in report.buckets
                ),
            ),
        ),
        summary=_("%(members)s members by what they will probably spend in the next 52 weeks.")
        % {"members": design.format_points(total)},
        csv_href=frame.csv("distribution"),
    )


def _name_bucket(bucket: Bucket, currency: str) -> str:
    """`500–1,000` in whole units of the currency, which the head names."""
    unit = 10 ** minor_digits(currency)
    low = design.format_points(round(bucket.low / unit))
    return f"{low}+" if bucket.high is None else f"{low}–{design.format_points(round(bucket.high / unit))}"


def _draw_by_segment(report: ValueReport, frame: Frame) -> Chart:
    title = _("Expected value and value at risk, by segment")
    if not report.segments:
        return _nothing("by-segment", title, report)
    unit = 10 ** minor_digits(report.currency)
    safe, lost = [], []
    for one in report.segments:
        risk = one.at_risk_minor or 0
        kept = one.value_minor - risk
        safe.append(ChartPoint(kept / unit, write_money(kept, report.currency)))
        lost.append(ChartPoint(risk / unit, write_money(risk, report.currency)))
    total = sum(one.value_minor for one in report.segments)
    at_risk = sum(one.at_risk_minor or 0 for one in report.segments)
    return Chart(
        name="by-segment",
        title=title,
        kind=ChartKind.STACK,
        head=_("Segment"),
        labels=tuple(name_segment(one.segment) for one in report.segments),
        series=(
            ChartSeries(_("Likely to stay"), tuple(safe)),
            ChartSeries(_("At risk"), tuple(lost), "tomato"),
        ),
        scale=ChartScale(ScaleKind.MONEY, report.currency),
        lying=True,
        summary=_("%(risk)s of the %(total)s expected are at risk.")
        % {"risk": write_money(at_risk, report.currency), "total": write_money(total, report.currency)},
        csv_href=frame.csv("by-segment"),
    )


def _nothing(name: str, title: str, report: ValueReport) -> Chart:
    reason = say_unknown(report.unknown) if report.unknown else _("It has not been worked out yet.")
    return Chart(name, title, ChartKind.BAR, state=ChartState.UNKNOWN, reason=reason)


def _say_quality(quality: Mapping[str, float], currency: str) -> tuple[str, ...]:
    """How well the models did where the outcome is known, in sentences; what is not known is not said."""
    said = []
    if {"risk.auc_all", "risk.auc_active"} <= quality.keys():
        said.append(
            _(
                "Risk: of two members of whom one left and one stayed, the one who left had the higher risk "
                "in %(all)s of all pairs (AUC); among members who were active, in %(active)s."
            )
            % {"all": write_share(quality["risk.auc_all"]), "active": write_share(quality["risk.auc_active"])}
        )
    if "risk.ece_all" in quality:
        said.append(
            _("Risk: what was told and what came differ by %(error)s on average (calibration error).")
            % {"error": write_share(quality["risk.ece_all"])}
        )
    trial = {name: quality.get(f"value.trial_1_{name}") for name in ("error_model", "error_average", "weeks")}
    model, average, weeks = trial["error_model"], trial["error_average"], trial["weeks"]
    if model is not None and average is not None and weeks is not None and currency:
        said.append(
            _(
                "Value: over %(weeks)s weeks the model was off by %(model)s a member, the average of recent "
                "weeks by %(average)s."
            )
            % {
                "weeks": round(weeks),
                "model": write_money(round(model), currency),
                "average": write_money(round(average), currency),
            }
        )
    return tuple(said)
