"""The measures in plain Python, as one would work them out by hand: what expressions are compared with."""

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from regulars.analytics.types import Period

Purchase = tuple[int, dt.date, int]
"""Member, day, minor units."""
Rows = dict[int, tuple[int, int]]
"""Numerator and denominator by member."""


def inside(purchases: Sequence[Purchase], period: Period) -> list[Purchase]:
    return [one for one in purchases if period.first <= one[1] < period.after]


def days_of(purchases: Sequence[Purchase], member: int) -> list[dt.date]:
    return sorted({day for who, day, _amount in purchases if who == member})


def members_of(purchases: Sequence[Purchase]) -> list[int]:
    return sorted({member for member, _day, _amount in purchases})


def active(purchases: Sequence[Purchase], period: Period) -> Rows:
    return dict.fromkeys(members_of(inside(purchases, period)), (1, 1))


def new(purchases: Sequence[Purchase], period: Period) -> Rows:
    return {
        member: (1, 1)
        for member in members_of(purchases)
        if period.first <= days_of(purchases, member)[0] < period.after
    }


def repeat(purchases: Sequence[Purchase], period: Period) -> Rows:
    mine = inside(purchases, period)
    return {member: (int(len(days_of(mine, member)) >= 2), 1) for member in members_of(mine)}


def frequency(purchases: Sequence[Purchase], period: Period) -> Rows:
    mine = inside(purchases, period)
    return {member: (sum(who == member for who, _d, _a in mine), 1) for member in members_of(mine)}


def returning(purchases: Sequence[Purchase], period: Period) -> Rows:
    before = Period(period.first - dt.timedelta(days=period.days), period.first)
    now = set(members_of(inside(purchases, period)))
    return {member: (int(member in now), 1) for member in members_of(inside(purchases, before))}


def basket(purchases: Sequence[Purchase], period: Period) -> Rows:
    mine = inside(purchases, period)
    return {
        member: (
            sum(amount for who, _d, amount in mine if who == member),
            sum(who == member for who, _d, _a in mine),
        )
        for member in members_of(mine)
    }


def is_lapsed(days: Sequence[dt.date], at_end_of: dt.date, limit: int) -> bool:
    return not days or (at_end_of - max(days)).days > limit


def churn(purchases: Sequence[Purchase], period: Period, limit: int) -> Rows:
    rows = {}
    eve, last = period.first - dt.timedelta(days=1), period.after - dt.timedelta(days=1)
    for member in members_of(purchases):
        days = days_of(purchases, member)
        if not is_lapsed([day for day in days if day <= eve], eve, limit):
            rows[member] = (int(is_lapsed([day for day in days if day <= last], last, limit)), 1)
    return rows


def lapsed(purchases: Sequence[Purchase], period: Period, limit: int) -> Rows:
    last = period.after - dt.timedelta(days=1)
    rows = {}
    for member in members_of(purchases):
        days = [day for day in days_of(purchases, member) if day <= last]
        if days:
            rows[member] = (int(is_lapsed(days, last, limit)), 1)
    return rows


def intervals(purchases: Sequence[Purchase]) -> dict[int, float]:
    found = {}
    for member in members_of(purchases):
        days = days_of(purchases, member)
        gaps = [(later - day).days for day, later in pairwise(days)]
        if len(gaps) >= 2:
            found[member] = float(median(gaps))
    return found


def retained(
    purchases: Sequence[Purchase], as_of: dt.date, low: int, high: int, *, unbounded: bool
) -> dict[int, tuple[int, int]]:
    """Reached and returned, by member."""
    rows = {}
    for member in members_of(purchases):
        days = days_of(purchases, member)
        ages = [(day - days[0]).days for day in days]
        reached = (as_of - days[0]).days >= high - 1
        came = any(low <= age and (unbounded or age < high) for age in ages)
        rows[member] = (int(reached), int(reached and came))
    return rows


