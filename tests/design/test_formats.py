"""How points and days are written, in each language and zone."""

from datetime import UTC, datetime

import pytest
from django.utils import formats, timezone, translation

from regulars.design import facade as design

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "written"), [("en", "1,284,000"), ("ru", "1\xa0284\xa0000"), ("zh-hans", "1,284,000")]
)
def test_thousands_stand_apart(language: str, written: str) -> None:
    with translation.override(language):
        assert design.format_points(1_284_000) == written


def test_a_sign_is_always_there_and_minus_is_as_wide_as_plus() -> None:
    assert [design.format_signed(points) for points in (37, -1200, 0)] == ["+37", "−1,200", "0"]


def test_the_year_is_named_only_where_it_is_another_one() -> None:
    assert design.format_day(datetime(2026, 1, 31, 12, tzinfo=UTC), NOON) == "January 31"
    assert design.format_day(datetime(2027, 1, 31, 12, tzinfo=UTC), NOON) == "January 31, 2027"
    assert design.format_day(datetime(2026, 1, 31, 12, tzinfo=UTC)) == "January 31, 2026"


def test_instants_are_told_as_people_do() -> None:
    assert design.format_when(NOON, NOON) == "Today, 12:00"
    assert design.format_when(datetime(2026, 11, 21, 23, 59, tzinfo=UTC), NOON) == "Yesterday, 23:59"
    assert design.format_when(datetime(2026, 11, 20, 1, tzinfo=UTC), NOON) == "November 20"
    assert design.format_until(datetime(2026, 11, 23, 18, tzinfo=UTC), NOON) == "tomorrow, 18:00"
    assert design.format_until(datetime(2026, 11, 24, 18, tzinfo=UTC), NOON) == "November 24, 18:00"


def test_days_ahead_are_counted_in_days() -> None:
    days = [datetime(2026, 11, day, 23, tzinfo=UTC) for day in (21, 22, 23, 30)]
    assert [design.format_days_left(day, NOON) for day in days] == ["today", "today", "tomorrow", "in 8 days"]


@pytest.mark.parametrize(("zone", "day"), [("UTC", "November 22"), ("America/New_York", "November 21")])
def test_a_day_is_that_of_the_zone(zone: str, day: str) -> None:
    with timezone.override(zone):
        assert design.format_day(datetime(2026, 11, 22, 0, 30, tzinfo=UTC), NOON) == day


def test_day_and_month_agree_in_russian() -> None:
    with translation.override("ru"):
        assert design.format_day(datetime(2026, 11, 24, 12, tzinfo=UTC), NOON) == "24 ноября"


def test_a_russian_sentence_that_ends_in_a_year_ends_in_one_point() -> None:
    with translation.override("ru"):
        assert design.format_day(datetime(2027, 2, 20, 12, tzinfo=UTC), NOON) == "20 февраля 2027"
        assert formats.date_format(NOON, "YEAR_MONTH_FORMAT") == "Ноябрь 2026"
