"""Insights as tables for a terminal."""

from collections.abc import Sequence
from datetime import timedelta

from regulars.analytics import facade as analytics
from regulars.analytics.facade import (
    Figure,
    Learnt,
    OverviewReport,
    RetentionTable,
    RfmRow,
    Unit,
    ValueRow,
)

UNKNOWN = "not known"
Rows = list[list[str]]
"""The first row is the header."""


def write_rows(rows: Rows) -> str:
    """Words to the left, numbers to the right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def list_overview(report: OverviewReport, points: Sequence[Figure] = ()) -> Rows:
    """Each figure with the one before, what it stands on, or why it is not known.

    Of an order file, which knows no points, what is about rewards is left out; of a shop, `points` are told
    too.
    """
    last = report.period.after - timedelta(days=1)
    head = f"{report.period.first.isoformat()} to {last.isoformat()}"
    rows = [[head, "value", "before", "of", "members"]]
    for figure in _list_figures(report, points):
        name = analytics.describe_measure(figure.measure).name
        told = write_value(figure, figure.value) if figure.unknown is None else UNKNOWN
        of = "" if figure.denominator is None else f"{figure.numerator:,} / {figure.denominator:,}"
        before = "" if figure.previous is None else write_value(figure, figure.previous)
        rows.append([name, told, before, of, f"{figure.population:,}"])
    interval = report.interval
    if interval.median_days is not None:
        name = analytics.describe_measure(analytics.Measure.USAGE_INTERVAL).name
        rows.append([name, f"{interval.median_days:g} d", "", "", f"{interval.members:,}"])
        rows.append(["Lapsed after a silence of", f"{interval.lapsed_after_days} d", "", "", ""])
    return rows


def write_overview(report: OverviewReport, points: Sequence[Figure] = ()) -> str:
    """The figures, why some are not known, and the segments."""
    reasons = [
        f"{analytics.describe_measure(one.measure).name}: {analytics.describe_unknown(one.unknown)}"
        for one in _list_figures(report, points)
        if one.unknown is not None
    ]
    told = [write_rows(list_overview(report, points)), *(["\n".join(reasons)] if reasons else [])]
    return "\n\n".join([*told, write_rows(list_segments(report))])


def _list_figures(report: OverviewReport, points: Sequence[Figure]) -> list[Figure]:
    return [*(one for one in report.figures if one.measure not in _OF_POINTS), *points]


_OF_POINTS = {analytics.Measure.REDEMPTION_RATE, analytics.Measure.CAN_AFFORD}


def list_segments(report: OverviewReport) -> Rows:
    """Named segments with members now and before, and what they spent in 52 weeks."""
    rows = [["Segment", "members", "before", "spent in 52 weeks"]]
    for size in report.segments:
        name = analytics.describe_segment(size.segment).name
        before = "" if size.previous is None else f"{size.previous:,}"
        rows.append([name, f"{size.members:,}", before, f"{size.spent_minor / 100:,.2f}"])
    return rows if len(rows) > 1 else [["Segments are not known: too few members came back."]]


def list_retention(table: RetentionTable) -> Rows:
    """Cohorts down, ages across; all of them in the last row."""
    ages = [f"d{low}-{high - 1}" if high else f"d{low}+" for low, high in table.ages]
    rows = [["First bought", "members", *ages]]
    for cohort in table.cohorts:
        cells = [_write_cell(cell.share, immature=cell.immature) for cell in cohort.cells]
        rows.append([f"{cohort.first:%Y-%m}", f"{cohort.members:,}", *cells])
    members = sum(cohort.members for cohort in table.cohorts)
    curve = [_write_cell(cell.share, immature=cell.immature) for cell in table.curve]
    rows.append(["All", f"{members:,}", *curve])
    return rows


def list_rfm(members: Sequence[RfmRow]) -> Rows:
    """Members with their scores."""
    rows = [["Member", "R", "F", "M", "segment", "days ago", "days bought", "spent"]]
    for one in members:
        name = analytics.describe_segment(one.segment).name if one.segment else "?"
        scores = [str(one.r_score), str(one.f_score), str(one.m_score)]
        spent = f"{one.money_minor / 100:,.2f}"
        rows.append([one.member, *scores, name, f"{one.recency_days:,}", f"{one.frequency:,}", spent])
    return rows


def list_value(members: Sequence[ValueRow]) -> Rows:
    """Members with what is expected of them."""
    rows = [["Member", "next 52 weeks", "still alive"]]
    for one in members:
        alive = "" if one.p_alive is None else f"{one.p_alive:.0%}"
        rows.append([one.member, f"{one.value_minor / 100:,.2f}", alive])
    return rows


def write_value(figure: Figure, value: float | None) -> str:
    """A value in its unit."""
    if value is None:
        return "?"
    if figure.unit is Unit.SHARE:
        return f"{value:.1%}"
    if figure.unit is Unit.MONEY:
        return f"{value / 100:,.2f} {figure.currency}".rstrip()
    return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"


def _write_cell(share: float | None, *, immature: bool) -> str:
    return "" if share is None else f"{share:.0%}{'*' if immature else ''}"


def list_learnt(learnt: Sequence[Learnt]) -> Rows:
    """What each model is, what decided it or what it lacks, and its figures: tests on the shop's own past."""
    rows = [["", "as of", "figure"]]
    for one in learnt:
        why = one.failure or (one.unknown.value if one.unknown else one.reason)
        told = f"{one.method} ({why})" if one.method and why else one.method or why
        rows.append([one.topic.value, one.as_of.isoformat(), told])
        rows.extend(
            [f"  {name}", "", f"{figure:,.0f}" if float(figure).is_integer() else f"{figure:,.4f}"]
            for name, figure in sorted(one.figures.items())
        )
    return rows
