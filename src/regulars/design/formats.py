"""Points and days as people read them, in the language that is active."""

from datetime import date, datetime

from django.utils import formats, timezone, translation
from django.utils.translation import gettext, ngettext

_FULL_DATE = {"en": "F j, Y"}


def format_points(points: int) -> str:
    """A number of points with its thousands apart: 1,284."""
    return str(formats.number_format(points, use_l10n=True, force_grouping=True))


def format_signed(points: int) -> str:
    """The same with its sign, and a minus that is as wide as the plus: +37, −200."""
    sign = "+" if points > 0 else "−" if points < 0 else ""
    return sign + format_points(abs(points))


def format_day(day: date | datetime, today: date | datetime | None = None) -> str:
    """A calendar day in the active time zone, without its year where that is the year of `today`."""
    day = _local_day(day)
    if today is not None and day.year == _local_day(today).year:
        return str(formats.date_format(day, "MONTH_DAY_FORMAT"))
    return str(formats.date_format(day, _FULL_DATE.get(_language(), "DATE_FORMAT")))


def format_when(instant: datetime, now: datetime) -> str:
    """A past instant as people say it: “Today, 14:05”, “Yesterday, 09:30”, else the day."""
    days = (_local_day(now) - _local_day(instant)).days
    at = formats.date_format(timezone.localtime(instant), "H:i")
    if days == 0:
        return gettext("Today, %(time)s") % {"time": at}
    if days == 1:
        return gettext("Yesterday, %(time)s") % {"time": at}
    return format_day(instant, now)


def format_until(instant: datetime, now: datetime) -> str:
    """A coming instant with its time of day: “today, 18:00”, “November 24, 18:00”."""
    days = (_local_day(instant) - _local_day(now)).days
    at = formats.date_format(timezone.localtime(instant), "H:i")
    day = {0: gettext("today"), 1: gettext("tomorrow")}.get(days) or format_day(instant, now)
    return f"{day}, {at}"


def format_days_left(day: date | datetime, today: date | datetime) -> str:
    """How far a day lies ahead: “today”, “tomorrow”, “in 12 days”."""
    left = (_local_day(day) - _local_day(today)).days
    if left <= 0:
        return gettext("today")
    if left == 1:
        return gettext("tomorrow")
    return ngettext("in %(days)d day", "in %(days)d days", left) % {"days": left}


def _local_day(moment: date | datetime) -> date:
    if isinstance(moment, datetime):
        return timezone.localtime(moment).date()
    return moment


def _language() -> str:
    return (translation.get_language() or "en").split("-")[0]
