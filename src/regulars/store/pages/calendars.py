"""A reminder for the member's own calendar, as RFC 5545 writes it."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from regulars.redemption import facade as redemption

LINE_BYTES_MAX = 75
REMIND_BEFORE = "-P3D"
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": ""})


def can_remind(view: redemption.RedemptionView, now: datetime) -> bool:
    """Whether there is a last day ahead to be reminded of."""
    return _ends_at(view) is not None and redemption.find_shelf(view, now) is redemption.Shelf.READY


def write_reminder(view: redemption.RedemptionView, *, link: str, now: datetime) -> bytes:
    """One event on the last day in the active time zone, with an alarm three days before it.

    The code itself is left out: calendars are shared. The caller sees to it that `can_remind`.
    """
    ends_at = _ends_at(view)
    if ends_at is None:
        raise RuntimeError("What never ends has no last day.")
    last = localtime(ends_at - timedelta(microseconds=1)).date()
    title = _("Last day: %(reward)s") % {"reward": view.reward_name}
    text = _("Redeemed for you and waiting, reference %(reference)s.") % {"reference": view.reference}
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Regulars//Store//EN",
        "BEGIN:VEVENT",
        f"UID:redemption-{view.id}@{urlsplit(link).hostname}",
        f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{last:%Y%m%d}",
        f"DTEND;VALUE=DATE:{last + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{title.translate(_ESCAPED)}",
        f"DESCRIPTION:{text.translate(_ESCAPED)}",
        f"URL:{link}",
        "TRANSP:TRANSPARENT",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"TRIGGER:{REMIND_BEFORE}",
        f"DESCRIPTION:{title.translate(_ESCAPED)}",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return b"".join(_fold(line) for line in lines)


def _ends_at(view: redemption.RedemptionView) -> datetime | None:
    return view.valid_until or view.times_out_at


def _fold(line: str) -> bytes:
    """A line and its break; beyond 75 octets it goes on after a break and a blank, never inside a letter."""
    parts, part = [], ""
    for letter in line:
        if len((part + letter).encode()) > LINE_BYTES_MAX:
            parts.append(part)
            part = " "
        part += letter
    return "\r\n".join([*parts, part, ""]).encode()
