"""What became worse about one way to earn."""

from collections.abc import Iterator
from datetime import datetime

from regulars.rules.comparison.terms import lapses_sooner, rounds_lower, waits_longer
from regulars.rules.evaluation.codes import write_number
from regulars.rules.types import EarnRule, Match, Metric, Programme, RuleType, Window, Worsening

BASE = (RuleType.PER_AMOUNT, RuleType.PER_QUANTITY)


def compare_rules(before: Programme, after: Programme, as_of: datetime) -> Iterator[Worsening]:
    """For each rule that promised something at `as_of`, what it no longer promises."""
    for rule in before.rules:
        if not rule.enabled or (rule.window.active_to is not None and rule.window.active_to <= as_of):
            continue
        now = after.find_rule(rule.id)
        subject, name = f"rule:{rule.id}", {"name": rule.name}
        if now is None or not now.enabled:
            yield Worsening("rule_gone", subject, name)
        elif now.type is not rule.type or now.event != rule.event:
            yield Worsening("rule_other", subject, name)
        else:
            yield from _compare_rule(before, after, rule, now, as_of)


def _compare_rule(
    before: Programme, after: Programme, rule: EarnRule, now: EarnRule, as_of: datetime
) -> Iterator[Worsening]:
    subject, name = f"rule:{rule.id}", {"name": rule.name}
    yield from _compare_rate(before, after, rule, now)
    if rule.type in BASE and rounds_lower(rule.rounding or before.rounding, now.rounding or after.rounding):
        yield Worsening("rule_rounding", subject, name)
    if before.currency == after.currency and now.basket_min > rule.basket_min:
        params = {"before": rule.basket_min, "after": now.basket_min, "currency": after.currency}
        yield Worsening("rule_basket_min", subject, name | params)
    for code, worse in (
        ("rule_products", _fewer_products(rule.match, now.match)),
        ("rule_window", _shorter(rule.window, now.window, as_of)),
        ("rule_audience", _fewer_members(rule, now)),
        ("rule_condition", bool(now.when) and now.when != rule.when),
        ("rule_qualifying", _qualifies_no_more(before, after, rule, now)),
    ):
        if worse:
            yield Worsening(code, subject, name)
    yield from _compare_caps(rule, now)
    if rule.type is not RuleType.MULTIPLIER or now.pending or now.expiry or rule.pending or rule.expiry:
        if waits_longer(rule.pending or before.pending, now.pending or after.pending) and (
            rule.pending or now.pending
        ):
            yield Worsening("rule_pending", subject, name)
        if lapses_sooner(rule.expiry or before.expiry, now.expiry or after.expiry) and (
            rule.expiry or now.expiry
        ):
            yield Worsening("rule_expiry", subject, name)


def _compare_rate(before: Programme, after: Programme, rule: EarnRule, now: EarnRule) -> Iterator[Worsening]:
    subject = f"rule:{rule.id}"
    if rule.type is RuleType.MULTIPLIER:
        if now.factor < rule.factor:
            bounds = {"before": write_number(rule.factor), "after": write_number(now.factor)}
            yield Worsening("rule_factor", subject, {"name": rule.name} | bounds)
        return
    if rule.type is RuleType.PER_AMOUNT and before.currency != after.currency:
        return
    if now.points / now.per < rule.points / rule.per:
        share = (1 - (now.points / now.per) / (rule.points / rule.per)) * 100
        params: dict[str, str | int] = {
            "before": write_number(rule.points),
            "after": write_number(now.points),
            "percent": max(round(share), 1),
        }
        yield Worsening("rule_rate", subject, {"name": rule.name, **params})


def _compare_caps(rule: EarnRule, now: EarnRule) -> Iterator[Worsening]:
    known = {(cap.scope, cap.period): cap.points for cap in rule.caps}
    for cap in now.caps:
        before = known.get((cap.scope, cap.period))
        if before is None or cap.points < before:
            params = {
                "before": before,
                "after": cap.points,
                "period": str(cap.period),
                "scope": str(cap.scope),
            }
            yield Worsening("rule_cap", f"rule:{rule.id}", {"name": rule.name} | params)


def _narrower(before: frozenset[str], after: frozenset[str]) -> bool:
    """True where a choice (empty: all) leaves out something that it had."""
    return bool(after) and (not before or not before <= after)


def _fewer_products(before: Match, after: Match) -> bool:
    wanted = (
        (before.skus, after.skus),
        (before.brands, after.brands),
        (before.categories, after.categories),
    )
    refused = (
        (before.not_skus, after.not_skus),
        (before.not_brands, after.not_brands),
        (before.not_categories, after.not_categories),
    )
    return (
        any(_narrower(one, other) for one, other in wanted)
        or any(not other <= one for one, other in refused)
        or after.quantity_min > max(before.quantity_min, 1)
    )


def _shorter(before: Window, after: Window, as_of: datetime) -> bool:
    begins_later = after.active_from is not None and (
        after.active_from > as_of
        and (before.active_from is None or after.active_from > max(before.active_from, as_of))
    )
    ends_earlier = after.active_to is not None and (
        before.active_to is None or after.active_to < before.active_to
    )
    fewer_days = bool(after.weekdays) and (not before.weekdays or not before.weekdays <= after.weekdays)
    hours = (after.time_from, after.time_to)
    fewer_hours = hours not in {(None, None), (before.time_from, before.time_to)}
    return begins_later or ends_earlier or fewer_days or fewer_hours


def _fewer_members(rule: EarnRule, now: EarnRule) -> bool:
    return (
        _narrower(rule.audience.tiers, now.audience.tiers)
        or _narrower(rule.audience.segments, now.audience.segments)
        or (now.first_purchase and not rule.first_purchase)
    )


def _qualifies_no_more(before: Programme, after: Programme, rule: EarnRule, now: EarnRule) -> bool:
    counts = before.tiers.metric is Metric.POINTS and bool(before.tiers.tiers) and bool(after.tiers.tiers)
    return counts and rule.qualifying and not now.qualifying
