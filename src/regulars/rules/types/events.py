"""What the evaluator is told: a basket or a happening, and what is known of the member at that moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from regulars.rules.types.words import CapScope, LineKind


class BasketLine(NamedTuple):
    """One line of a basket. `amount` is what was paid for the whole line, in minor units, after discounts.

    A tuple, as lines come by the million and a frozen dataclass takes seven times as long to make.
    """

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
    """Something a member did, or that befell them, other than buying: a sign-up, a birthday, a review."""

    kind: str
    occurred_at: datetime
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UsageKey:
    """What a cap counts.

    `period` is `day:2026-11-20`, `week:2026-W47`, `month:2026-11`, `year:2026` or `ever`.
    """

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
