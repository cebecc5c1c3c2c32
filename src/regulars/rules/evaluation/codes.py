"""One rule made ready for evaluation: a bit, a rate in whole numbers, and the reasons it will give."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from regulars.kit.points import Rounding
from regulars.rules.conditions import Condition
from regulars.rules.types import (
    BasketLine,
    Cap,
    EarnRule,
    Explanation,
    Match,
    RuleType,
    TierDefinition,
    UsageKey,
    Window,
)

NAMES_MAX = 5
"""How many categories or brands an explanation names."""

Rate = tuple[int, int, int]
"""`(n, c, d)`: x units give `(x * n + c) // d` points, which is the exact value, rounded as the rule says."""


@dataclass(frozen=True, slots=True)
class Room:
    """One cap on one day: what it is counted under, and the cap."""

    key: UsageKey
    cap: Cap


@dataclass(slots=True)
class Code:
    """One enabled rule. `bit` stands for it in sets of rules; only its memory of `rates` ever changes."""

    rule: EarnRule
    bit: int
    terms: int
    reason: Explanation
    condition: Condition | None
    gated: bool
    judged: bool
    everywhere: bool
    by_quantity: bool
    each: Fraction
    rounding: Rounding
    rate: Rate
    rate_scaled: Rate
    params: dict[str, Any]
    rates: dict[tuple[int, int], tuple[tuple[int, Rate], ...]] = field(default_factory=dict)


def is_gated(rule: EarnRule) -> bool:
    """True where a rule asks for more than its lines: a time, an audience, a first purchase."""
    audience = rule.audience
    return bool(audience.tiers or audience.segments or rule.first_purchase or rule.window != Window())


def is_judged(rule: EarnRule) -> bool:
    """True where a rule can only be judged when the basket's lines are known."""
    return bool(rule.basket_min or rule.match.quantity_min or rule.when)


def is_everywhere(match: Match) -> bool:
    """True where any line that is not excluded will do."""
    wanted = match.skus or match.brands or match.categories
    return not (wanted or match.not_skus or match.not_brands or match.not_categories)


def matches(match: Match, line: BasketLine) -> bool:
    """True where a product meets all conditions; how many of it there are is judged by basket."""
    if match.skus and line.sku not in match.skus:
        return False
    if match.brands and line.brand not in match.brands:
        return False
    if match.categories and match.categories.isdisjoint(line.categories):
        return False
    if line.sku in match.not_skus or line.brand in match.not_brands:
        return False
    return match.not_categories.isdisjoint(line.categories)


def make_rate(value: Fraction, rounding: Rounding) -> Rate:
    """A rate whose floor division gives the rounding asked for, exactly, for whole units."""
    numerator, denominator = value.numerator, value.denominator
    if rounding is Rounding.CEIL:
        return numerator, denominator - 1, denominator
    if rounding is Rounding.HALF_UP:
        return 2 * numerator, denominator, 2 * denominator
    return numerator, 0, denominator


def write_number(value: Fraction) -> str:
    """An exact decimal without needless zeros: `1.5`, `2`. What a programme says in decimals always ends."""
    whole, rest = divmod(value.numerator, value.denominator)
    digits = ""
    while rest:
        digit, rest = divmod(rest * 10, value.denominator)
        digits += str(digit)
    return f"{whole}.{digits}" if digits else str(whole)


def about(match: Match) -> dict[str, Any]:
    """What a rule is about, for its explanation: names where there are any, else that it is a choice."""
    names = sorted(match.categories) or sorted(match.brands)
    if names:
        return {"on": names[:NAMES_MAX]} | (
            {"more": len(names) - NAMES_MAX} if len(names) > NAMES_MAX else {}
        )
    return {} if is_everywhere(match) else {"chosen": True}


def reason_params(rule: EarnRule, currency: str) -> dict[str, Any]:
    """What every explanation of the rule says, whatever the basket; ready for JSON."""
    if rule.type is RuleType.PER_AMOUNT:
        return {"points": write_number(rule.points), "per": rule.per, "currency": currency} | about(
            rule.match
        )
    if rule.type is RuleType.PER_QUANTITY:
        return {"points": write_number(rule.points), "per": rule.per} | about(rule.match)
    if rule.type is RuleType.MULTIPLIER:
        return {"factor": write_number(rule.factor)} | about(rule.match)
    return {"points": write_number(rule.points), "name": rule.name}


def tier_reason(tier: TierDefinition) -> Explanation:
    """Why a tier's multiplier gave points."""
    params = {"tier": tier.code, "name": tier.name, "factor": write_number(tier.earn_multiplier)}
    return Explanation("tier", params)
