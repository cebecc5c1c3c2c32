"""Calendar arithmetic in a stated time zone. Nothing here reads the clock but `utc_now`."""

import calendar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def utc_now() -> datetime:
    """The present instant. Only surfaces and jobs call it; everything below is handed `now`."""
    return datetime.now(UTC)


def add_months(day: date, months: int) -> date:
    """The same day `months` later, clamped to the month's end (31 January + 1 = 28 or 29 February)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    month += 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def local_date(instant: datetime, zone: ZoneInfo) -> date:
    """The calendar day on which an aware instant falls in `zone`."""
    return instant.astimezone(zone).date()


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of `day` in `zone`, in UTC. A skipped midnight means the instant of the jump."""
    local = datetime.combine(day, time.min, tzinfo=zone)
    return local.astimezone(UTC)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which `day` is over in `zone`, in UTC: the start of the next day (half-open)."""
    return start_of_day(day + timedelta(days=1), zone)