def fifths(values: dict[int, tuple[int, ...]]) -> dict[int, int]:
    """Fifths in the order of the values, the larger the better; the first fifths are the larger ones."""
    ordered = sorted(values, key=lambda member: values[member])
    size, rest = divmod(len(ordered), 5)
    found, place = {}, 0
    for fifth in range(1, 6):
        count = size + (fifth <= rest)
        for member in ordered[place : place + count]:
            found[member] = fifth
        place += count
    return found


def rfm(purchases: Sequence[Purchase], day: dt.date) -> dict[int, tuple[int, int, int]]:
    since = day - dt.timedelta(days=363)
    until = [one for one in purchases if one[1] <= day]
    recent = [one for one in until if one[1] >= since]
    values = {}
    for member in members_of(until):
        lately = -(day - days_of(until, member)[-1]).days
        often = len(days_of(recent, member))
        money = sum(amount for who, _d, amount in recent if who == member)
        values[member] = (lately, often, money)
    r = fifths({m: (lately, often, money, m) for m, (lately, often, money) in values.items()})
    f = fifths({m: (often, money, lately, m) for m, (lately, often, money) in values.items()})
    m_ = fifths({m: (money, often, lately, m) for m, (lately, often, money) in values.items()})
    return {member: (r[member], f[member], m_[member]) for member in values}


def label(purchases: Sequence[Purchase], day: dt.date, slips: int, lapses: int) -> dict[int, str]:
    """Named segments at the end of a day: for each sign, the last clear answer of twelve weekly looks."""
    answers: dict[int, dict[str, bool]] = {}
    for look in [day - dt.timedelta(days=7 * number) for number in reversed(range(12))]:
        for member, signs in _look(purchases, look, slips, lapses).items():
            known = answers.setdefault(member, {})
            known |= {name: clear for name, (clear, _plain) in signs.items() if clear is not None}
            if look == day:
                known |= {name: plain for name, (_clear, plain) in signs.items() if name not in known}
    found = {}
    for member, signs in answers.items():
        is_new = (day - days_of(purchases, member)[0]).days <= lapses
        found[member] = _name(signs, is_new)
    return found


def _look(
    purchases: Sequence[Purchase], look: dt.date, slips: int, lapses: int
) -> dict[int, dict[str, tuple[bool | None, bool]]]:
    until = [one for one in purchases if one[1] <= look]
    recent = [one for one in until if one[1] > look - dt.timedelta(days=364)]
    silent = {member: (look - days_of(until, member)[-1]).days for member in members_of(until)}
    often = {member: len(days_of(recent, member)) for member in silent}
    money = {member: sum(a for who, _d, a in recent if who == member) for member in silent}
    by_often, by_money = _ranks(often), _ranks(money)
    strength = _ranks({member: by_often[member] + by_money[member] for member in silent})
    basket = _ranks({member: money[member] / max(often[member], 1) for member in silent})
    whole = len(silent) - 1
    return {
        member: {
            "slipping": _beyond(silent[member] * 100, slips * 125, slips * 75, slips * 100),
            "lapsed": _beyond(silent[member] * 100, lapses * 125, lapses * 75, lapses * 100),
            "strong": _beside(strength[member] * 100, whole, 70),
            "middling": _beside(strength[member] * 100, whole, 40),
            "big_basket": _beside(basket[member] * 100, whole, 50),
        }
        for member in silent
    }


def _ranks(values: dict[int, float]) -> dict[int, int]:
    return {member: sum(other < value for other in values.values()) for member, value in values.items()}


def _beyond(value: int, high: int, low: int, limit: int) -> tuple[bool | None, bool]:
    return (True if value > high else False if value <= low else None), value > limit


def _beside(value: int, whole: int, share: int) -> tuple[bool | None, bool]:
    high, low = (share + 5) * whole, (share - 5) * whole
    return (True if value > high else False if value < low else None), value > share * whole


def _name(signs: dict[str, bool], is_new: bool) -> str:
    if signs["lapsed"]:
        return "at_risk" if signs["middling"] else "lost"
    if is_new:
        return "new"
    if signs["slipping"] and signs["middling"]:
        return "slipping"
    if signs["strong"]:
        return "champions"
    if signs["middling"]:
        return "loyal"
    return "potential" if signs["big_basket"] else "occasional"
