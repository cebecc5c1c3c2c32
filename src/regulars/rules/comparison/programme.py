"""What became worse about a whole programme: its terms, its tiers, its ways to earn."""

from collections.abc import Iterator
from datetime import datetime

from regulars.rules.comparison.rules import compare_rules
from regulars.rules.comparison.terms import (
    lapses_sooner,
    rounds_elsewhere_lower,
    takes_more,
    waits_longer,
)
from regulars.rules.evaluation.codes import write_number
from regulars.rules.types import Programme, Stacking, TierDefinition, Worsening


def compare_promises(before: Programme, after: Programme, *, as_of: datetime) -> tuple[Worsening, ...]:
    """Every promise of `before` that `after` makes worse for some member, from `as_of` on.

    Careful rather than kind: what cannot be ranked for everyone is told. A programme compared with itself
    tells nothing. Rules whose time was over at `as_of` promise nothing.
    """
    return (
        *_compare_terms(before, after),
        *_compare_tiers(before, after),
        *compare_rules(before, after, as_of),
    )


def _compare_terms(before: Programme, after: Programme) -> Iterator[Worsening]:
    if before.currency != after.currency:
        yield Worsening("currency", "", {"before": before.currency, "after": after.currency})
    if lapses_sooner(before.expiry, after.expiry):
        yield Worsening("expiry")
    if waits_longer(before.pending, after.pending):
        yield Worsening("pending")
    if rounds_elsewhere_lower(before.round_at, after.round_at, after.rounding):
        yield Worsening("round_at")
    if before.stacking is Stacking.MULTIPLY and after.stacking is Stacking.BEST:
        yield Worsening("stacking")
    if takes_more(before.returns.shortfall, after.returns.shortfall):
        yield Worsening("shortfall")
    days = before.returns.lapsed_grace_days, after.returns.lapsed_grace_days
    if days[1] < days[0]:
        yield Worsening("lapsed_grace", "", {"before": days[0], "after": days[1]})
    pairs = (
        (before.excluded.kinds, after.excluded.kinds),
        (before.excluded.skus, after.excluded.skus),
        (before.excluded.brands, after.excluded.brands),
        (before.excluded.categories, after.excluded.categories),
    )
    names = sorted(str(name) for was, now in pairs for name in frozenset[str](now) - frozenset[str](was))
    if names:
        yield Worsening("excluded", "", {"names": names[:5], "more": max(len(names) - 5, 0)})


def _compare_tiers(before: Programme, after: Programme) -> Iterator[Worsening]:
    was, now = before.tiers, after.tiers
    if not was.tiers:
        return
    if now.tiers and was.metric is not now.metric:
        yield Worsening("tier_metric", "", {"before": str(was.metric), "after": str(now.metric)})
    if now.tiers and (was.window != now.window or now.window_months < was.window_months):
        yield Worsening("tier_window")
    if now.tiers and now.grace_days < was.grace_days:
        yield Worsening("tier_grace", "", {"before": was.grace_days, "after": now.grace_days})
    comparable = was.metric is now.metric and before.currency == after.currency
    for tier in was.tiers:
        yield from _compare_tier(tier, after.find_tier(tier.code), after, comparable=comparable)


def _compare_tier(
    tier: TierDefinition, now: TierDefinition | None, after: Programme, *, comparable: bool
) -> Iterator[Worsening]:
    subject, name = f"tier:{tier.code}", {"name": tier.name}
    if now is None:
        yield Worsening("tier_gone", subject, name)
        return
    if comparable and now.threshold > tier.threshold:
        params = {"before": tier.threshold, "after": now.threshold}
        unit = {"metric": str(after.tiers.metric), "currency": after.currency}
        yield Worsening("tier_threshold", subject, name | params | unit)
    if now.earn_multiplier < tier.earn_multiplier:
        factors = {"before": write_number(tier.earn_multiplier), "after": write_number(now.earn_multiplier)}
        yield Worsening("tier_multiplier", subject, name | factors)
    if now.early_access_hours < tier.early_access_hours:
        hours = {"before": tier.early_access_hours, "after": now.early_access_hours}
        yield Worsening("tier_early_access", subject, name | hours)
    lost = [perk for perk in tier.perks if perk not in now.perks]
    if lost:
        yield Worsening("tier_perks", subject, name | {"lost": lost})
