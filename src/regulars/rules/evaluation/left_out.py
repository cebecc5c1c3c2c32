"""What a basket did not earn, and why: lines that never earn, and rules that did not hold.

The hot path does not ask this; it is worked out when someone tries a basket.
"""

from collections.abc import Iterator
from typing import Any

from regulars.rules.evaluation.codes import matches
from regulars.rules.evaluation.gates import is_within
from regulars.rules.types import (
    Basket,
    BasketLine,
    EarnRule,
    Excluded,
    Explanation,
    LineKind,
    MemberState,
    Programme,
    RuleType,
)


def list_left_out(programme: Programme, state: MemberState, basket: Basket) -> tuple[Explanation, ...]:
    """Reasons for excluded lines, then for rules about baskets that gave nothing by their own terms.

    With an evaluation's notes (caps, minimum baskets, failed conditions) this is all that was left out.
    """
    earning = [line for line in basket.lines if _why_excluded(programme.excluded, line) is None]
    return (*_excluded_lines(programme, basket), *_idle_rules(programme, state, basket, earning))


def _excluded_lines(programme: Programme, basket: Basket) -> Iterator[Explanation]:
    for line in basket.lines:
        why = _why_excluded(programme.excluded, line)
        if why is not None:
            yield Explanation("line_excluded", {"line": line.line_no, "sku": line.sku, **why})


def _why_excluded(excluded: Excluded, line: BasketLine) -> dict[str, Any] | None:
    if line.kind is not LineKind.PRODUCT and line.kind in excluded.kinds:
        return {"by": "kind", "name": str(line.kind)}
    if line.sku in excluded.skus:
        return {"by": "sku", "name": line.sku}
    if line.brand in excluded.brands:
        return {"by": "brand", "name": line.brand}
    found = sorted(excluded.categories.intersection(line.categories))
    return {"by": "category", "name": found[0]} if found else None


def _idle_rules(
    programme: Programme, state: MemberState, basket: Basket, earning: list[BasketLine]
) -> Iterator[Explanation]:
    for rule in programme.rules:
        if rule.type is RuleType.EVENT:
            continue
        why = _why_idle(programme, rule, state, basket, earning)
        if why:
            yield Explanation("rule_idle", {"rule": rule.id, "name": rule.name, **why})


def _why_idle(
    programme: Programme, rule: EarnRule, state: MemberState, basket: Basket, earning: list[BasketLine]
) -> dict[str, Any]:
    if not rule.enabled:
        return {"why": "disabled"}
    if not is_within(rule.window, basket.occurred_at, basket.occurred_at.astimezone(programme.time_zone)):
        return {"why": "window"}
    return _why_not_for(programme, rule, state) or _why_not_of(rule, earning)


def _why_not_for(programme: Programme, rule: EarnRule, state: MemberState) -> dict[str, Any]:
    audience = rule.audience
    if rule.first_purchase and state.orders_before:
        return {"why": "first_purchase"}
    if audience.tiers and state.tier not in audience.tiers:
        names = [tier.name for tier in programme.tiers.tiers if tier.code in audience.tiers]
        return {"why": "tier", "names": names}
    if audience.segments and audience.segments.isdisjoint(state.segments):
        return {"why": "segment", "names": sorted(audience.segments)}
    return {}


def _why_not_of(rule: EarnRule, earning: list[BasketLine]) -> dict[str, Any]:
    mine = [line for line in earning if matches(rule.match, line)]
    if not mine:
        return {"why": "products"}
    quantity = sum(line.quantity for line in mine)
    if quantity < rule.match.quantity_min:
        return {"why": "quantity", "least": rule.match.quantity_min, "found": quantity}
    return {}
