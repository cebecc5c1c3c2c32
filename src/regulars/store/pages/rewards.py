"""Rewards: the list with its filters, one reward, and what redeeming it would mean."""

from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.catalogue import facade as catalogue
from regulars.design.facade import format_points
from regulars.redemption import facade as redemption
from regulars.rules import facade as rules

PAGE_SIZE = 24
SEARCH_MAX = 100
CATEGORY_MAX = 80
PRICE_STEPS = (100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000)
PRICE_MAX = 10**12
WISHABLE = frozenset(catalogue.RewardState) - {
    catalogue.RewardState.AVAILABLE,
    catalogue.RewardState.ENDED,
    catalogue.RewardState.LIMIT_REACHED,
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the list is wanted, as the address says it; nonsense counts as nothing said."""

    search: str = ""
    kind: catalogue.RewardKind | None = None
    category: str = ""
    price_to: int | None = None
    tier: str = ""
    affordable: bool = False
    sort: catalogue.RewardSort = catalogue.RewardSort.PRICE_LOW

    @property
    def folded_away(self) -> bool:
        """Whether one of those is set that stand below the fold."""
        return bool(self.kind or self.price_to is not None or self.tier)

    @property
    def any(self) -> bool:
        """Whether anything is left out."""
        return bool(self.search or self.category or self.affordable or self.folded_away)

    def to_query(self, cursor: str) -> str:
        """The address of the page that begins after `cursor`."""
        query = QueryDict(mutable=True)
        query["q"] = self.search
        query["category"] = self.category
        query["kind"] = self.kind.value if self.kind else ""
        query["price"] = "" if self.price_to is None else str(self.price_to)
        query["tier"] = self.tier
        query["sort"] = self.sort.value
        if self.affordable:
            query["affordable"] = "on"
        query["cursor"] = cursor
        return f"{reverse('store:rewards')}?{query.urlencode()}"


@dataclass(frozen=True, slots=True)
class RewardsPage:
    """One page of the list, and the choices above it.

    `tiers` (code, name) are those that have rewards of their own.
    """

    filters: Filters
    rewards: tuple[catalogue.RewardView, ...]
    next_href: str
    categories: tuple[str, ...] = ()
    tiers: tuple[tuple[str, str], ...] = ()
    price_max: int = 0

    @property
    def prices(self) -> list[tuple[int, str]]:
        """The most points that a reward may cost, to choose from."""
        steps = {step for step in PRICE_STEPS if step < self.price_max}
        if self.filters.price_to is not None:
            steps.add(self.filters.price_to)
        return [(step, _("Up to %(points)s") % {"points": format_points(step)}) for step in sorted(steps)]

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """The kinds to choose from."""
        return [(kind.value, catalogue.name_kind(kind)) for kind in catalogue.RewardKind]

    @property
    def sorts(self) -> list[tuple[str, str]]:
        """The orders to choose from."""
        return [
            (catalogue.RewardSort.PRICE_LOW.value, _("Fewest points first")),
            (catalogue.RewardSort.PRICE_HIGH.value, _("Most points first")),
            (catalogue.RewardSort.NEWEST.value, _("Newest first")),
            (catalogue.RewardSort.NAME.value, _("By name")),
        ]


@dataclass(frozen=True, slots=True)
class RewardPage:
    """One reward, `units` of it; `is_first_look`: the member has not chosen how many yet.

    `goal` says that the member saves for it, `wishable` that they could.

    The texts were sanitised when they were saved, so they are shown as they are.
    """

    reward: catalogue.RewardView
    kind_name: str
    points_after: int
    facts: tuple[catalogue.RewardFact, ...]
    key: str = ""
    refusal: str = ""
    goal: bool = False
    units: int = 1
    units_max: int = 1
    units_why: str = ""
    is_first_look: bool = True

    @property
    def price_points(self) -> int:
        """Of all units together."""
        return self.reward.price_points * self.units

    @property
    def price_money(self) -> int:
        """Of all units together, in minor units."""
        return self.reward.price_money * self.units

    @property
    def fewer(self) -> int:
        """One less, or 0 where there is no less."""
        return self.units - 1

    @property
    def more(self) -> int:
        """One more, or 0 where that is too many."""
        return self.units + 1 if self.units < self.units_max else 0

    @property
    def wishable(self) -> bool:
        """Whether saving for it makes sense: it is not to be had now, and may come to be."""
        return self.reward.availability.state in WISHABLE

    @property
    def description_html(self) -> SafeString:
        """What it is."""
        return mark_safe(self.reward.description)  # noqa: S308  (sanitised by the catalogue)

    @property
    def terms_html(self) -> SafeString:
        """Under which terms."""
        return mark_safe(self.reward.terms)  # noqa: S308  (sanitised by the catalogue)


def read_filters(query: QueryDict) -> Filters:
    """The filters out of an address."""
    kind, sort, price = query.get("kind", ""), query.get("sort", ""), query.get("price", "")
    return Filters(
        search=" ".join(query.get("q", "").split())[:SEARCH_MAX],
        kind=catalogue.RewardKind(kind) if kind in list(catalogue.RewardKind) else None,
        category=query.get("category", "")[:CATEGORY_MAX],
        price_to=min(int(price), PRICE_MAX)
        if price.isascii() and price.isdigit() and len(price) < 20
        else None,
        tier=query.get("tier", "")[:64],
        affordable=query.get("affordable") == "on",
        sort=(
            catalogue.RewardSort(sort)
            if sort in list(catalogue.RewardSort)
            else catalogue.RewardSort.PRICE_LOW
        ),
    )


def load_rewards(
    filters: Filters, viewer: catalogue.Viewer, programme: rules.Programme, cursor: str | None
) -> RewardsPage:
    """One page of the list and the choices above it; two queries. Raises BadCursor."""
    found = catalogue.list_rewards(
        viewer=viewer,
        search=filters.search,
        kind=filters.kind,
        category=filters.category or None,
        price_to=filters.price_to,
        only_for_tier=filters.tier or None,
        affordable=filters.affordable,
        sort=filters.sort,
        cursor=cursor,
        size=PAGE_SIZE,
    )
    next_href = filters.to_query(found.next_cursor) if found.next_cursor else ""
    facets = catalogue.find_facets(viewer)
    return RewardsPage(
        filters=filters,
        rewards=found.items,
        next_href=next_href,
        categories=facets.categories,
        tiers=tuple((tier.code, tier.name) for tier in programme.tiers.tiers if tier.code in facets.tiers),
        price_max=facets.price_max,
    )


def load_reward(
    code: str,
    viewer: catalogue.Viewer,
    *,
    key: str = "",
    refusal: str = "",
    goal: str | None = None,
    units: int | None = None,
) -> RewardPage:
    """One reward as the viewer sees it, so many of it as they want and can have; one query.

    Raises RewardNotFound.
    """
    reward = catalogue.view_reward(code, viewer)
    units_max, bound = redemption.bound_units(reward, viewer)
    taken = max(min(units or 1, units_max), 1)
    return RewardPage(
        reward=reward,
        kind_name=catalogue.name_kind(reward.kind),
        points_after=max(viewer.points - reward.price_points * taken, 0),
        facts=catalogue.list_facts(reward, viewer.now),
        key=key,
        refusal=refusal,
        goal=goal == code,
        units=taken,
        units_max=units_max,
        is_first_look=units is None,
        units_why=_explain_bound(bound, units_max),
    )


def read_units(text: str) -> int | None:
    """How many are wanted, as an address or a form says it; None where it does not."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else None


def _explain_bound(bound: redemption.UnitsBound, units_max: int) -> str:
    """Why no more than that."""
    match bound:
        case redemption.UnitsBound.LIMIT:
            told = ngettext(
                "You can have %(count)s more of these.", "You can have %(count)s more of these.", units_max
            )
        case redemption.UnitsBound.STOCK:
            told = ngettext("There is %(count)s left.", "There are %(count)s left.", units_max)
        case redemption.UnitsBound.POINTS:
            told = ngettext(
                "Your points are enough for %(count)s.", "Your points are enough for %(count)s.", units_max
            )
        case _:
            told = ngettext("At most %(count)s at once.", "At most %(count)s at once.", units_max)
    return told % {"count": units_max}
