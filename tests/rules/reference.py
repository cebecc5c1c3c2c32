"""The evaluator as one would write it from the documentation: exact fractions, no memory, no hurry.

It shares nothing with the real one but the types and the sharing of whole points over lines.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time
from fractions import Fraction
from math import ceil, floor, prod

from regulars.kit.points import Rounding, share_out
from regulars.rules.types import (
    Basket,
    BasketLine,
    CapPeriod,
    EarnRule,
    Expiry,
    MemberState,
    Pending,
    Programme,
    RoundAt,
    RuleType,
    Stacking,
    UsageKey,
)

Terms = tuple[Pending, Expiry]
ROUND: dict[Rounding, Callable[[Fraction], int]] = {
    Rounding.FLOOR: floor,
    Rounding.CEIL: ceil,
    Rounding.HALF_UP: lambda value: floor(value + Fraction(1, 2)),
}


@dataclass
class Expected:
    """What should come out: points by (rule, terms) and line, use of caps, qualifying points."""

    points: dict[tuple[str, Terms], dict[int, int]] = field(default_factory=dict)
    used: dict[UsageKey, int] = field(default_factory=dict)
    qualifying: int = 0

    def add(self, rule: str, terms: Terms, shares: dict[int, int]) -> None:
        kept = self.points.setdefault((rule, terms), {})
        for number, points in shares.items():
            if points:
                kept[number] = kept.get(number, 0) + points
        if not kept:
            del self.points[rule, terms]

    @property
    def total(self) -> int:
        return sum(sum(shares.values()) for shares in self.points.values())


def is_eligible(programme: Programme, line: BasketLine) -> bool:
    excluded = programme.excluded
    return not (
        line.kind in excluded.kinds
        or line.sku in excluded.skus
        or line.brand in excluded.brands
        or excluded.categories & set(line.categories)
        or line.amount < 0
        or line.quantity < 0
    )


def is_matched(rule: EarnRule, line: BasketLine) -> bool:
    match, categories = rule.match, set(line.categories)
    return (
        (not match.skus or line.sku in match.skus)
        and (not match.brands or line.brand in match.brands)
        and (not match.categories or bool(match.categories & categories))
        and line.sku not in match.not_skus
        and line.brand not in match.not_brands
        and not match.not_categories & categories
    )


def is_in_force(programme: Programme, rule: EarnRule, state: MemberState, at: datetime) -> bool:
    window, audience = rule.window, rule.audience
    local = at.astimezone(programme.time_zone)
    begins, ends = window.time_from or time.min, window.time_to
    day = local.weekday()
    clock = local.time()
    if ends is None:
        in_time = clock >= begins
    elif begins < ends:
        in_time = begins <= clock < ends
    else:
        in_time = clock >= begins or clock < ends
        day = day if clock >= begins else (day - 1) % 7
    return (
        rule.enabled
        and (window.active_from is None or at >= window.active_from)
        and (window.active_to is None or at < window.active_to)
        and in_time
        and (not window.weekdays or day in window.weekdays)
        and (not audience.tiers or state.tier in audience.tiers)
        and (not audience.segments or bool(audience.segments & state.segments))
        and (not rule.first_purchase or state.orders_before == 0)
    )


def period_of(period: CapPeriod, at: datetime, programme: Programme) -> str:
    local = at.astimezone(programme.time_zone)
    return {
        CapPeriod.DAY: local.strftime("day:%Y-%m-%d"),
        CapPeriod.WEEK: local.strftime("week:%G-W%V"),
        CapPeriod.MONTH: local.strftime("month:%Y-%m"),
        CapPeriod.YEAR: local.strftime("year:%Y"),
        CapPeriod.EVER: "ever",
    }[period]


class Model:
    """One basket worked out step by step."""

    def __init__(self, programme: Programme, state: MemberState, basket: Basket) -> None:
        self.programme, self.state, self.at = programme, state, basket.occurred_at
        self.lines = [line for line in basket.lines if is_eligible(programme, line)]
        self.out = Expected()
        self.extras: dict[tuple[int, Terms], dict[int, int]] = {}
        self.active = [(rule, mine) for rule in programme.rules if (mine := self.lines_of(rule))]
        self.tier = programme.find_tier(state.tier)
        self.steps: list[tuple[EarnRule | None, Fraction, set[int]]] = [
            (rule, rule.factor, {line.line_no for line in mine})
            for rule, mine in self.active
            if rule.type is RuleType.MULTIPLIER
        ]
        if self.tier is not None and self.tier.earn_multiplier > 1:
            self.steps.append((None, self.tier.earn_multiplier, {line.line_no for line in self.lines}))

    def lines_of(self, rule: EarnRule) -> list[BasketLine]:
        """The lines a rule is about; none where it does not hold."""
        mine = [line for line in self.lines if is_matched(rule, line)]
        holds = (
            rule.type is not RuleType.EVENT
            and is_in_force(self.programme, rule, self.state, self.at)
            and sum(line.quantity for line in mine) >= rule.match.quantity_min
            and sum(line.amount for line in self.lines) >= rule.basket_min
        )
        return mine if holds else []

    def terms(self, first: EarnRule, second: EarnRule | None = None) -> Terms:
        pending = first.pending or (second and second.pending) or self.programme.pending
        return pending, first.expiry or (second and second.expiry) or self.programme.expiry

    def grant(self, rule: EarnRule, shares: dict[int, int], on: Terms) -> int:
        shares = {number: points for number, points in shares.items() if points}
        points = allowed = sum(shares.values())
        limits = {
            UsageKey(rule.id, cap.scope, period_of(cap.period, self.at, self.programme)): cap.points
            for cap in rule.caps
        }
        for key, most in limits.items():
            left = most - self.state.used.get(key, 0) - self.out.used.get(key, 0)
            allowed = min(allowed, max(left, 0))
        if allowed < points:
            shares = dict(zip(shares, share_out(allowed, list(shares.values())), strict=True))
        for key in limits if allowed else ():
            self.out.used[key] = self.out.used.get(key, 0) + allowed
        self.out.add(rule.id, on, shares)
        self.out.qualifying += allowed if rule.qualifying else 0
        return allowed

    def factor_after(self, step: int, number: int) -> Fraction:
        """The factor on a line once the first `step` steps are done."""
        mine = [(place, factor) for place, (_rule, factor, on) in enumerate(self.steps) if number in on]
        if self.programme.stacking is Stacking.BEST and mine:
            mine = [max(mine, key=lambda item: (item[1], -item[0]))]
        result = Fraction(1)
        for place, factor in mine:
            result *= factor if place < step else 1
        return result

    def step_gives(self, rule: EarnRule, mine: list[BasketLine], step: int) -> dict[int, int]:
        """What one step adds to a base rule's points on each line; step 0 is the rule itself."""
        rounded = ROUND[rule.rounding or self.programme.rounding]
        measure = "amount" if rule.type is RuleType.PER_AMOUNT else "quantity"
        exact = {line.line_no: Fraction(getattr(line, measure)) * rule.points / rule.per for line in mine}
        now = {number: value * self.factor_after(step, number) for number, value in exact.items()}
        before = {
            n: value * self.factor_after(step - 1, n) if step else Fraction(0) for n, value in exact.items()
        }
        if self.programme.round_at is RoundAt.LINE:
            return {number: rounded(now[number]) - rounded(before[number]) for number in now}
        points = rounded(sum(now.values(), Fraction(0))) - rounded(sum(before.values(), Fraction(0)))
        gains = [now[number] - before[number] for number in now]
        scale = prod(gain.denominator for gain in gains)
        return dict(zip(now, share_out(points, [int(gain * scale) for gain in gains]), strict=True))

    def give_base(self, rule: EarnRule, mine: list[BasketLine]) -> None:
        base = self.step_gives(rule, mine, 0)
        total = sum(base.values())
        given = self.grant(rule, base, self.terms(rule))
        for step, (multiplier, _factor, _numbers) in enumerate(self.steps, start=1):
            shares = {n: points for n, points in self.step_gives(rule, mine, step).items() if points}
            if given < total:
                kept = share_out(sum(shares.values()) * given // total, list(shares.values()))
                shares = dict(zip(shares, kept, strict=True))
            on = self.terms(multiplier, rule) if multiplier is not None else self.terms(rule)
            sums = self.extras.setdefault((step, on), {})
            for number, points in shares.items():
                sums[number] = sums.get(number, 0) + points

    def run(self) -> Expected:
        for rule, mine in self.active:
            if rule.type in (RuleType.PER_AMOUNT, RuleType.PER_QUANTITY):
                self.give_base(rule, mine)
        order = {on: place for place, on in enumerate(terms_in_order(self.programme))}
        for (step, on), shares in sorted(
            self.extras.items(), key=lambda item: (item[0][0], order[item[0][1]])
        ):
            multiplier = self.steps[step - 1][0]
            if multiplier is not None:
                self.grant(multiplier, shares, on)
            elif self.tier is not None:
                self.out.add(f"tier:{self.tier.code}", on, shares)
        for rule, mine in self.active:
            if rule.type is RuleType.BONUS:
                shares = share_out(int(rule.points), [line.amount for line in mine])
                numbers = [line.line_no for line in mine]
                self.grant(rule, dict(zip(numbers, shares, strict=True)), self.terms(rule))
        return self.out


def expect(programme: Programme, state: MemberState, basket: Basket) -> Expected:
    """What a basket should earn."""
    return Model(programme, state, basket).run()


def terms_in_order(programme: Programme) -> list[Terms]:
    """The order in which one rule's parts on different terms come: that of the terms in the document."""
    baskets = [rule for rule in programme.rules if rule.enabled and rule.type is not RuleType.EVENT]
    events = [rule for rule in programme.rules if rule.enabled and rule.type is RuleType.EVENT]
    pairs = [(r.pending or programme.pending, r.expiry or programme.expiry) for r in [*baskets, *events]]
    for base in baskets:
        for multiplier in baskets:
            if (
                base.type in (RuleType.PER_AMOUNT, RuleType.PER_QUANTITY)
                and multiplier.type is RuleType.MULTIPLIER
            ):
                pending = multiplier.pending or base.pending or programme.pending
                pairs.append((pending, multiplier.expiry or base.expiry or programme.expiry))
    return list(dict.fromkeys(pairs))
