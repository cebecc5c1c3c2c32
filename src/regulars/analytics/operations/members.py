"""Measures of members, written to PostgreSQL where pages and segments read them."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db import connection, transaction

from regulars.analytics.making.members import COLUMNS

BATCH = 20_000
"""Rows that become Python objects at once: some megabytes."""
_STAGE = """
    CREATE TEMPORARY TABLE analytics_fresh (
        member_id bigint PRIMARY KEY, r_score smallint, f_score smallint, m_score smallint, segment text,
        usage_interval_days float8, first_order_on date, last_order_on date, orders_count integer,
        spent_minor bigint, lapsed boolean, can_afford_now boolean
    ) ON COMMIT DROP
"""
_CHANGES = """
    INSERT INTO analytics_segment_change (member_id, changed_on, before, after)
    SELECT f.member_id, %(as_of)s, COALESCE(m.segment, ''), f.segment
    FROM analytics_fresh f LEFT JOIN analytics_member_measure m USING (member_id)
    WHERE f.segment IS NOT NULL AND f.segment <> COALESCE(m.segment, '')
        AND (m.as_of IS NULL OR m.as_of <= %(as_of)s)
    ON CONFLICT (member_id, changed_on) DO UPDATE SET after = EXCLUDED.after
"""
# The day was measured anew, and nothing has changed after all.
_TAKE_BACK = "DELETE FROM analytics_segment_change WHERE changed_on = %(as_of)s AND before = after"
_WRITE = """
    INSERT INTO analytics_member_measure AS m (
        member_id, as_of, r_score, f_score, m_score, rfm_cell, segment, segment_since, usage_interval_days,
        first_order_on, last_order_on, orders_count, spent_minor, currency, lapsed, can_afford_now,
        value_method, risk_reasons, lifestyles)
    SELECT member_id, %(as_of)s, r_score, f_score, m_score, concat(r_score, f_score, m_score),
        COALESCE(segment, ''), CASE WHEN segment IS NULL THEN NULL ELSE %(as_of)s END, usage_interval_days,
        first_order_on, last_order_on, orders_count, spent_minor, %(currency)s, lapsed, can_afford_now,
        '', '[]', '[]'
    FROM analytics_fresh
    ON CONFLICT (member_id) DO UPDATE SET
        as_of = EXCLUDED.as_of, r_score = EXCLUDED.r_score, f_score = EXCLUDED.f_score,
        m_score = EXCLUDED.m_score, rfm_cell = EXCLUDED.rfm_cell,
        segment = EXCLUDED.segment,
        segment_since = CASE WHEN m.segment = EXCLUDED.segment THEN m.segment_since
            ELSE EXCLUDED.segment_since END,
        usage_interval_days = EXCLUDED.usage_interval_days, first_order_on = EXCLUDED.first_order_on,
        last_order_on = EXCLUDED.last_order_on, orders_count = EXCLUDED.orders_count,
        spent_minor = EXCLUDED.spent_minor, currency = EXCLUDED.currency, lapsed = EXCLUDED.lapsed,
        can_afford_now = EXCLUDED.can_afford_now
"""
_DROP = """
    DELETE FROM analytics_member_measure m
    WHERE NOT EXISTS (SELECT 1 FROM analytics_fresh f WHERE f.member_id = m.member_id)
"""
_FORGET = """
    DELETE FROM analytics_segment_change c
    WHERE NOT EXISTS (SELECT 1 FROM analytics_fresh f WHERE f.member_id = c.member_id)
"""


@transaction.atomic
def write_measures(*, table: Any, as_of: date, currency: str) -> int:
    """Replace what is measured of members by an Ibis table of `COLUMNS`; gives how many there are.

    Readers see the old measures until all are there. What models have learnt of a member (value, risk,
    lifestyles) stays as it is. Members that are gone (erased, merged) go, with their way through the
    segments. Rows pass in batches. Locks the rows it writes; callers hold the refresh's lock, so that two
    do not write at once.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy(f"COPY analytics_fresh ({', '.join(COLUMNS)}) FROM STDIN") as copy:
            for row in _list_rows(table):
                copy.write_row(row)
        cursor.execute("ANALYZE analytics_fresh")
        parameters: dict[str, date | str] = {"as_of": as_of, "currency": currency}
        cursor.execute(_CHANGES, parameters)
        cursor.execute(_TAKE_BACK, parameters)
        cursor.execute(_WRITE, parameters)
        written: int = cursor.rowcount
        cursor.execute(_DROP)
        cursor.execute(_FORGET)
        cursor.execute("DROP TABLE analytics_fresh")
    return written


def _list_rows(table: Any) -> Iterator[tuple[Any, ...]]:
    # Columns of numbers, a hundred bytes a member; Ibis' own batches fail with this DuckDB.
    for batch in table.to_pyarrow().to_batches(max_chunksize=BATCH):
        columns = [batch.column(name).to_pylist() for name in COLUMNS]
        yield from zip(*columns, strict=True)
