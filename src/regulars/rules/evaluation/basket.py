"""Evaluating a basket. This is the hot path: a year of a shop is over a million lines."""

from datetime import datetime
from typing import Any, NamedTuple

from regulars.kit.points import share_out
from regulars.rules.evaluation.award import Award
from regulars.rules.evaluation.codes import Code
from regulars.rules.evaluation.extras import Extras, Given, grant_extras
from regulars.rules.evaluation.gates import Conditions, is_open, member_values, time_values
from regulars.rules.evaluation.plan import EXCLUDED, Plan, plan_of
from regulars.rules.types import (
    Basket,
    Evaluation,
    Explanation,
    LineKind,
    MemberState,
    Programme,
)

_PRODUCT_FIELDS = frozenset({("basket", "skus"), ("basket", "brands"), ("basket", "categories")})


class Eligible(NamedTuple):
    """The lines that may earn, column by column; `bits` are the rules whose match each line meets."""

    numbers: list[int]
    amounts: list[int]
    quantities: list[int]
    bits: list[int]


def evaluate_basket(programme: Programme, state: MemberState, basket: Basket) -> Evaluation:
    """What a basket earns, why, and what was left out.

    Pure: the same arguments give the same answer. Order of work: base rules in the document's order,
    then what multipliers and the tier add to them, then bonuses; caps clip each as it comes.
    `state.used` must hold the use of all keys that `list_usage_keys` names for the instant; a missing
    key counts as unused. Lines with a negative amount or quantity earn nothing and are noted.
    """
    plan = plan_of(programme)
    local = basket.occurred_at.astimezone(plan.zone)
    award = Award(plan, state, basket.occurred_at, local.date())
    lines = take_lines(plan, basket, award.notes)
    if not lines.numbers:
        return award.finish()
    active = find_active(plan, state, basket, local=local, lines=lines, notes=award.notes)
    tier = plan.tier_place(state.tier)
    raising = active & plan.multiplier_bits
    extras: Extras = {}
    for code in plan.base:
        if active & code.bit:
            given = give_base(plan, award, code, lines)
            if given is not None and (raising or tier):
                given.add_extras(plan, lines.bits, raising, tier, extras)
    if extras:
        grant_extras(plan, award, extras, tier)
    for code in plan.bonuses:
        if active & code.bit:
            give_bonus(award, code, lines)
    return award.finish(zip(lines.numbers, lines.amounts, strict=True))


def take_lines(plan: Plan, basket: Basket, notes: list[Explanation]) -> Eligible:
    """The lines that are not excluded, with the rules that match each."""
    numbers: list[int] = []
    amounts: list[int] = []
    quantities: list[int] = []
    bits: list[int] = []
    kinds, products, product = plan.excluded.kinds, plan.products, LineKind.PRODUCT
    for line in basket.lines:
        if line.kind is not product and line.kind in kinds:
            continue
        known = products.get(line.sku)
        if known is not None and known[0] == line.brand and known[1] == line.categories:
            found = known[2]
        else:
            found = plan.rules_on(line)
        if found == EXCLUDED:
            continue
        amount, quantity = line.amount, line.quantity
        if amount < 0 or quantity < 0:
            notes.append(Explanation("line_negative", {"line": line.line_no}))
            continue
        numbers.append(line.line_no)
        amounts.append(amount)
        quantities.append(quantity)
        bits.append(found)
    return Eligible(numbers, amounts, quantities, bits)


def find_active(
    plan: Plan,
    state: MemberState,
    basket: Basket,
    *,
    local: datetime,
    lines: Eligible,
    notes: list[Explanation],
) -> int:
    """The bits of the rules that hold for this member, moment and basket."""
    active = plan.always
    for code in plan.gated:
        if is_open(code.rule, state, basket.occurred_at, local):
            active |= code.bit
    if plan.judged:
        conditions: Conditions | None = None
        for code in plan.judged:
            if not active & code.bit:
                continue
            if not _is_enough(plan, code, lines, notes):
                active &= ~code.bit
            elif code.condition is not None:
                if conditions is None:
                    conditions = _conditions(plan, state, basket, local, lines)
                if not conditions.hold(code, notes):
                    active &= ~code.bit
    return active


def _is_enough(plan: Plan, code: Code, lines: Eligible, notes: list[Explanation]) -> bool:
    """True where a rule's lines are there, in the number it asks for, in a basket as large as it asks for."""
    rule, bit = code.rule, code.bit
    if not code.everywhere and not any(bits & bit for bits in lines.bits):
        return False
    if rule.match.quantity_min:
        rows = zip(lines.quantities, lines.bits, strict=True)
        if sum(quantity for quantity, bits in rows if bits & bit) < rule.match.quantity_min:
            return False
    total = sum(lines.amounts)
    if total >= rule.basket_min:
        return True
    params = {
        "rule": rule.id,
        "name": rule.name,
        "basket_min": rule.basket_min,
        "total": total,
        "currency": plan.currency,
    }
    notes.append(Explanation("basket_small", params))
    return False


def _conditions(
    plan: Plan, state: MemberState, basket: Basket, local: datetime, lines: Eligible
) -> Conditions:
    values: dict[str, Any] = {
        "total": sum(lines.amounts),
        "quantity": sum(lines.quantities),
        "lines": len(lines.numbers),
        "store": basket.store,
        "channel": basket.channel,
        "attributes": basket.attributes,
    }
    if not plan.fields.isdisjoint(_PRODUCT_FIELDS):
        numbers = set(lines.numbers)
        eligible = [line for line in basket.lines if line.line_no in numbers]
        values["skus"] = sorted({line.sku for line in eligible})
        values["brands"] = sorted({line.brand for line in eligible if line.brand})
        values["categories"] = sorted({name for line in eligible for name in line.categories})
    member = member_values(state, local.date())
    return Conditions(
        plan.fields, {"member": member, "basket": values | time_values(basket.occurred_at, local)}
    )


def give_base(plan: Plan, award: Award, code: Code, lines: Eligible) -> Given | None:
    """Grant a base rule's points on its lines. None where it has no lines."""
    units = lines.quantities if code.by_quantity else lines.amounts
    places: list[int] | None = None
    numbers = lines.numbers
    if not code.everywhere:
        bit = code.bit
        places = [place for place, bits in enumerate(lines.bits) if bits & bit]
        if not places:
            return None
        units = [units[place] for place in places]
        numbers = [numbers[place] for place in places]
    n, c, d = code.rate
    total_units = sum(units)
    if plan.at_line:
        values = [(x * n + c) // d for x in units]
        total = sum(values)
    else:
        total = (total_units * n + c) // d
        values = share_out(total, units) if total else [0] * len(units)
    granted = total
    if total:
        shares = [pair for pair in zip(numbers, values, strict=True) if pair[1]]
        measure = "quantity" if code.by_quantity else "amount"
        reason = Explanation(code.reason.code, {**code.params, measure: total_units})
        granted = award.grant(code, total, shares, reason)
    return Given(code, places, numbers, units, values, total, granted)


def give_bonus(award: Award, code: Code, lines: Eligible) -> None:
    """Grant a fixed bonus, shared over its lines in proportion to what was paid for them."""
    bit = code.bit
    rows = zip(lines.numbers, lines.amounts, lines.bits, strict=True)
    found = [(number, amount) for number, amount, bits in rows if bits & bit]
    if not found:
        return
    points = code.rule.points.numerator
    values = share_out(points, [amount for _number, amount in found])
    shares = [(number, value) for (number, _amount), value in zip(found, values, strict=True) if value]
    award.grant(code, points, shares, code.reason)
