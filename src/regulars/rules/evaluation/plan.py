"""A programme made ready for evaluation: bits for rules, integers for rates, memories for what repeats.

A real year is 1.5 million lines, so that whatever does not depend on the basket at hand is worked out
once: which rules match a product, what a rate is over a common denominator, when a day's points lapse.
"""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from math import prod
from weakref import WeakKeyDictionary

from regulars.rules.conditions import compile_when, fields_used
from regulars.rules.conditions.tokens import read_tokens
from regulars.rules.evaluation.codes import (
    Code,
    Rate,
    Room,
    is_everywhere,
    is_gated,
    is_judged,
    make_rate,
    matches,
    reason_params,
    tier_reason,
)
from regulars.rules.evaluation.periods import name_period
from regulars.rules.evaluation.terms import Dates, resolve_dates
from regulars.rules.types import (
    BasketLine,
    EarnRule,
    Expiry,
    Explanation,
    Metric,
    Pending,
    Programme,
    RoundAt,
    RuleType,
    Stacking,
    UsageKey,
)

EXCLUDED = -1
"""Stands in the memory of products for one that never earns."""
_PRODUCTS_MAX = 200_000
_DAYS_MAX = 4096
_CHAINS_MAX = 100_000

Chain = dict[int, int]
"""The multipliers on a line in order: by stage, the factor so far over the plan's denominator."""


