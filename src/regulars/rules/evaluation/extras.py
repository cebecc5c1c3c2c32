"""What multipliers and tiers add to the points of base rules.

A multiplied line's whole is rounded, not its extra: 1 per 1.00 on 18.50, doubled, is 37 points, of which
the base rule gave 18 and the multiplier 19. Each step of a line's chain gets the difference that it made.
"""

from typing import NamedTuple

from regulars.kit.points import share_out
from regulars.rules.evaluation.award import Award
from regulars.rules.evaluation.codes import Code
from regulars.rules.evaluation.plan import Plan
from regulars.rules.types import Part

Gains = list[tuple[int, int]]
"""What lines gained: (line_no, points)."""
Extras = dict[tuple[int, int], tuple[str, list[Gains]]]
"""By (stage, terms): the rule whose expiry they follow, and the gains over each base rule."""


class Given(NamedTuple):
    """What one base rule gave: its lines column by column, before caps, and what caps left of the total.

    `places` are the lines' places in the basket's eligible lines; None where they are all of them.
    """

    code: Code
    places: list[int] | None
    numbers: list[int]
    units: list[int]
    values: list[int]
    total: int
    granted: int

    def add_extras(self, plan: Plan, bits: list[int], raising: int, tier: int, extras: Extras) -> None:
        """Add to `extras` what the active multipliers (`raising`) and the tier make of these points."""
        raised = (
            [bits[place] & raising for place in self.places] if self.places else [b & raising for b in bits]
        )
        if not tier and not any(raised):
            return
        found = self._by_line(plan, raised, tier) if plan.at_line else self._by_subtotal(plan, raised, tier)
        for stage, gains in found.items():
            terms, carrier = plan.extra_terms(self.code, stage)
            kept = gains if self.granted == self.total else self._after_caps(gains)
            if kept:
                extras.setdefault((stage, terms), (carrier, []))[1].append(kept)

    def _by_line(self, plan: Plan, raised: list[int], tier: int) -> dict[int, Gains]:
        found: dict[int, Gains] = {}
        code, known = self.code, self.code.rates
        for number, units, value, bits in zip(self.numbers, self.units, self.values, raised, strict=True):
            if not bits and not tier:
                continue
            before = value
            for stage, (n, c, d) in known.get((bits, tier)) or plan.rates(code, bits, tier):
                after = (units * n + c) // d
                if after > before:
                    if stage in found:
                        found[stage].append((number, after - before))
                    else:
                        found[stage] = [(number, after - before)]
                    before = after
        return found

    def _by_subtotal(self, plan: Plan, raised: list[int], tier: int) -> dict[int, Gains]:
        """As by line, but each step is rounded on the sum of all lines and shared by what each line added."""
        found: dict[int, Gains] = {}
        chains = {bits: plan.chain(bits, tier) for bits in set(raised)}
        level = dict.fromkeys(chains, plan.denominator)
        n, c, d = self.code.rate_scaled
        weighted, before = sum(self.units) * plan.denominator, self.total
        for stage in sorted({stage for chain in chains.values() for stage in chain}):
            added = {}
            for bits, chain in chains.items():
                factor = chain.get(stage, level[bits])
                added[bits] = factor - level[bits]
                level[bits] = factor
            weights = [units * added[bits] for units, bits in zip(self.units, raised, strict=True)]
            weighted += sum(weights)
            after = (weighted * n + c) // d
            if after > before:
                gains = share_out(after - before, weights)
                found[stage] = [pair for pair in zip(self.numbers, gains, strict=True) if pair[1]]
                before = after
        return found

    def _after_caps(self, gains: Gains) -> Gains:
        """What caps took from the base rule they take from its extra, in proportion."""
        total = sum(gain for _number, gain in gains)
        kept = share_out(total * self.granted // self.total, [gain for _number, gain in gains])
        return [(number, gain) for (number, _gain), gain in zip(gains, kept, strict=True) if gain]


def grant_extras(plan: Plan, award: Award, extras: Extras, tier: int) -> None:
    """Grant each stage's extra as its own part: the multipliers in the document's order, then the tier."""
    for stage, terms in sorted(extras):
        carrier, found = extras[stage, terms]
        shares = tuple(found[0] if len(found) == 1 else _merge(found))
        points = sum([gain for _number, gain in shares])
        if stage == plan.tier_stage:
            part = Part(plan.tier_ids[tier], points, shares, plan.tier_reasons[tier])
            award.grant_tier(part, terms=terms, carrier=carrier)
        else:
            code = plan.multipliers[stage]
            award.grant_on(code, points, shares, code.reason, terms=terms, carrier=carrier)


def _merge(found: list[Gains]) -> Gains:
    """Several base rules' gains, line by line."""
    sums: dict[int, int] = {}
    for gains in found:
        for number, gain in gains:
            sums[number] = sums.get(number, 0) + gain
    return list(sums.items())
