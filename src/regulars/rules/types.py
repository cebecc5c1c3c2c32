"""What crosses the door of the rules: the programme as values, what it is told, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from regulars.kit.ids import ProgrammeVersion
from regulars.kit.points import Rounding


class LineKind(StrEnum):
    """What a line of a basket stands for."""

    PRODUCT = "product"
    SHIPPING = "shipping"
    TAX = "tax"
    GIFT_CARD = "gift_card"
    FEE = "fee"


class Metric(StrEnum):
    """What a tier is reached by; each has a qualifying wallet of its own in the ledger."""

    POINTS = "points"
    SPEND = "spend"
    VISITS = "visits"


class RoundAt(StrEnum):
    """Where fractions of a point become whole: on each line, or on the basket's subtotal per rule."""

    LINE = "line"
    SUBTOTAL = "subtotal"


class Stacking(StrEnum):
    """What happens where several multipliers meet on a line: they multiply, or the best one wins."""

    MULTIPLY = "multiply"
    BEST = "best"


class CapScope(StrEnum):
    """Whose use of a rule a cap counts."""

    MEMBER = "member"
    PROGRAMME = "programme"


class CapPeriod(StrEnum):
    """Over what time a cap counts, in the programme's calendar."""

    DAY = "day"
    MONTH = "month"
    EVER = "ever"


class ExpiryKind(StrEnum):
    """When points lapse."""

    NEVER = "never"
    AFTER_MONTHS = "after_months"
    FIXED_DATE = "fixed_date"
    END_OF_PERIOD = "end_of_period"
    INACTIVITY = "inactivity"


class Shortfall(StrEnum):
    """What a return may take where the member has already spent the points."""

    PENDING_ONLY = "pending_only"
    BALANCE_ONLY = "balance_only"
    DEBT = "debt"


@dataclass(frozen=True, slots=True)
class BasketLine:
    """One line of a basket. `amount` is what was paid for the whole line, in minor units, after discounts."""

    line_no: int
    sku: str
    quantity: int
    amount: int
    kind: LineKind = LineKind.PRODUCT
    brand: str = ""
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Basket:
    """What was, or would be, bought at one moment."""

    occurred_at: datetime
    lines: tuple[BasketLine, ...]
    store: str = ""
    channel: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Happening:
    """Something a member did, or that happened to them, other than buying: a sign-up, a birthday, a review."""

    kind: str
    occurred_at: datetime
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UsageKey:
    """What a cap counts: `period` is `day:2026-11-20`, `month:2026-11` or `ever`."""

    rule: str
    scope: CapScope
    period: str


@dataclass(frozen=True, slots=True)
class MemberState:
    """All that the evaluator may know of a member at the moment of the event."""

    tier: str | None = None
    segments: frozenset[str] = frozenset()
    joined_on: date | None = None
    birthday: date | None = None
    orders_before: int = 0
    used: Mapping[UsageKey, int] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why, as data: `code` names a sentence, `params` fill it. `rules.explain` renders it in the reader's language."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """What one rule gave. `shares` says to which lines it belongs: (line_no, points), adding up to `points`."""

    rule: str
    points: int
    shares: tuple[tuple[int, int], ...]
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class Posting:
    """One credit to be posted: parts of equal currency, pending period and expiry, together."""

    currency: str
    amount: int
    parts: tuple[Part, ...]
    activates_at: datetime | None = None
    awaits: str | None = None
    expires_at: datetime | None = None
    sliding: bool = False


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The answer: credits to post, what they use up of caps and budgets, and what was left out and why."""

    version: ProgrammeVersion
    postings: tuple[Posting, ...]
    usage: tuple[tuple[UsageKey, int], ...] = ()
    notes: tuple[Explanation, ...] = ()

    def points_of(self, currency: str) -> int:
        """The sum of what is credited in one currency."""
        return sum(posting.amount for posting in self.postings if posting.currency == currency)


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a programme document: where it stands and what is wrong, for a person to mend."""

    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.field}: {self.message}"


@dataclass(frozen=True, slots=True)
class Expiry:
    """When points lapse. `months` for after_months and inactivity; `on` for fixed_date; `period` (month, quarter, year) for end_of_period."""

    kind: ExpiryKind
    months: int = 0
    on: date | None = None
    period: str = ""


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `points` in one period, for a member or for the whole programme (a budget)."""

    scope: CapScope
    period: CapPeriod
    points: int


@dataclass(frozen=True, slots=True)
class Match:
    """Which lines a rule is about; empty means any. All given conditions must hold."""

    skus: frozenset[str] = frozenset()
    brands: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    not_skus: frozenset[str] = frozenset()
    not_brands: frozenset[str] = frozenset()
    not_categories: frozenset[str] = frozenset()
    quantity_min: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """When a rule holds, in the programme's time zone. `weekdays` are 0 (Monday) to 6; times are half-open."""

    active_from: datetime | None = None
    active_to: datetime | None = None
    weekdays: frozenset[int] = frozenset()
    time_from: time | None = None
    time_to: time | None = None


@dataclass(frozen=True, slots=True)
class TierDefinition:
    """One tier. `threshold` is in the metric's unit (points, minor units, visits); `rank` starts at 0 for the lowest."""

    code: str
    name: str
    rank: int
    threshold: int
    earn_multiplier: Fraction = Fraction(1)
    early_access_hours: int = 0
    perks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TierPolicy:
    """How status is won and lost. `window` is rolling or calendar (year); downgrade goes one step after the grace."""

    metric: Metric = Metric.POINTS
    window: str = "rolling"
    window_months: int = 12
    grace_days: int = 0
    tiers: tuple[TierDefinition, ...] = ()


@dataclass(frozen=True, slots=True)
class ReturnPolicy:
    """What a returned order, or a cancelled redemption, does to points."""

    shortfall: Shortfall = Shortfall.DEBT
    lapsed_grace_days: int = 0
