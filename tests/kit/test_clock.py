"""Law 12: a date is resolved once, in a stated zone, and clamped to the month's end."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.kit.clock import add_months, end_of_day, local_date, start_of_day

ZONES = [
    ZoneInfo(name)
    for name in ("UTC", "America/New_York", "Asia/Shanghai", "Africa/Cairo", "America/Santiago")
]
days = st.dates(date(1990, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
    ],
)
def test_months_are_clamped(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@given(days, st.integers(-600, 600))
def test_months_never_overshoot(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day <= day.day


@given(days, st.sampled_from(ZONES))
def test_a_day_begins_on_itself_and_ends_where_the_next_begins(day: date, zone: ZoneInfo) -> None:
    start, end = start_of_day(day, zone), end_of_day(day, zone)
    assert local_date(start, zone) == day
    assert local_date(end - timedelta(microseconds=1), zone) == day
    assert end == start_of_day(day + timedelta(days=1), zone)
    assert start.tzinfo is UTC


def test_a_midnight_that_the_clocks_skip() -> None:
    """Cairo went from 23:59:59 straight to 01:00 on 28 April 2023."""
    zone = ZoneInfo("Africa/Cairo")
    assert start_of_day(date(2023, 4, 28), zone) == datetime(2023, 4, 27, 22, tzinfo=UTC)