class Plan:
    """All that evaluation needs of one programme. Threads share it: its memories hold nothing of its own."""

    def __init__(self, programme: Programme) -> None:
        # The programme itself is not kept: plans are kept by programme, and would keep it alive for ever.
        self.version = programme.version
        self.zone = programme.time_zone
        self.currency = programme.currency
        self.at_line = programme.round_at is RoundAt.LINE
        self.excluded = programme.excluded
        self.metric: Metric | None = programme.tiers.metric if programme.tiers.tiers else None
        self._rounding = programme.rounding
        self._best = programme.stacking is Stacking.BEST
        self._default = (programme.pending, programme.expiry)
        self._pairs: list[tuple[Pending, Expiry]] = []
        enabled = [rule for rule in programme.rules if rule.enabled]
        self._tier_factors = (Fraction(1), *(tier.earn_multiplier for tier in programme.tiers.tiers))
        factors = [*self._tier_factors, *(rule.factor for rule in enabled)]
        self.denominator = prod(factor.denominator for factor in factors)
        self._compile_rules(enabled)
        self._compile_tiers(programme)
        # By sku, what was known of the product and the rules on it: looked up once for every line.
        self.products: dict[str, tuple[str, tuple[str, ...], int]] = {}
        self._chains: dict[tuple[int, int], Chain] = {}
        self._dates: dict[date, tuple[Dates, ...]] = {}
        self._rooms: dict[date, Mapping[str, tuple[Room, ...]]] = {}

    def _compile_rules(self, enabled: list[EarnRule]) -> None:
        on_baskets = [rule for rule in enabled if rule.type is not RuleType.EVENT]
        self.codes = tuple(self._compile(rule, 1 << place) for place, rule in enumerate(on_baskets))
        self.events = tuple(self._compile(rule, 0) for rule in enabled if rule.type is RuleType.EVENT)
        self.base = tuple(
            c for c in self.codes if c.rule.type in {RuleType.PER_AMOUNT, RuleType.PER_QUANTITY}
        )
        self.multipliers = tuple(code for code in self.codes if code.rule.type is RuleType.MULTIPLIER)
        self.bonuses = tuple(code for code in self.codes if code.rule.type is RuleType.BONUS)
        self.always = sum(code.bit for code in self.codes if not code.gated)
        self.gated = tuple(code for code in self.codes if code.gated)
        self.judged = tuple(code for code in self.codes if code.judged)
        self.multiplier_bits = sum(code.bit for code in self.multipliers)
        every = [*self.codes, *self.events]
        self.fields = frozenset(pair for c in every for pair in fields_used(read_tokens(c.rule.when)))
        self._capped = tuple(code for code in every if code.rule.caps)
        self._extra_terms = {
            (base.bit, raised.bit): self._terms(
                raised.rule.pending or base.rule.pending, raised.rule.expiry or base.rule.expiry
            )
            for base in self.base
            for raised in self.multipliers
        }

    def _compile_tiers(self, programme: Programme) -> None:
        tiers = programme.tiers.tiers
        self.tier_stage = len(self.multipliers)
        self.tier_ids = ("", *(f"tier:{tier.code}" for tier in tiers))
        self.tier_reasons = (Explanation(""), *(tier_reason(tier) for tier in tiers))
        places = enumerate(tiers, start=1)
        self._tier_places = {tier.code: place for place, tier in places if tier.earn_multiplier > 1}

    def _compile(self, rule: EarnRule, bit: int) -> Code:
        rounding = rule.rounding or self._rounding
        params = reason_params(rule, self.currency)
        return Code(
            rule=rule,
            bit=bit,
            terms=self._terms(rule.pending, rule.expiry),
            reason=Explanation(str(rule.type), params),
            condition=compile_when(rule.when) if rule.when else None,
            gated=is_gated(rule),
            judged=is_judged(rule),
            everywhere=is_everywhere(rule.match),
            by_quantity=rule.type is RuleType.PER_QUANTITY,
            each=rule.points / rule.per,
            rounding=rounding,
            rate=make_rate(rule.points / rule.per, rounding),
            rate_scaled=make_rate(rule.points / rule.per / self.denominator, rounding),
            params=params,
        )

    def _terms(self, pending: Pending | None, expiry: Expiry | None) -> int:
        pair = (pending or self._default[0], expiry or self._default[1])
        if pair not in self._pairs:
            self._pairs.append(pair)
        return self._pairs.index(pair)

    def dates(self, day: date) -> tuple[Dates, ...]:
        """For each pair of pending and expiry, what it means for points earned on a local day."""
        found = self._dates.get(day)
        if found is None:
            if len(self._dates) >= _DAYS_MAX:
                self._dates.clear()
            found = tuple(resolve_dates(pending, expiry, day, self.zone) for pending, expiry in self._pairs)
            self._dates[day] = found
        return found

    def rooms(self, day: date) -> Mapping[str, tuple[Room, ...]]:
        """The caps that hold on a local day, by rule."""
        found = self._rooms.get(day)
        if found is None:
            if len(self._rooms) >= _DAYS_MAX:
                self._rooms.clear()
            found = {code.rule.id: _rooms_of(code.rule, day) for code in self._capped}
            self._rooms[day] = found
        return found

    def rules_on(self, line: BasketLine) -> int:
        """The bits of the rules whose match a product meets, or EXCLUDED. Remembered in `products`."""
        if len(self.products) >= _PRODUCTS_MAX:
            self.products.clear()
        bits = self._match(line)
        self.products[line.sku] = (line.brand, line.categories, bits)
        return bits

    def _match(self, line: BasketLine) -> int:
        excluded = self.excluded
        if line.sku in excluded.skus or line.brand in excluded.brands:
            return EXCLUDED
        if not excluded.categories.isdisjoint(line.categories):
            return EXCLUDED
        return sum(code.bit for code in self.codes if matches(code.rule.match, line))

    def tier_place(self, tier: str | None) -> int:
        """The place (from 1) of a tier that multiplies, 0 for all others."""
        return self._tier_places.get(tier, 0) if tier else 0

    def chain(self, bits: int, tier: int) -> Chain:
        """What the multipliers of `bits` and a tier do to a line, step by step."""
        chain = self._chains.get((bits, tier))
        if chain is None:
            if len(self._chains) >= _CHAINS_MAX:
                self._chains.clear()
            chain = self._chains[bits, tier] = self._make_chain(bits, tier)
        return chain

    def _make_chain(self, bits: int, tier: int) -> Chain:
        factors = [
            (stage, code.rule.factor) for stage, code in enumerate(self.multipliers) if code.bit & bits
        ]
        if tier:
            factors.append((self.tier_stage, self._tier_factors[tier]))
        if self._best and factors:
            # The first of equals wins, so that the answer depends on the document alone.
            factors = [max(factors, key=lambda item: (item[1], -item[0]))]
        so_far, chain = Fraction(self.denominator), {}
        for stage, factor in factors:
            so_far *= factor
            chain[stage] = so_far.numerator
        return chain

    def rates(self, base: Code, bits: int, tier: int) -> tuple[tuple[int, Rate], ...]:
        """For each step of a line's chain, a base rule's rate up to that step. Remembered in `base.rates`."""
        if len(base.rates) >= _CHAINS_MAX:
            base.rates.clear()
        steps = self.chain(bits, tier)
        rates = tuple(
            (stage, make_rate(base.each * factor / self.denominator, base.rounding))
            for stage, factor in steps.items()
        )
        base.rates[bits, tier] = rates
        return rates

    def extra_terms(self, base: Code, stage: int) -> tuple[int, str]:
        """The terms of what a stage adds to a base rule's points, and the rule whose expiry they follow."""
        if stage == self.tier_stage:
            return base.terms, base.rule.id
        multiplier = self.multipliers[stage]
        carrier = multiplier.rule.id if multiplier.rule.expiry is not None else base.rule.id
        return self._extra_terms[base.bit, multiplier.bit], carrier


def _rooms_of(rule: EarnRule, day: date) -> tuple[Room, ...]:
    return tuple(Room(UsageKey(rule.id, cap.scope, name_period(cap.period, day)), cap) for cap in rule.caps)


_PLANS: WeakKeyDictionary[Programme, Plan] = WeakKeyDictionary()


def plan_of(programme: Programme) -> Plan:
    """The plan of a programme, made once and kept as long as the programme is."""
    plan = _PLANS.get(programme)
    if plan is None:
        plan = _PLANS[programme] = Plan(programme)
    return plan
