"""Figures as people read them: the number, what it was before, its trend, and why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.analytics.facade import Figure, Measure, Period, Point, Unit
from regulars.console.pages.insights.wording import define_measure, name_measure, say_unknown
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
from regulars.kit.money import format_money, format_round_money, minor_digits
from regulars.kit.shares import format_share

ROUND_FROM = 1_000
"""Whole units of money from which on decimals are left out."""
_SCALES: Mapping[Unit, ScaleKind] = {
    Unit.SHARE: ScaleKind.SHARE,
    Unit.RATIO: ScaleKind.NUMBER,
    Unit.MONEY: ScaleKind.MONEY,
    Unit.DAYS: ScaleKind.NUMBER,
}
LESS_IS_BETTER = frozenset(
    {
        Measure.CHURN_RATE,
        Measure.LAPSED,
        Measure.USAGE_INTERVAL,
        Measure.POINTS_EXPIRED,
        Measure.TIME_TO_REWARD,
        Measure.NEVER_REDEEMED,
        Measure.VALUE_AT_RISK,
        Measure.CHURN_RISK,
    }
)
MONEY_SHARES = frozenset({Measure.MARGIN})
"""Shares of money, not of members."""
NEITHER = frozenset(
    {
        Measure.OUTSTANDING_POINTS,
        Measure.LIABILITY,
        Measure.POINTS_ISSUED,
        Measure.POINTS_SPENT,
        Measure.BREAKAGE,
    }
)
"""More of it is neither good nor bad in itself."""


@dataclass(frozen=True, slots=True)
class Change:
    """How a figure moved against the period before. `way`: up, down, same; `tone`: leaf, tomato or empty."""

    way: str
    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class Behind:
    """A way to the members behind a figure."""

    href: str
    label: str


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """A figure with all that a card or a row of a table shows of it. `value` is empty where it is unknown."""

    measure: Measure
    name: str
    definition: str
    value: str
    unknown: str
    of: str
    period: str
    change: Change | None
    trend: Chart | None
    behind: tuple[Behind, ...]


def write_value(value: float | str | None, unit: Unit, currency: str = "") -> str:
    """A value with its unit, in the reader's language; empty for None."""
    if value is None or isinstance(value, str):
        return value or ""
    if unit is Unit.SHARE:
        return write_share(value)
    if unit is Unit.MONEY:
        return write_money(round(value), currency)
    if unit is Unit.RATIO:
        rounded = round(value, 2)
        return str(formats.number_format(rounded, 0 if rounded == int(rounded) else 2))
    if unit is Unit.DAYS:
        days = round(value, 1) if value < 10 else round(value)
        return ngettext("%(days)s day", "%(days)s days", round(value)) % {
            "days": formats.number_format(int(days) if days == int(days) else days, force_grouping=True)
        }
    return design.format_points(round(value))


def write_share(share: float) -> str:
    """`42.1%`."""
    return format_share(share)


def write_money(minor: int, currency: str) -> str:
    """Money; large sums without decimals."""
    if abs(minor) >= ROUND_FROM * 10 ** minor_digits(currency):
        return format_round_money(minor, currency)
    return format_money(minor, currency)


def write_period(period: Period) -> str:
    """`May 1 – June 30, 2026`: the first and the last day."""
    last = period.after - timedelta(days=1)
    return f"{design.format_day(period.first, last)} – {design.format_day(last)}"


def scale_of(unit: Unit, currency: str = "") -> ChartScale:
    """How an axis of this unit is written."""
    kind = _SCALES.get(unit, ScaleKind.COUNT)
    return ChartScale(kind, currency if kind is ScaleKind.MONEY else "")


def to_drawn(value: float | None, unit: Unit, currency: str = "") -> float | None:
    """A value as it is drawn: money in units of its currency."""
    if value is None or unit is not Unit.MONEY:
        return value
    return float(value / 10 ** minor_digits(currency))


def show_figure(figure: Figure, *, behind: tuple[Behind, ...] = (), csv_href: str = "") -> ShownFigure:
    """A figure in words."""
    return ShownFigure(
        measure=figure.measure,
        name=name_measure(figure.measure),
        definition=define_measure(figure.measure),
        value=write_value(figure.value, figure.unit, figure.currency),
        unknown=say_unknown(figure.unknown) if figure.unknown else "",
        of=_say_population(figure),
        period=write_period(figure.period),
        change=_show_change(figure),
        trend=draw_trend(figure, csv_href),
        behind=behind,
    )


def draw_trend(figure: Figure, csv_href: str = "") -> Chart | None:
    """The trend as a line beside the figure; None where there are fewer than two values."""
    if sum(point.value is not None for point in figure.points) < 2:
        return None
    name, written = name_measure(figure.measure), [_write_point(point, figure) for point in figure.points]
    known = [(place, point) for place, point in enumerate(written) if point.value is not None]
    return Chart(
        name=f"trend-{figure.measure.value}",
        title=name,
        kind=ChartKind.SPARK,
        head=_("28 days to"),
        labels=tuple(_last_day(point.period) for point in figure.points),
        keys=tuple((point.period.after - timedelta(days=1)).isoformat() for point in figure.points),
        series=(ChartSeries(name, tuple(written)),),
        scale=scale_of(figure.unit, figure.currency),
        summary=_("From %(first)s to %(last)s.") % {"first": known[0][1].text, "last": known[-1][1].text},
        state=ChartState.FULL,
        csv_href=csv_href,
    )


def _write_point(point: Point, figure: Figure) -> ChartPoint:
    text = write_value(point.value, figure.unit, figure.currency)
    return ChartPoint(to_drawn(point.value, figure.unit, figure.currency), text)


def _last_day(period: Period) -> str:
    last: date = period.after - timedelta(days=1)
    return design.format_day(last)


def _say_population(figure: Figure) -> str:
    """Of what it is the share or the mean, or how many members it is about."""
    if figure.unknown is not None:
        return ""
    if figure.measure in MONEY_SHARES:
        return ""
    if figure.unit is Unit.SHARE and figure.denominator is not None and figure.numerator is not None:
        return _("%(part)s of %(whole)s members") % {
            "part": design.format_points(figure.numerator),
            "whole": design.format_points(figure.denominator),
        }
    members = figure.population
    return ngettext("%(members)s member", "%(members)s members", members) % {
        "members": design.format_points(members)
    }


def _show_change(figure: Figure) -> Change | None:
    if figure.value is None or figure.previous is None:
        return None
    before = write_value(figure.previous, figure.unit, figure.currency)
    if before == write_value(figure.value, figure.unit, figure.currency):
        return Change("same", "", _("as in the period before"))
    rises = figure.value > figure.previous
    tone = ""
    if figure.measure not in NEITHER:
        tone = "leaf" if rises != (figure.measure in LESS_IS_BETTER) else "tomato"
    text = _("up from %(before)s") if rises else _("down from %(before)s")
    return Change("up" if rises else "down", tone, text % {"before": before})
