"""Insights as pictures: SVG that stands alone, readable in light and dark, with a title for those who
cannot see it.

Written by hand: a plotting library would be the largest thing installed, for four pictures.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from regulars.analytics import facade as analytics
from regulars.analytics.facade import Figure, FileValue, OverviewReport, RetentionTable, RfmRow, Segment
from regulars.cli.insights_table import write_value

FONT = "font-family='ui-sans-serif, system-ui, Helvetica, Arial, sans-serif'"
STYLE = """
  .ground { fill: #ffffff } .ink { fill: #18181b } .soft { fill: #71717a } .bar { fill: #4f46e5 }
  .line { stroke: #4f46e5; fill: none; stroke-width: 2; stroke-linejoin: round }
  .area { fill: #4f46e5; opacity: .1 }
  .rule { stroke: #e4e4e7 } .empty { fill: #f4f4f5 } .hatch { stroke: #ffffff; stroke-width: 2; opacity: .55 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #18181b } .ink { fill: #fafafa } .soft { fill: #a1a1aa } .bar { fill: #818cf8 }
    .line { stroke: #818cf8 } .area { fill: #818cf8 } .rule { stroke: #3f3f46 } .empty { fill: #27272a }
    .hatch { stroke: #18181b }
  }
"""
HATCH = (
    "<pattern id='young' width='6' height='6' patternUnits='userSpaceOnUse' patternTransform='rotate(45)'>"
    "<line x1='0' y1='0' x2='0' y2='6' class='hatch'/></pattern>"
)
MARGIN = 32
CELL_WIDTH, CELL_HEIGHT = 58, 30
ROW = 34
DARK_FROM = 0.7
"""Cells from this share on are dark enough for white figures."""


@dataclass(slots=True)
class Drawing:
    """An SVG under way."""

    title: str
    width: float
    height: float
    parts: list[str] = field(default_factory=list)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        look: str = "ink",
        size: int = 13,
        anchor: str = "start",
        weight: int = 400,
    ) -> None:
        """Words, whose baseline begins (or ends, or is centred) at x, y."""
        self.parts.append(
            f"<text x='{x:g}' y='{y:g}' class='{look}' font-size='{size}' text-anchor='{anchor}' "
            f"font-weight='{weight}'>{escape(words)}</text>"
        )

    def box(self, x: float, y: float, width: float, height: float, look: str, *, more: str = "") -> None:
        """A filled box with soft corners."""
        self.parts.append(
            f"<rect x='{x:g}' y='{y:g}' width='{width:g}' height='{height:g}' rx='4' class='{look}'{more}/>"
        )

    def write(self) -> str:
        """The whole picture."""
        head = (
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {self.width:g} {self.height:g}' "
            f"width='{self.width:g}' height='{self.height:g}' role='img' {FONT}>"
        )
        body = "\n".join(self.parts)
        return (
            f"{head}\n<title>{escape(self.title)}</title>\n<style>{STYLE}</style>\n<defs>{HATCH}</defs>\n"
            f"<rect width='100%' height='100%' class='ground'/>\n{body}\n</svg>\n"
        )


def draw_retention(table: RetentionTable) -> str:
    """Cohorts down, ages across, the darker the more came back; hatched where part of a cohort is younger."""
    left = 150
    width = left + len(table.ages) * CELL_WIDTH + MARGIN
    rows = [(f"{one.first:%Y-%m}", one.members, one.cells) for one in table.cohorts]
    rows.append(("All", sum(one.members for one in table.cohorts), table.curve))
    drawing = Drawing("Retention by cohort", width, 130 + len(rows) * CELL_HEIGHT + 40)
    drawing.text(MARGIN, 44, "Retention by cohort", size=20, weight=600)
    drawing.text(
        MARGIN, 68, "Of members by month of first purchase: who bought, by days since then", look="soft"
    )
    for place, (low, high) in enumerate(table.ages):
        name = f"{low}–{high - 1}" if high else f"{low}+"
        x = left + place * CELL_WIDTH + CELL_WIDTH / 2
        drawing.text(x, 104, name, look="soft", size=11, anchor="middle")
    for number, (name, members, cells) in enumerate(rows):
        y = 114 + number * CELL_HEIGHT + (8 if name == "All" else 0)
        drawing.text(MARGIN, y + 20, name, weight=600 if name == "All" else 400)
        drawing.text(left - 14, y + 20, f"{members:,}", look="soft", size=12, anchor="end")
        for cell in cells:
            _draw_cell(drawing, left + cell.age * CELL_WIDTH, y, cell.share, immature=cell.immature)
    drawing.text(
        MARGIN, drawing.height - 18, "Hatched: part of the cohort is not that old yet", look="soft", size=11
    )
    return drawing.write()


def _draw_cell(drawing: Drawing, x: float, y: float, share: float | None, *, immature: bool) -> None:
    width, height = CELL_WIDTH - 3, CELL_HEIGHT - 3
    drawing.box(x, y, width, height, "empty")
    if share is None:
        return
    drawing.box(x, y, width, height, "bar", more=f" opacity='{0.08 + 0.92 * share:.3f}'")
    if immature:
        drawing.box(x, y, width, height, "", more=" fill='url(#young)'")
    look = "ground" if share >= DARK_FROM else "ink"
    drawing.text(x + width / 2, y + 18, f"{share:.0%}", look=look, size=12, anchor="middle")


def draw_segments(rows: Sequence[RfmRow]) -> str:
    """How many members are in each named segment."""
    counts = Counter(row.segment for row in rows)
    bars = [
        (analytics.describe_segment(one).name, counts[one], f"{counts[one]:,}")
        for one in Segment
        if counts[one]
    ]
    subtitle = "Members by how lately, how often and for how much they bought"
    if not bars:
        subtitle = "Not known: too few members came back"
    return _draw_bars("Named segments", subtitle, bars)


def draw_value(value: FileValue) -> str:
    """Members by tenths of expected value: how much of the whole each tenth is."""
    count = len(value.rows)
    bars = []
    for tenth in range(10):
        mine = value.rows[tenth * count // 10 : (tenth + 1) * count // 10]
        total = sum(row.value_minor for row in mine)
        share = total / value.total_minor if value.total_minor else 0.0
        bars.append((f"{tenth * 10}–{tenth * 10 + 10}%", total, f"{share:.0%}  {total / 100:,.0f}"))
    subtitle = f"Expected in the next 52 weeks, by tenths of members, the dearest first; {value.method}"
    return _draw_bars(f"Customer lifetime value {value.currency}".rstrip(), subtitle, bars)


def _draw_bars(title: str, subtitle: str, bars: Sequence[tuple[str, float, str]]) -> str:
    left, room = 150, 420
    drawing = Drawing(title, left + room + 160, 104 + len(bars) * ROW + MARGIN)
    drawing.text(MARGIN, 44, title, size=20, weight=600)
    drawing.text(MARGIN, 68, subtitle, look="soft")
    most = max((value for _name, value, _told in bars), default=0) or 1
    for number, (name, value, told) in enumerate(bars):
        y = 92 + number * ROW
        length = max(2.0, room * value / most)
        drawing.text(MARGIN, y + 18, name)
        drawing.box(left, y, length, ROW - 10, "bar")
        drawing.text(left + length + 10, y + 18, told, look="soft", size=12)
    return drawing.write()


def draw_overview(report: OverviewReport) -> str:
    """The figures that have a trend, each with its line over windows of 28 days."""
    figures = [one for one in report.figures if one.value is not None and len(one.points) > 1][:6]
    wide, high = 300, 150
    drawing = Drawing("Overview", MARGIN + 3 * wide, 92 + -(-len(figures) // 3) * high + 24)
    drawing.text(MARGIN, 44, "Overview", size=20, weight=600)
    period = f"{report.period.first.isoformat()} to {report.as_of.isoformat()}; lines: windows of 28 days"
    drawing.text(MARGIN, 68, period, look="soft")
    for number, figure in enumerate(figures):
        _draw_figure(drawing, MARGIN + number % 3 * wide, 92 + number // 3 * high, figure)
    return drawing.write()


def _draw_figure(drawing: Drawing, x: float, y: float, figure: Figure) -> None:
    drawing.text(x, y + 18, analytics.describe_measure(figure.measure).name, look="soft")
    drawing.text(x, y + 46, write_value(figure, figure.value), size=22, weight=600)
    told = [(place, one.value) for place, one in enumerate(figure.points) if one.value is not None]
    if len(told) < 2:
        return
    low, high = min(value for _place, value in told), max(value for _place, value in told)
    step, reach, floor = 250 / (len(figure.points) - 1), 44, y + 112
    spots = [
        (x + place * step, floor - reach * ((value - low) / (high - low) if high > low else 0.5))
        for place, value in told
    ]
    path = " ".join(f"{across:.1f},{up:.1f}" for across, up in spots)
    first, last = spots[0][0], spots[-1][0]
    drawing.parts.append(f"<polygon points='{first:.1f},{floor} {path} {last:.1f},{floor}' class='area'/>")
    drawing.parts.append(f"<polyline points='{path}' class='line'/>")
    drawing.parts.append(f"<line x1='{x}' y1='{floor}' x2='{x + 250}' y2='{floor}' class='rule'/>")
    drawing.parts.append(f"<circle cx='{spots[-1][0]:.1f}' cy='{spots[-1][1]:.1f}' r='3.5' class='bar'/>")
