"""Pure decisions of finance: the line of an entry, the money of points, what a period may be."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from regulars.finance.errors import CostInvalid, CostNotAhead, PeriodInvalid
from regulars.finance.types import (
    Expiry,
    ExpiryBucket,
    Liability,
    LiabilityQuestion,
    Movements,
    MovementsQuestion,
    Period,
    PointCost,
    Position,
    Question,
    ReportKind,
    Step,
)
from regulars.kit.clock import add_months, local_date, start_of_day
from regulars.kit.fingerprint import fingerprint
from regulars.kit.money import minor_digits
from regulars.ledger.facade import Currency

SETTLING = timedelta(minutes=5)
"""After so long no transaction that began before an instant can still be running, and clocks agree."""
FRESH_FOR = timedelta(minutes=15)
"""How old a stored report of a time that is not closed may be before a newer one is made."""
COST_MAX = Decimal(1_000_000)
COST_DECIMALS = 9
GAP_MONTHS_MAX = 36
"""Longer gaps between months in which points lapse are not filled with empty months."""

# Lines that change what members have, then lines that move points within the wallets, then lines that move
# none.
LINES = (
    *("earned", "spent", "refunded", "expired", "reversed", "adjusted_up", "adjusted_down"),
    *("transfer_out", "transfer_in", "merge_out", "merge_in"),
    *("activated", "held", "released", "repaid"),
    *("reversed_lapsed", "restored", "waived", "extended"),
)
_BY_KIND = {
    "earn": "earned",
    "spend": "spent",
    "capture": "spent",
    "refund": "refunded",
    "expire": "expired",
    "reverse": "reversed",
    "activate": "activated",
    "hold": "held",
    "release": "released",
    "repay": "repaid",
    "waive": "waived",
    "restore": "restored",
    "extend": "extended",
}


def line_of(kind: str, debit: str, credit: str) -> str:
    """The line of the report that an entry belongs to; an unknown kind has a line of its own."""
    if kind == "reverse" and debit == "expired":
        return "reversed_lapsed"
    if kind == "adjust":
        return "adjusted_up" if credit == "active" else "adjusted_down"
    return _BY_KIND.get(kind, kind)


def place_of(line: str) -> tuple[int, str]:
    """Where a line stands in the report."""
    return (LINES.index(line) if line in LINES else len(LINES), line)


def effect_of(debit: str, credit: str, points: int) -> Position:
    """What moving points from one account to another does to the wallets."""

    def moved(state: str) -> int:
        return points * ((credit == state) - (debit == state))

    return Position(moved("active"), moved("pending"), moved("held"), -moved("debt"))


def is_final(instant: datetime, now: datetime) -> bool:
    """Whether nothing more can be booked before an instant."""
    return instant <= now - SETTLING


def check_period(period: Period, now: datetime) -> None:
    """Raises PeriodInvalid."""
    if period.end <= period.start:
        raise PeriodInvalid("The period ends before it begins: its end is the first moment outside of it.")
    if period.start > now:
        raise PeriodInvalid("The period has not begun yet.")


def check_instant(as_of: datetime, now: datetime) -> None:
    """Raises PeriodInvalid."""
    if as_of > now:
        raise PeriodInvalid("That instant has not come yet: nobody knows what will be booked until then.")


def is_fresh(report: Liability | Movements, made_at: datetime, now: datetime) -> bool:
    """Whether a stored report can be shown as it is: for ever where it is final."""
    return report.is_final or made_at > now - FRESH_FOR


def write_question(question: Question) -> dict[str, Any]:
    """A question as plain values."""
    told = asdict(question)
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in told.items()}


def read_question(kind: str, told: dict[str, Any]) -> Question:
    """The question back from its plain values."""
    currency = Currency(told["currency"])
    if kind == ReportKind.LIABILITY:
        return LiabilityQuestion(date.fromisoformat(told["day"]), currency)
    step = Step(told["step"]) if told["step"] else None
    return MovementsQuestion(
        date.fromisoformat(told["first_day"]), date.fromisoformat(told["last_day"]), step, currency
    )


def mark_of(question: Question) -> str:
    """Sixty-four letters that no other question has."""
    return fingerprint([question.kind, write_question(question)]).hex()


def end_by(period: Period, now: datetime) -> Period:
    """The period as far as it has come: points that will lapse in the rest of it have not lapsed yet."""
    return replace(period, end=min(period.end, now))


def bucket_of(month: date | None, kind: str) -> ExpiryBucket:
    """A bucket out of a row."""
    return ExpiryBucket(Expiry(kind), month if kind == Expiry.MONTH else None)


def order_of(bucket: ExpiryBucket) -> tuple[int, date]:
    """Past first, then month by month, then never, then not yet known."""
    return list(Expiry).index(bucket.kind), bucket.month or date.min


def list_buckets(found: Iterable[ExpiryBucket]) -> Iterator[ExpiryBucket]:
    """Every bucket found, in order, and the empty months between them."""
    before: date | None = None
    for bucket in sorted(found, key=order_of):
        if bucket.month and before:
            coming = add_months(before, 1)
            if bucket.month <= add_months(before, GAP_MONTHS_MAX):
                while coming < bucket.month:
                    yield ExpiryBucket(Expiry.MONTH, coming)
                    coming = add_months(coming, 1)
        before = bucket.month or before
        yield bucket


def value_in_turn(points: Sequence[int], cost: PointCost | None) -> list[int | None]:
    """What each of several amounts is reckoned at, in minor units, so that the parts add up to the whole.

    The sum so far is rounded half away from zero, and each part is the difference of two such sums: every
    part is off by less than one minor unit, and the last sum is the value of the total.
    """
    if cost is None:
        return [None] * len(points)
    values: list[int | None] = []
    so_far = valued = 0
    for part in points:
        so_far += part
        value = _value(so_far, cost)
        values.append(value - valued)
        valued = value
    return values


def value_of(points: int, cost: PointCost | None) -> int | None:
    """What an amount is reckoned at, in minor units, rounded half away from zero; None without a cost."""
    return None if cost is None else _value(points, cost)


def _value(points: int, cost: PointCost) -> int:
    exact = Fraction(abs(points)) * Fraction(cost.cost) * 10 ** minor_digits(cost.currency)
    rounded = (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
    return int(rounded) if points >= 0 else -int(rounded)


def check_cost(cost: Decimal) -> None:
    """Raises CostInvalid."""
    if not cost.is_finite() or not 0 <= cost <= COST_MAX:
        raise CostInvalid("The cost of a point is a number from 0 to 1,000,000, such as 0.005.")
    if cost != round(cost, COST_DECIMALS):
        raise CostInvalid(f"The cost of a point has at most {COST_DECIMALS} decimals.")


def check_effective(effective_on: date, latest: PointCost | None, today: date) -> None:
    """A cost begins after today and after the one before, so that no report changes. Raises CostNotAhead.

    The first one may begin at any time: before it nothing was reckoned.
    """
    if latest is None:
        return
    if effective_on <= latest.effective_on:
        raise CostNotAhead(
            f"A cost is set from {latest.effective_on.isoformat()} on: the next one begins on a later day.",
            latest=latest.effective_on.isoformat(),
        )
    if effective_on <= today:
        raise CostNotAhead(
            f"Reports up to today may be in use: a new cost begins after {today.isoformat()}.",
            today=today.isoformat(),
        )


def cost_before(costs: Sequence[PointCost], instant: datetime, zone: ZoneInfo) -> PointCost | None:
    """The cost in force just before an instant; `costs` come latest first.

    Just before: the books of a year that ends at midnight do not know the price of the new year.
    """
    return next((one for one in costs if start_of_day(one.effective_on, zone) < instant), None)


_FORMULA_SIGNS = frozenset("=+-@")
_CONTROLS = dict.fromkeys((*range(32), 127, 0x85, 0x2028, 0x2029), " ")


def make_safe(text: str) -> str:
    """A text that stays in its cell and that no spreadsheet takes for a formula.

    What begins like a formula gets an apostrophe in front; line ends and other controls become blanks.
    """
    plain = text.translate(_CONTROLS)
    return f"'{plain}" if plain.lstrip()[:1] in _FORMULA_SIGNS else plain


def stretch_name(period: Period) -> str:
    """A period in the name of a file: its first and last day where it is whole days, else instants in UTC."""
    days = [local_date(instant, period.zone) for instant in (period.start, period.end)]
    if [start_of_day(day, period.zone) for day in days] == [period.start, period.end]:
        return f"{days[0].isoformat()}_{(days[1] - timedelta(days=1)).isoformat()}"
    instants = [instant.astimezone(UTC) for instant in (period.start, period.end)]
    return "_".join(instant.strftime("%Y-%m-%dT%H%M%S.%fZ") for instant in instants)
