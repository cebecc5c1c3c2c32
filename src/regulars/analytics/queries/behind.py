"""The members behind a number: the very rows that it is the sum of.

What is stored of each member (segments, scores, value, risk) is read from PostgreSQL; the rest is asked of
the facts again, by the same expression that made the figure, for the page that is shown.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import F, FloatField, QuerySet
from django.db.models.functions import Cast

from regulars.analytics.codes import Measure, RetentionKind, Segment
from regulars.analytics.errors import NothingBehind
from regulars.analytics.models import MemberMeasure
from regulars.analytics.types import MemberBehind, Period
from regulars.facts.facade import Facts
from regulars.kit.paging import Page, decode_cursor, encode_cursor

COUNTS, COUNTS_NOT = "yes", "no"
STORED = frozenset(
    {
        Measure.SEGMENT,
        Measure.RFM,
        Measure.VALUE,
        Measure.VALUE_AT_RISK,
        Measure.CHURN_RISK,
        Measure.USAGE_INTERVAL,
        Measure.LIFESTYLE,
    }
)
"""Measures whose members are found in PostgreSQL; no facts are opened for them."""


def list_stored(measure: Measure, key: str, cursor: str | None, size: int) -> Page[MemberBehind]:
    """Members by what the last refresh measured of them. Two queries. Raises NothingBehind, BadCursor.

    `key`: of SEGMENT its code; of RFM the cell ("545"); of LIFESTYLE its code; else empty. Those with the
    most value or risk come first, else they go by number.
    """
    rows = MemberMeasure.objects.all()
    if measure in {Measure.VALUE, Measure.CHURN_RISK, Measure.VALUE_AT_RISK}:
        return _list_ranked(rows, measure, cursor, size)
    rows = _narrow(rows, measure, key)
    after = int(decode_cursor(cursor, (int,))[0]) if cursor else -(2**63)
    found = list(rows.filter(member_id__gt=after).order_by("member_id")[: size + 1])
    items = tuple(MemberBehind(row.member_id, _figures(row)) for row in found[:size])
    return Page(items, encode_cursor(items[-1].member_id) if len(found) > size else None)


def _narrow(rows: QuerySet[MemberMeasure], measure: Measure, key: str) -> QuerySet[MemberMeasure]:
    if measure is Measure.SEGMENT and key in set(Segment):
        return rows.filter(segment=key)
    if measure is Measure.RFM and len(key) == 3 and key.isdigit():
        return rows.filter(rfm_cell=key)
    if measure is Measure.USAGE_INTERVAL and not key:
        return rows.filter(usage_interval_days__isnull=False)
    if measure is Measure.LIFESTYLE and key:
        return rows.filter(lifestyles__contains=[{"code": key}])
    raise NothingBehind("There is no list of members under this key.")


def _list_ranked(
    rows: QuerySet[MemberMeasure], measure: Measure, cursor: str | None, size: int
) -> Page[MemberBehind]:
    """By value, by risk, or by value × risk, from the top. The cursor is how many were shown."""
    sorting = {
        Measure.VALUE: Cast("value_minor", FloatField()),
        Measure.CHURN_RISK: F("risk"),
        Measure.VALUE_AT_RISK: Cast("value_minor", FloatField()) * F("risk"),
    }
    shown = int(decode_cursor(cursor, (int,))[0]) if cursor else 0
    ranked = rows.annotate(rank_value=sorting[measure]).filter(rank_value__isnull=False)
    found = list(ranked.order_by("-rank_value", "member_id")[max(shown, 0) : max(shown, 0) + size + 1])
    items = tuple(MemberBehind(row.member_id, _figures(row)) for row in found[:size])
    return Page(items, encode_cursor(max(shown, 0) + size) if len(found) > size else None)


def _figures(row: MemberMeasure) -> dict[str, int | float | str | None]:
    return {
        "segment": row.segment,
        "rfm_cell": row.rfm_cell,
        "orders_count": row.orders_count,
        "spent_minor": row.spent_minor,
        "last_order_on": row.last_order_on.isoformat() if row.last_order_on else None,
        "usage_interval_days": row.usage_interval_days,
        "value_minor": row.value_minor,
        "risk": row.risk,
    }


def list_from_facts(
    facts: Facts, measure: Measure, period: Period, key: str, *, cursor: str | None, size: int
) -> Page[MemberBehind]:
    """Members behind a figure, asked of the facts. Raises NothingBehind, BadCursor.

    `key`: "" all the figure is about, "yes" those who count, "no" those who do not. Of RETENTION
    "<kind>/<first day of the cohort>/<age>/<yes or no>"; of SEGMENT_MOVES and TIER_MOVES "<before>/<after>".
    """
    # Heavy: see the facade.
    from regulars.analytics.measures.basis import settle_facts  # noqa: PLC0415

    rows = _find_rows(settle_facts(facts), measure, period, key)
    after = int(decode_cursor(cursor, (int,))[0]) if cursor else None
    if after is not None:
        rows = rows.filter(rows.member_id > after)
    found = rows.order_by("member_id").limit(size + 1).to_pyarrow().to_pylist()
    items = tuple(_read_row(row) for row in found[:size])
    return Page(items, encode_cursor(items[-1].member_id) if len(found) > size else None)


def _read_row(row: dict[str, Any]) -> MemberBehind:
    figures = {name: value for name, value in row.items() if name != "member_id"}
    return MemberBehind(
        row["member_id"],
        {name: v.isoformat() if isinstance(v, date) else v for name, v in figures.items()},
    )


def _find_rows(facts: Facts, measure: Measure, period: Period, key: str) -> Any:
    from regulars.analytics.measures.catalogue import DEFINITIONS  # noqa: PLC0415 - heavy: see the facade

    finders: dict[Measure, Callable[[Facts, Period, str], Any]] = {
        Measure.RETENTION: _find_cohort,
        Measure.SEGMENT_MOVES: _find_segment_moves,
        Measure.TIER_MOVES: _find_tier_moves,
        Measure.TIME_TO_REWARD: _find_first_rewards,
    }
    if measure in finders:
        return finders[measure](facts, period, key)
    if measure not in DEFINITIONS:
        raise NothingBehind("No list of members stands behind this measure.")
    return _find_summands(facts, measure, period, key)


def _find_summands(facts: Facts, measure: Measure, period: Period, key: str) -> Any:
    from regulars.analytics.measures.catalogue import DEFINITIONS  # noqa: PLC0415 - heavy: see the facade
    from regulars.analytics.measures.limits import find_limits  # noqa: PLC0415
    from regulars.analytics.measures.windows import hold_windows  # noqa: PLC0415

    definition = DEFINITIONS[measure]
    if key not in definition.keys:
        raise NothingBehind("There is no list of members under this key.")
    rows = definition.rows(facts, hold_windows([period]), find_limits(facts))
    return _halve(rows, rows.numerator, key).select("member_id", "numerator", "denominator")


def _find_cohort(facts: Facts, period: Period, key: str) -> Any:
    from regulars.analytics.measures.cohorts import BRACKETS, list_retained, list_steps  # noqa: PLC0415

    try:
        kind_code, first, age, half = key.split("/")
        kind, cohort, number = RetentionKind(kind_code), date.fromisoformat(first), int(age)
    except ValueError as error:
        raise NothingBehind("There is no such cohort.") from error
    ages = BRACKETS if kind is RetentionKind.BRACKETS else list_steps()
    rows = list_retained(facts, period, kind, ages)
    rows = rows.filter(rows.cohort == cohort, rows.age == number, rows.reached == 1)
    return _halve(rows, rows.returned, half).select("member_id", "first_on", "returned")


def _find_segment_moves(facts: Facts, period: Period, key: str) -> Any:
    from regulars.analytics.making.overview import list_segment_moves  # noqa: PLC0415 - heavy: see the facade
    from regulars.analytics.measures.intervals import measure_interval  # noqa: PLC0415

    rows = list_segment_moves(facts, period, measure_interval(facts))
    before, after = _split_key(key)
    return rows.filter(rows.before == before, rows.segment == after).select(
        "member_id", "before", "frequency", "money", after=rows.segment
    )


def _find_tier_moves(facts: Facts, period: Period, key: str) -> Any:
    from regulars.analytics.measures.tiers import list_tier_moves  # noqa: PLC0415 - heavy: see the facade

    rows = list_tier_moves(facts, period)
    before, after = _split_key(key)
    return rows.filter(rows.before == before, rows.after == after)


def _find_first_rewards(facts: Facts, period: Period, key: str) -> Any:
    from regulars.analytics.measures.rewards import list_first_rewards  # noqa: PLC0415 - heavy: see the facade

    rows = list_first_rewards(facts, period)
    return _halve(rows, rows.took, key)


def _halve(rows: Any, counted: Any, key: str) -> Any:
    if key not in {"", COUNTS, COUNTS_NOT}:
        raise NothingBehind("There is no list of members under this key.")
    if not key:
        return rows
    return rows.filter(counted > 0) if key == COUNTS else rows.filter(counted == 0)


def _split_key(key: str) -> tuple[str, str]:
    before, slash, after = key.partition("/")
    if not slash:
        raise NothingBehind("The key names two, as in loyal/slipping.")
    return before, after
