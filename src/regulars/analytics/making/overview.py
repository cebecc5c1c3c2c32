"""The front page."""

from datetime import timedelta
from typing import Any

from regulars.analytics.codes import HEADLINES, Measure, Segment
from regulars.analytics.measures.figures import make_figures
from regulars.analytics.measures.limits import Limits
from regulars.analytics.measures.rfm import count_cells, hold_looks, list_rfm, score_rfm
from regulars.analytics.measures.segments import label_at
from regulars.analytics.types import (
    OverviewReport,
    Period,
    RfmCell,
    SegmentMove,
    SegmentSize,
    UsageInterval,
)
from regulars.facts.facade import Facts

FIGURES = (
    *HEADLINES,
    Measure.MEMBERS_NEW,
    Measure.FREQUENCY,
    Measure.RETENTION_RATE,
    Measure.LAPSED,
    Measure.SALES,
    Measure.MARGIN,
    Measure.CAN_AFFORD,
)


def make_overview(facts: Facts, period: Period, limits: Limits) -> OverviewReport:
    """Put the overview of a period together."""
    sizes, moves = find_segments(facts, period, limits)
    return OverviewReport(
        period=period,
        as_of=facts.as_of,
        currency=limits.currency,
        figures=make_figures(facts, period, FIGURES, limits),
        interval=limits.interval,
        segments=sizes,
        moves=moves,
        cells=find_cells(facts, period),
    )


def find_segments(
    facts: Facts, period: Period, limits: Limits
) -> tuple[tuple[SegmentSize, ...], tuple[SegmentMove, ...]]:
    """Segments when the period began and ended, and who went where. Empty without an interval."""
    if limits.interval.lapsed_after_days is None:
        return (), ()
    joined = list_segment_moves(facts, period, limits.interval)
    known_before = limits.first_day is not None and period.first > limits.first_day
    counted = joined.group_by(["segment", "before"]).agg(
        members=joined.count(),
        orders=joined.frequency.sum().cast("int64"),
        money=joined.money.sum().cast("int64"),
    )
    rows = counted.to_pyarrow().to_pylist()
    sizes = tuple(_size(segment, rows, known_before=known_before) for segment in Segment)
    moves = tuple(
        SegmentMove(before, after, row["members"])
        for before in Segment
        for after in Segment
        for row in rows
        if row["before"] == before and row["segment"] == after
    )
    return sizes, moves


def list_segment_moves(facts: Facts, period: Period, interval: UsageInterval) -> Any:
    """Members by segment at the end (member_id, segment, before, frequency, money); `before` null: none
    then.
    """
    days = [period.after - timedelta(days=1), period.first - timedelta(days=1)]
    labels = label_at(facts, days, interval)
    now = labels.filter(labels.day_no == 0).select("member_id", "segment", "frequency", "money")
    then = labels.filter(labels.day_no == 1)
    then = then.select("member_id", before=then.segment)
    return now.left_join(then, "member_id").select("member_id", "segment", "before", "frequency", "money")


def _size(segment: Segment, rows: list[dict[str, Any]], *, known_before: bool) -> SegmentSize:
    mine = [row for row in rows if row["segment"] == segment]
    before = sum(row["members"] for row in rows if row["before"] == segment)
    return SegmentSize(
        segment=segment,
        members=sum(row["members"] for row in mine),
        previous=before if known_before else None,
        orders=sum(row["orders"] for row in mine),
        spent_minor=sum(row["money"] for row in mine),
    )


def find_cells(facts: Facts, period: Period) -> tuple[RfmCell, ...]:
    """Members by RFM scores at the end of the period. One query."""
    scored = score_rfm(list_rfm(facts, hold_looks([period.after - timedelta(days=1)])))
    counted = count_cells(scored).order_by(["r_score", "f_score", "m_score"])
    return tuple(
        RfmCell(row["r_score"], row["f_score"], row["m_score"], row["members"])
        for row in counted.to_pyarrow().to_pylist()
    )
