"""Whether points live shorter, wait longer, or are rounded lower than before."""

from regulars.kit.points import Rounding
from regulars.rules.types import Expiry, ExpiryKind, Pending, RoundAt, Shortfall

_ROUNDINGS = (Rounding.FLOOR, Rounding.HALF_UP, Rounding.CEIL)
_SHORTFALLS = (Shortfall.DEBT, Shortfall.BALANCE_ONLY, Shortfall.PENDING_ONLY)
_PERIOD_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def lapses_sooner(before: Expiry, after: Expiry) -> bool:
    """True unless points certainly live at least as long as before, whenever they are earned."""
    if before == after or after.kind is ExpiryKind.NEVER:
        return False
    if before.kind is ExpiryKind.FIXED_DATE and after.kind is ExpiryKind.FIXED_DATE:
        return before.on is not None and after.on is not None and after.on < before.on
    most, least = _longest_months(before), _shortest_months(before, after)
    # A clock that activity winds up, a date and a count of months cannot be ranked for everyone.
    return most is None or least is None or least < most


def _longest_months(expiry: Expiry) -> int | None:
    """How many months points may live at most; None where that cannot be said in months."""
    if expiry.kind is ExpiryKind.END_OF_PERIOD:
        return _PERIOD_MONTHS[expiry.period]
    return expiry.months or None


def _shortest_months(before: Expiry, after: Expiry) -> int | None:
    """How many months points live at least, seen from how they lived before; None where nobody can say."""
    if after.kind is ExpiryKind.END_OF_PERIOD:
        # A longer period that holds the shorter one ends no earlier; of a count of months it may fall short.
        return _PERIOD_MONTHS[after.period] if before.kind is after.kind else 0
    if before.kind is ExpiryKind.INACTIVITY and after.kind is not before.kind:
        return None
    return after.months or None


def waits_longer(before: Pending, after: Pending) -> bool:
    """True unless points can certainly be spent at least as early as before."""
    if before == after or (not after.awaits and not after.days):
        return False
    if before.awaits or after.awaits:
        return True
    return after.days > before.days


def rounds_lower(before: Rounding, after: Rounding) -> bool:
    """True where fractions of a point now give less."""
    return _ROUNDINGS.index(after) < _ROUNDINGS.index(before)


def rounds_elsewhere_lower(before: RoundAt, after: RoundAt, rounding: Rounding) -> bool:
    """True where rounding on lines instead of the subtotal, or the other way round, can give less."""
    if before is after:
        return False
    if rounding is Rounding.HALF_UP:
        return True
    worse = RoundAt.LINE if rounding is Rounding.FLOOR else RoundAt.SUBTOTAL
    return after is worse


def takes_more(before: Shortfall, after: Shortfall) -> bool:
    """True where a return now takes more from one who has spent the points."""
    return _SHORTFALLS.index(after) < _SHORTFALLS.index(before)
