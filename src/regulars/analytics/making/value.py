"""The report of value: from what the last refresh learnt of each member, the same for any period."""

import itertools
from typing import Any

from django.db import connection
from django.db.models import Avg, Count, F, FloatField, Sum
from django.db.models.functions import Cast

from regulars.analytics.codes import Measure, Segment, Unit, Unknown
from regulars.analytics.measures.limits import Limits
from regulars.analytics.models import LearningRun, MemberMeasure
from regulars.analytics.types import Bucket, Figure, Period, SegmentValue, Topic, ValuedMember, ValueReport
from regulars.facts.facade import Facts

LISTED = 20
STEPS = (1, 2, 5)
_BUCKETS = """
    SELECT width_bucket(value_minor, %s::bigint[]) AS place, count(*)
    FROM analytics_member_measure WHERE value_minor IS NOT NULL GROUP BY place
"""


def make_value(facts: Facts, period: Period, limits: Limits) -> ValueReport:
    """Put the value of members together: of everybody, by named segment, and the dearest to lose. It is as of
    the last refresh; the period is what the page shows beside it. Six queries.
    """
    runs = {run.topic: run for run in LearningRun.objects.filter(pk__in=[Topic.VALUE, Topic.RISK])}
    value, risk = runs.get(Topic.VALUE), runs.get(Topic.RISK)
    if value is None or limits.first_day is None:
        unknown = Unknown.NO_DATA if limits.first_day is None else Unknown.NOT_COMPUTED
        return ValueReport(period, facts.as_of, limits.currency, unknown=unknown)
    valued = MemberMeasure.objects.filter(value_minor__isnull=False)
    figures = _find_figures(period, limits.currency, _why_unknown(value), _why_unknown(risk))
    at_risk = F("value_minor") * F("risk")
    return ValueReport(
        period=period,
        as_of=facts.as_of,
        currency=limits.currency,
        figures=figures,
        method=value.method,
        method_reason=value.reason,
        buckets=_find_buckets(),
        segments=_find_segments(),
        top=_list_members(valued.order_by("-value_minor", "member_id")),
        at_risk=_list_members(valued.filter(risk__isnull=False).order_by(at_risk.desc(), "member_id")),
        quality=tuple(
            (f"{run.topic}.{name}", number)
            for run in (value, risk)
            if run is not None
            for name, number in sorted(run.figures.items())
        ),
        unknown=_why_unknown(value),
    )


def _why_unknown(run: LearningRun | None) -> Unknown | None:
    if run is None:
        return Unknown.NOT_COMPUTED
    return Unknown(run.unknown) if run.unknown else None


def _find_figures(
    period: Period, currency: str, no_value: Unknown | None, no_risk: Unknown | None
) -> tuple[Figure, ...]:
    """Value of all, the part of it that is likely to be lost (value × risk, summed), and the mean risk."""
    lost = Cast(F("value_minor"), FloatField()) * F("risk")
    row: dict[str, Any] = MemberMeasure.objects.aggregate(
        total=Sum("value_minor"),
        valued=Count("value_minor"),
        lost=Sum(lost),
        mean_risk=Avg("risk"),
        risked=Count("risk"),
    )
    value, lost_minor = int(row["total"] or 0), round(row["lost"] or 0)
    no_value = no_value or (None if row["valued"] else Unknown.NOBODY)
    no_risk = no_risk or (None if row["risked"] else Unknown.NOBODY)
    return (
        Figure(
            Measure.VALUE,
            Unit.MONEY,
            period,
            row["valued"],
            None if no_value else value,
            unknown=no_value,
            currency=currency,
            behind=("",),
        ),
        Figure(
            Measure.VALUE_AT_RISK,
            Unit.MONEY,
            period,
            row["risked"],
            None if no_value or no_risk else lost_minor,
            numerator=lost_minor,
            denominator=value,
            unknown=no_value or no_risk,
            currency=currency,
            behind=("",),
        ),
        Figure(
            Measure.CHURN_RISK,
            Unit.SHARE,
            period,
            row["risked"],
            None if no_risk else row["mean_risk"],
            unknown=no_risk,
            behind=("",),
        ),
    )


def _find_buckets() -> tuple[Bucket, ...]:
    """Members by value, between 1, 2 and 5 times powers of ten: each edge about twice the last."""
    highest = (
        MemberMeasure.objects.order_by(F("value_minor").desc(nulls_last=True))
        .values_list("value_minor", flat=True)
        .first()
    )
    if not highest:
        return ()
    edges = [0, *(step * 10**power for power in range(3, 16) for step in STEPS)]
    # From ten units of money up: below, nobody has to tell one cent from another.
    edges = edges[: next(place for place, edge in enumerate(edges) if edge > highest) + 1]
    with connection.cursor() as cursor:
        cursor.execute(_BUCKETS, [edges])
        counts = dict(cursor.fetchall())
    return tuple(
        Bucket(low, high, counts.get(place, 0))
        for place, (low, high) in enumerate(itertools.pairwise(edges), start=1)
    )


def _find_segments() -> tuple[SegmentValue, ...]:
    lost = Cast(F("value_minor"), FloatField()) * F("risk")
    rows = {
        row["segment"]: row
        for row in MemberMeasure.objects.exclude(segment="")
        .values("segment")
        .annotate(members=Count("member_id"), value=Sum("value_minor"), lost=Sum(lost))
    }
    return tuple(
        SegmentValue(
            segment,
            row["members"],
            int(row["value"] or 0),
            None if row["lost"] is None else round(row["lost"]),
        )
        for segment in Segment
        if (row := rows.get(segment.value)) is not None
    )


def _list_members(rows: Any) -> tuple[ValuedMember, ...]:
    return tuple(
        ValuedMember(
            row.member_id,
            row.value_minor,
            row.orders_count,
            row.spent_minor,
            row.last_order_on,
            row.p_alive,
            row.risk,
            Segment(row.segment) if row.segment else None,
        )
        for row in rows[:LISTED]
    )
