"""The day a condition is asked on, and the instants at which its windows begin and end."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from regulars.kit.clock import end_of_day, local_date, start_of_day
from regulars.segments.tree.nodes import Window

EARLIEST = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day in the shop's time zone. Every window of a statement is resolved from it, once."""

    today: date
    zone: ZoneInfo

    @classmethod
    def of(cls, now: datetime, zone: ZoneInfo) -> "Day":
        """The day it is at an instant."""
        return cls(local_date(now, zone), zone)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A window in instants, half-open; None where it has no such end."""

    start: datetime | None
    end: datetime | None


def resolve_window(window: Window, day: Day) -> Stretch:
    """When a window begins and ends."""
    if window.next_days is not None:
        ahead = day.today + timedelta(days=window.next_days)
        return Stretch(start_of_day(day.today, day.zone), end_of_day(ahead, day.zone))
    if window.first is not None and window.before is not None:
        return Stretch(start_of_day(window.first, day.zone), start_of_day(window.before, day.zone))
    if window.from_days_ago is not None:
        first = max(day.today - timedelta(days=window.from_days_ago - 1), EARLIEST)
        last = max(day.today - timedelta(days=window.to_days_ago), EARLIEST)
        return Stretch(start_of_day(first, day.zone), end_of_day(last, day.zone))
    return Stretch(None, None)
