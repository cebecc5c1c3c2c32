"""Members by how lately, how often and for how much they buy: the grid, named segments, who moved where."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from regulars.analytics import facade as analytics
from regulars.analytics.facade import (
    Measure,
    OverviewReport,
    RfmCell,
    Segment,
    SegmentMove,
    SegmentSize,
    SegmentValue,
)
from regulars.console.pages.insights.figures import write_money, write_share
from regulars.console.pages.insights.frame import Frame
from regulars.console.pages.insights.sheets import Sheet, SheetCell
from regulars.console.pages.insights.wording import TONES, name_segment
from regulars.design import facade as design
from regulars.design.facade import Chart, ChartKind, ChartPoint, ChartSeries, ChartState

SCORES = (5, 4, 3, 2, 1)


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A named segment: how large it is and was, what it brings."""

    name: str
    meaning: str
    tone: str
    members: str
    share: str
    before: str
    way: str
    spent: str
    value: str
    at_risk: str
    href: str


@dataclass(frozen=True, slots=True)
class SegmentsPart:
    """The grid of scores, the segments by name, the moves between them."""

    grid: Chart
    rows: tuple[SegmentRow, ...]
    sheet: Sheet
    moves: Chart
    has_value: bool

    @property
    def charts(self) -> list[Chart | Sheet]:
        """All of them, for their files."""
        return [self.grid, self.sheet, self.moves]


def show_segments(report: OverviewReport, values: tuple[SegmentValue, ...], frame: Frame) -> SegmentsPart:
    """Segments at the end of the period, with what is expected of each."""
    by_segment = {one.segment: one for one in values}
    total = sum(one.members for one in report.segments)
    rows = tuple(
        _row(one, by_segment.get(one.segment), total, report.currency, frame) for one in report.segments
    )
    return SegmentsPart(
        grid=_draw_grid(report.cells, frame),
        rows=rows,
        sheet=_list_segments(report.segments, by_segment, frame),
        moves=_draw_moves(report.moves, frame),
        has_value=bool(values),
    )


def _row(one: SegmentSize, value: SegmentValue | None, total: int, currency: str, frame: Frame) -> SegmentRow:
    wording = analytics.describe_segment(one.segment)
    before = one.previous
    way = "" if before is None or before == one.members else "up" if one.members > before else "down"
    at_risk = value.at_risk_minor if value else None
    return SegmentRow(
        name=wording.name,
        meaning=wording.definition,
        tone=TONES[one.segment],
        members=design.format_points(one.members),
        share=write_share(one.members / total) if total else "",
        before="" if before is None else design.format_points(before),
        way=way,
        spent=write_money(one.spent_minor, currency) if currency else "",
        value=write_money(value.value_minor, currency) if value and currency else "",
        at_risk=write_money(at_risk, currency) if at_risk is not None and currency else "",
        href=frame.behind(Measure.SEGMENT, one.segment.value),
    )


def _list_segments(
    sizes: tuple[SegmentSize, ...], values: Mapping[Segment, SegmentValue], frame: Frame
) -> Sheet:
    numbers = (_("Members"), _("Before"), _("Orders"), _("Spent, minor units"), _("Expected, minor units"))
    heads = [(_("Segment"), False), *((head, True) for head in (*numbers, _("At risk, minor units")))]
    rows = []
    for one in sizes:
        value = values.get(one.segment)
        raw = (
            name_segment(one.segment),
            one.members,
            one.previous,
            one.orders,
            one.spent_minor,
            value.value_minor if value else None,
            value.at_risk_minor if value else None,
        )
        rows.append(tuple(SheetCell(cell, str(cell)) for cell in raw))
    return Sheet("segments", _("Segments"), tuple(heads), tuple(rows), frame.csv("segments"))


def _draw_grid(cells: tuple[RfmCell, ...], frame: Frame) -> Chart:
    title = _("How lately and how often members buy")
    if not cells:
        return Chart("rfm", title, ChartKind.HEAT, state=ChartState.EMPTY, reason=_("Nobody has bought yet."))
    members: dict[tuple[int, int], int] = defaultdict(int)
    for cell in cells:
        members[cell.frequency, cell.recency] += cell.members
    peak = max(members, key=lambda key: members[key])
    return Chart(
        name="rfm",
        title=title,
        kind=ChartKind.HEAT,
        corner=_("Frequency"),
        head=_("Recency"),
        labels=tuple(_("R%(score)s") % {"score": score} for score in reversed(SCORES)),
        keys=tuple(str(score) for score in reversed(SCORES)),
        series=tuple(
            ChartSeries(
                _("F%(score)s") % {"score": often},
                tuple(
                    _grid_point(
                        members.get((often, lately), 0), frame.behind(Measure.RFM, f"{lately}{often}")
                    )
                    for lately in reversed(SCORES)
                ),
            )
            for often in SCORES
        ),
        summary=_("Most members, %(members)s, have frequency %(often)s and recency %(lately)s of 5.")
        % {"members": design.format_points(members[peak]), "often": peak[0], "lately": peak[1]},
        note=_("R is how lately, F how often: a fifth of the members have each score, and 5 is best."),
        csv_href=frame.csv("rfm"),
    )


def _grid_point(members: int, href: str) -> ChartPoint:
    return ChartPoint(members, design.format_points(members), href=href if members else "")


def _draw_moves(moves: tuple[SegmentMove, ...], frame: Frame) -> Chart:
    title = _("Who moved where during the period")
    if not moves:
        reason = _("Where members stood when the period began is not known.")
        return Chart("moves", title, ChartKind.HEAT, state=ChartState.UNKNOWN, reason=reason)
    known = [segment for segment in Segment if any(segment in (one.before, one.after) for one in moves)]
    counts = {(one.before, one.after): one.members for one in moves}
    total, stayed = sum(counts.values()), sum(counts.get((one, one), 0) for one in known)
    return Chart(
        name="moves",
        title=title,
        kind=ChartKind.HEAT,
        corner=_("Was"),
        head=_("Is now"),
        labels=tuple(name_segment(segment) for segment in known),
        series=tuple(
            ChartSeries(name_segment(before), tuple(_move(counts, before, after, frame) for after in known))
            for before in known
        ),
        summary=_("%(stayed)s of %(total)s members are where they were (%(share)s).")
        % {
            "stayed": design.format_points(stayed),
            "total": design.format_points(total),
            "share": write_share(stayed / total) if total else "",
        },
        note=_(
            "Rows are where they were, columns where they are; a member moves only when the change is clear."
        ),
        csv_href=frame.csv("moves"),
    )


def _move(
    counts: Mapping[tuple[Segment, Segment], int], before: Segment, after: Segment, frame: Frame
) -> ChartPoint:
    members = counts.get((before, after), 0)
    if not members:
        return ChartPoint(None, "")
    href = frame.behind(Measure.SEGMENT_MOVES, f"{before.value}/{after.value}")
    order = list(Segment)
    way = order.index(after) - order.index(before)
    tone = "quiet" if way == 0 else "leaf" if way < 0 else "tomato"
    return ChartPoint(members, design.format_points(members), tone=tone, href=href)
