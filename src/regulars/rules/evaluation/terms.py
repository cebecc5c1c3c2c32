"""When points become active and when they lapse: resolved once, in the programme's zone, clamped (law 12)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from regulars.kit.clock import add_months, end_of_day, local_date
from regulars.rules.types import Expiry, ExpiryKind, Pending, Programme

_PERIOD_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True)
class Dates:
    """What one pair of pending and expiry means for points earned on one local day."""

    activates_at: datetime | None
    awaits: str | None
    expires_at: datetime | None
    sliding: bool


def resolve_dates(pending: Pending, expiry: Expiry, day: date, zone: ZoneInfo) -> Dates:
    """The instants for points earned on `day`. Waiting days are whole: they end with the last of them."""
    sliding = expiry.kind is ExpiryKind.INACTIVITY
    if pending.awaits is not None:
        return Dates(None, pending.awaits, None, sliding)
    activates_at = end_of_day(day + timedelta(days=pending.days), zone) if pending.days else None
    active_on = local_date(activates_at, zone) if activates_at is not None else day
    return Dates(activates_at, None, _lapse(expiry, active_on, zone), sliding)


def resolve_expiry(
    programme: Programme, rule_or_expiry: str | Expiry | None, activated_at: datetime
) -> datetime | None:
    """When points that became active at `activated_at` lapse; None for never.

    Give a posting's `rule`, an Expiry, or None for the programme's own. For an inactivity expiry,
    `activated_at` is the last activity. A rule that is not in the programme follows the programme.
    """
    expiry = rule_or_expiry if isinstance(rule_or_expiry, Expiry) else None
    if isinstance(rule_or_expiry, str):
        rule = programme.find_rule(rule_or_expiry)
        expiry = rule.expiry if rule is not None else None
    zone = programme.time_zone
    return _lapse(expiry or programme.expiry, local_date(activated_at, zone), zone)


def _lapse(expiry: Expiry, active_on: date, zone: ZoneInfo) -> datetime | None:
    last = last_day(expiry, active_on)
    return None if last is None else end_of_day(last, zone).astimezone(UTC)


def last_day(expiry: Expiry, active_on: date) -> date | None:
    """The last local day on which points active from `active_on` can be spent; None for ever."""
    if expiry.kind is ExpiryKind.NEVER:
        return None
    if expiry.kind is ExpiryKind.FIXED_DATE:
        return expiry.on
    if expiry.kind is ExpiryKind.END_OF_PERIOD:
        months = _PERIOD_MONTHS[expiry.period]
        first = date(active_on.year, (active_on.month - 1) // months * months + 1, 1)
        return add_months(first, months) - timedelta(days=1)
    return add_months(active_on, expiry.months)
