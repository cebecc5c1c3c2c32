"""A year moved to the present by whole weeks of local time."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from regulars.demo.calendar import LAST_DAY, ZONE, Shift, start_of_week, week_of
from regulars.kit.clock import local_date

days = st.dates(date(2018, 1, 2), date(2199, 12, 31))
# The data's times are naive, in UTC.
moments = st.datetimes(datetime(2017, 1, 1, 5), datetime(2018, 1, 1, 4, 59))  # noqa: DTZ001


def local(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC).astimezone(ZONE)


@given(days)
def test_the_year_ends_yesterday_or_at_most_six_days_before(today) -> None:
    last = Shift.ending_before(today).move_day(LAST_DAY)
    assert timedelta(days=1) <= today - last <= timedelta(days=7)


@given(days, moments)
def test_day_of_the_week_and_time_of_day_stay_what_they_were(today, moment) -> None:
    moved = Shift.ending_before(today).move(moment).astimezone(ZONE)
    assert moved.weekday() == local(moment).weekday()
    skipped_hour = timedelta(hours=1) if moved.time() != local(moment).time() else timedelta()
    assert (moved - skipped_hour).time() == local(moment).time()


@given(days, moments)
def test_what_was_bought_in_a_week_is_in_that_week(today, moment) -> None:
    shift = Shift.ending_before(today)
    number = week_of(moment)
    assert start_of_week(number, shift) <= shift.move(moment) < start_of_week(number + 1, shift)
    assert local_date(shift.move(moment), ZONE) == shift.move_day(local(moment).date())


def test_the_last_basket_of_the_data_is_of_new_years_eve() -> None:
    last = datetime(2018, 1, 1, 4, 1, 20)  # noqa: DTZ001 (the data's times are naive)
    moved = Shift.ending_before(date(2026, 11, 23)).move(last)
    assert moved.astimezone(ZONE) == datetime(2026, 11, 22, 23, 1, 20, tzinfo=ZONE)
    assert week_of(last) == 52
