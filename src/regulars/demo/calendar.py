"""Moving a year of purchases to the present: by whole weeks of local time, so that Tuesdays stay Tuesdays."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/New_York")
"""Where the shops are. The data's times are UTC: its last basket, of 2018-01-01 04:01, was bought in 2017."""
FIRST_DAY = date(2017, 1, 1)
LAST_DAY = date(2017, 12, 31)
WEEK = timedelta(days=7)
WEEKS = 53
"""The year began on a Sunday and ended on one: its last week has one day."""


@dataclass(frozen=True, slots=True)
class Shift:
    """So many whole weeks later."""

    weeks: int

    @classmethod
    def ending_before(cls, today: date) -> "Shift":
        """The most weeks with which the last day is yesterday or earlier: at most six days earlier."""
        return cls((today - timedelta(days=1) - LAST_DAY).days // 7)

    def move_day(self, day: date) -> date:
        """A day of the data in the present."""
        return day + self.weeks * WEEK

    def move(self, moment: datetime) -> datetime:
        """A moment of the data (naive, in UTC): the same time of day on the clock of the shops, weeks later.

        Across a change of the clocks the offset from UTC differs, the time of day does not.
        """
        local = moment.replace(tzinfo=UTC).astimezone(ZONE)
        return (local + self.weeks * WEEK).replace(fold=0).astimezone(UTC)


def week_of(moment: datetime) -> int:
    """The number of the week, from 0, of a moment of the data; weeks begin on Sunday, as the year did."""
    return (moment.replace(tzinfo=UTC).astimezone(ZONE).date() - FIRST_DAY).days // 7


def start_of_week(number: int, shift: Shift) -> datetime:
    """The first instant of a week, moved."""
    day = shift.move_day(FIRST_DAY + number * WEEK)
    return datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)
