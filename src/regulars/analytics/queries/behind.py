"""The members behind a number: the very rows that it is the sum of.

What is stored of each member (segments, scores, value, risk) is read from PostgreSQL. The rest a job asks of
the facts again, by the same expression that made the figure, and keeps as a list (`operations/behind.py`).
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.db.models import F, FloatField, QuerySet
from django.db.models.functions import Cast

from regulars.analytics.codes import Measure, RetentionKind, Segment
from regulars.analytics.errors import NothingBehind
from regulars.analytics.models import BehindList, BehindMember, MemberMeasure
from regulars.analytics.types import BehindReady, BehindWaiting, MemberBehind, Period
from regulars.facts.facade import Facts
from regulars.kit.paging import Page, decode_cursor, encode_cursor

COUNTS, COUNTS_NOT = "yes", "no"
AGE_MAX = 10_000
"""Days since a first purchase that a bracket may reach to."""
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
OF_A_DAY = frozenset({Measure.SEGMENT, Measure.RFM})
"""Of these only as of the last refresh: where members stood on an earlier day, the facts tell."""


def is_stored(measure: Measure, period: Period) -> bool:
    """Whether a list is read from what is stored of each member. One query at most."""
    if measure not in OF_A_DAY:
        return measure in STORED
    # One refresh measures all of them: any member tells the day.
    as_of = MemberMeasure.objects.order_by("pk").values_list("as_of", flat=True).first()
    return as_of is None or period.after - timedelta(days=1) >= as_of


def find_behind(
    measure: Measure, period: Period, key: str, facts_to: date | None
) -> BehindReady | BehindWaiting | None:
    """The list where it can be read; since when it is being made; None where nobody asked for it.

    `facts_to` is how far the facts reach: what was listed of fewer days is old. Three queries at most.
    """
    if is_stored(measure, period):
        return BehindReady(measure, key)
    rows = BehindList.objects.filter(measure=measure, key=key, first=period.first, after=period.after)
    made = rows.filter(made_at__isnull=False, as_of=facts_to).order_by("-pk").first()
    if made is not None:
        return BehindReady(measure, key, made.pk)
    waiting = rows.filter(made_at__isnull=True).first()
    return None if waiting is None else get_waiting(waiting)


def get_waiting(row: BehindList) -> BehindWaiting:
    """Since when a list is being made, and how long the last one of its measure took. One query."""
    lately = BehindList.objects.filter(measure=row.measure, seconds__isnull=False).order_by("-made_at")
    seconds = lately.values_list("seconds", flat=True).first()
    return BehindWaiting(row.asked_at, None if seconds is None else max(1, round(seconds)), row.failure)


def list_behind(behind: BehindReady, cursor: str | None, size: int) -> Page[MemberBehind]:
    """A page of a list that can be read. Two queries. Raises NothingBehind, BadCursor."""
    if behind.list_id is None:
        return list_stored(behind.measure, behind.key, cursor, size)
    after = int(decode_cursor(cursor, (int,))[0]) if cursor else -(2**63)
    rows = BehindMember.objects.filter(list_id=behind.list_id, member_id__gt=after)
    found = list(rows.order_by("member_id")[: size + 1])
    items = tuple(MemberBehind(row.member_id, row.figures) for row in found[:size])
    return Page(items, encode_cursor(items[-1].member_id) if len(found) > size else None)


def list_stored(measure: Measure, key: str, cursor: str | None, size: int) -> Page[MemberBehind]:
    """Members by what the last refresh measured of them. Two queries. Raises NothingBehind, BadCursor.

    `key`: of SEGMENT its code; of RFM the cell ("545"), or recency and frequency alone ("54"); of LIFESTYLE
    its code; else empty. Those with the most value or risk come first, else they go by number.
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
    if measure is Measure.RFM and is_cell(key):
        return rows.filter(rfm_cell=key) if len(key) == 3 else rows.filter(rfm_cell__startswith=key)
    if measure is Measure.USAGE_INTERVAL and not key:
        return rows.filter(usage_interval_days__isnull=False)
    if measure is Measure.LIFESTYLE and key:
        return rows.filter(lifestyles__contains=[{"code": key}])
    raise NothingBehind("There is no list of members under this key.")


def is_cell(key: str) -> bool:
    """Whether a key names a cell of RFM, of all three scores or the first two."""
    return len(key) in {2, 3} and set(key) <= set("12345")


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
    "<kind>/<first day of the cohort>/<age>/<yes or no>", where the age is its place or its days ("1-8", the
    second exclusive); of SEGMENT_MOVES and TIER_MOVES "<before>/<after>"; of SEGMENT and RFM as of what is
    stored.
    """
    rows = find_rows(facts, measure, period, key)
    after = int(decode_cursor(cursor, (int,))[0]) if cursor else None
    if after is not None:
        rows = rows.filter(rows.member_id > after)
    found = rows.order_by("member_id").limit(size + 1).to_pyarrow().to_pylist()
    items = tuple(read_row(row) for row in found[:size])
    return Page(items, encode_cursor(items[-1].member_id) if len(found) > size else None)


def find_rows(facts: Facts, measure: Measure, period: Period, key: str) -> Any:
    """All of them, as an expression (member_id, then what they add). Raises NothingBehind."""
    # Heavy: see the facade.
    from regulars.analytics.measures.basis import settle_facts  # noqa: PLC0415

    return _find_rows(settle_facts(facts), measure, period, key)


def read_row(row: dict[str, Any]) -> MemberBehind:
    """A row of `find_rows`; days as text."""
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
        Measure.SEGMENT: _find_segment,
        Measure.RFM: _find_cell,
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
        kind, cohort = RetentionKind(kind_code), date.fromisoformat(first)
        ages = BRACKETS if kind is RetentionKind.BRACKETS else list_steps()
        if "-" in age:
            low, high = (int(days) if days else None for days in age.split("-"))
            if low is None or not 0 < low < (high or AGE_MAX) <= AGE_MAX:
                raise ValueError(age)
            ages, age = ((low, high),), "0"
        number = int(age)
    except ValueError as error:
        raise NothingBehind("There is no such cohort.") from error
    rows = list_retained(facts, period, kind, ages)
    rows = rows.filter(rows.cohort == cohort, rows.age == number, rows.reached == 1)
    return _halve(rows, rows.returned, half).select("member_id", "first_on", "returned")


def _find_segment(facts: Facts, period: Period, key: str) -> Any:
    from regulars.analytics.measures.intervals import measure_interval  # noqa: PLC0415 - heavy: see the facade
    from regulars.analytics.measures.segments import label_at  # noqa: PLC0415

    if key not in set(Segment):
        raise NothingBehind("There is no list of members under this key.")
    rows = label_at(facts, [period.after - timedelta(days=1)], measure_interval(facts))
    return rows.filter(rows.segment == key).select("member_id", "segment", "frequency", "money")


def _find_cell(facts: Facts, period: Period, key: str) -> Any:
    from regulars.analytics.measures.rfm import hold_looks, list_rfm, score_rfm  # noqa: PLC0415 - heavy

    if not is_cell(key):
        raise NothingBehind("There is no list of members under this key.")
    rows = score_rfm(list_rfm(facts, hold_looks([period.after - timedelta(days=1)])))
    scores = (rows.r_score, rows.f_score, rows.m_score)[: len(key)]
    wanted = [score == int(told) for score, told in zip(scores, key, strict=True)]
    return rows.filter(*wanted).select("member_id", "r_score", "f_score", "m_score", "frequency", "money")


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
