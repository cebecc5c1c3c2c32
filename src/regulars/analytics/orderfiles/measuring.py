"""What is told of an order file: the same expressions as for a shop's own facts."""

from typing import TYPE_CHECKING

from regulars.analytics.codes import Segment
from regulars.analytics.making.overview import make_overview
from regulars.analytics.making.points import make_points
from regulars.analytics.making.retention import make_retention
from regulars.analytics.measures.basis import settle_facts
from regulars.analytics.measures.cohorts import BRACKETS, Stretch
from regulars.analytics.measures.limits import find_limits
from regulars.analytics.measures.rfm import hold_looks, list_rfm, score_rfm
from regulars.analytics.measures.segments import label_at
from regulars.analytics.orderfiles.errors import TooFewMembers
from regulars.analytics.orderfiles.reading import read_orders
from regulars.analytics.orderfiles.types import FileValue, OrderFile, RfmRow, ValueRow
from regulars.analytics.policies import place_span
from regulars.analytics.types import OverviewReport, Period, PointsReport, RetentionReport, Span
from regulars.facts.facade import Facts, FactsMissing

if TYPE_CHECKING:
    from regulars.analytics.measures.stability import Stability

__all__ = [
    "read_orders",
    "tell_overview",
    "tell_retention",
    "tell_rfm",
    "tell_shop",
    "tell_stability",
    "tell_value",
]


def tell_overview(file: OrderFile, span: Span | Period) -> OverviewReport:
    """The overview of a file."""
    facts = settle_facts(file.facts)
    limits = find_limits(facts)
    return make_overview(facts, place_span(span, facts.as_of, file.first_day), limits)


def tell_retention(
    file: OrderFile, brackets: tuple[Stretch, ...] | None = None, step_days: int = 28
) -> RetentionReport:
    """Retention by cohort of all of a file."""
    facts = settle_facts(file.facts)
    period = place_span(Span.ALL, facts.as_of, file.first_day)
    return make_retention(facts, period, find_limits(facts), brackets or BRACKETS, step_days)


def tell_rfm(file: OrderFile) -> tuple[RfmRow, ...]:
    """Each member of a file by RFM scores and named segment, the best first."""
    facts = settle_facts(file.facts)
    interval = find_limits(facts).interval
    scored = score_rfm(list_rfm(facts, hold_looks([facts.as_of]))).to_pyarrow().to_pylist()
    segments: dict[int, str] = {}
    if interval.lapsed_after_days is not None:
        labels = label_at(facts, [facts.as_of], interval).select("member_id", "segment")
        segments = {row["member_id"]: row["segment"] for row in labels.to_pyarrow().to_pylist()}
    scored.sort(key=lambda row: (-row["r_score"] - row["f_score"] - row["m_score"], row["member_id"]))
    return tuple(
        RfmRow(
            member=file.name_of(row["member_id"]),
            r_score=row["r_score"],
            f_score=row["f_score"],
            m_score=row["m_score"],
            segment=Segment(segments[row["member_id"]]) if row["member_id"] in segments else None,
            recency_days=row["recency_days"],
            frequency=row["frequency"],
            money_minor=row["money"],
        )
        for row in scored
    )


def tell_value(file: OrderFile) -> FileValue:
    """What each member of a file is expected to buy in the next 52 weeks, the dearest first."""
    # SciPy takes two seconds to import, for this alone.
    from regulars.analytics.value.estimating import estimate_values  # noqa: PLC0415

    values = estimate_values(settle_facts(file.facts))
    if values.unknown:
        return FileValue(values.method.value, values.unknown.value, values.currency, 0, (), values.unknown)
    alive = values.alive.tolist() or [None] * len(values.members)
    rows = [
        ValueRow(file.name_of(member), round(value), chance)
        for member, value, chance in zip(values.members.tolist(), values.value.tolist(), alive, strict=True)
    ]
    rows.sort(key=lambda row: -row.value_minor)
    return FileValue(
        method=values.method.value,
        reason=values.why.value,
        currency=values.currency,
        total_minor=sum(row.value_minor for row in rows),
        rows=tuple(rows),
    )


def tell_shop(facts: Facts, span: Span | Period) -> tuple[OverviewReport, RetentionReport, PointsReport]:
    """The same of a shop's own facts, with its points. Raises FactsMissing where there is no purchase."""
    settled = settle_facts(facts)
    limits = find_limits(settled)
    if limits.first_day is None:
        raise FactsMissing("There are no purchases to measure. `regulars facts sync` copies them.")
    period = place_span(span, settled.as_of, limits.first_day)
    return (
        make_overview(settled, period, limits),
        make_retention(settled, period, limits),
        make_points(settled, period, limits),
    )


def tell_stability(facts: Facts, draws: int) -> "Stability":
    """How steady the named segments are. Raises TooFewMembers."""
    # scikit-learn takes a second to import, for this alone.
    from regulars.analytics.measures.stability import measure_stability  # noqa: PLC0415

    settled = settle_facts(facts)
    interval = find_limits(settled).interval
    if interval.lapsed_after_days is None:
        raise TooFewMembers("Fewer than thirty members came back twice: segments cannot be told.")
    return measure_stability(settled, interval, draws=draws)
