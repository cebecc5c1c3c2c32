"""What a basket would earn, and why, without changing anything."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from django.db.models import Q

from regulars.activity import facade as activity
from regulars.catalogue import facade as catalogue
from regulars.earning.models import Budget, Usage
from regulars.kit.clock import local_date
from regulars.kit.ids import MemberId
from regulars.members import facade as members
from regulars.rules import facade as rules
from regulars.rules.facade import Basket, CapScope, Evaluation, MemberState, Programme, UsageKey
from regulars.tiers import facade as tiers

NOBODY: frozenset[str] = frozenset()


def quote(
    *,
    member_id: MemberId | None,
    basket: Basket,
    now: datetime,
    segments: frozenset[str] = NOBODY,
) -> Evaluation:
    """What the basket would earn now; for nobody in particular where `member_id` is None.

    Lines that name neither brand nor categories get those of the catalogue. Takes no lock and changes
    nothing. Raises NoProgramme, MemberUnknown.
    """
    programme = rules.get_current_programme(now)
    keys = rules.list_usage_keys(programme, basket.occurred_at)
    if member_id is None:
        state = MemberState(used=_read_budgets(keys))
    else:
        state = _read_state(member_id, programme, keys, now, segments)
    return rules.evaluate_basket(programme, state, _enrich(basket))


def _read_state(
    member_id: MemberId,
    programme: Programme,
    keys: Iterable[UsageKey],
    now: datetime,
    segments: frozenset[str],
) -> MemberState:
    traits = members.get_traits([member_id]).get(member_id)
    if traits is None:
        raise members.MemberUnknown(f"There is no member {member_id}.")
    person = [member_id, *traits.merged]
    return MemberState(
        tier=tiers.get_standing(member_id, programme, now).tier or None,
        segments=segments,
        joined_on=local_date(traits.joined_at, programme.time_zone),
        birthday=traits.birthday,
        orders_before=sum(activity.count_orders_before(person).values()),
        used=_read_budgets(keys) | _read_usage(person, keys),
        attributes=traits.attributes,
    )


def _read_usage(person: Collection[MemberId], keys: Iterable[UsageKey]) -> dict[UsageKey, int]:
    own = {(key.rule, key.period): key for key in keys if key.scope is CapScope.MEMBER}
    if not own:
        return {}
    used: dict[UsageKey, int] = defaultdict(int)
    for row in Usage.objects.filter(_any_of(own), member_id__in=person):
        used[own[row.rule, row.period]] += row.used
    return used


def _read_budgets(keys: Iterable[UsageKey]) -> dict[UsageKey, int]:
    budgets = {(key.rule, key.period): key for key in keys if key.scope is CapScope.PROGRAMME}
    if not budgets:
        return {}
    return {budgets[row.rule, row.period]: row.used for row in Budget.objects.filter(_any_of(budgets))}


def _any_of(places: Iterable[tuple[str, str]]) -> Q:
    condition = Q()
    for rule, period in places:
        condition |= Q(rule=rule, period=period)
    return condition


def _enrich(basket: Basket) -> Basket:
    bare = {line.sku for line in basket.lines if not line.brand and not line.categories}
    products = catalogue.find_products(bare)
    lines = tuple(
        line._replace(brand=products[line.sku].brand, categories=products[line.sku].categories)
        if line.sku in bare and line.sku in products
        else line
        for line in basket.lines
    )
    return replace(basket, lines=lines)
