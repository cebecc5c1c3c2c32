"""The list of rewards: what each costs, what is left, how often it was taken, and who can pay for it."""

from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.catalogue import facade as catalogue
from regulars.catalogue.facade import OfferState, RewardKind
from regulars.console.desk import Desk
from regulars.console.forms_rewards import KINDS
from regulars.ledger import facade as ledger
from regulars.redemption import facade as redemption
from regulars.redemption.facade import Demand

PAGE_SIZE = 25
SEARCH_MAX = 100
STATE_NAMES: dict[OfferState, Promise] = {
    OfferState.LIVE: _("Live"),
    OfferState.SCHEDULED: _("Scheduled"),
    OfferState.SOLD_OUT: _("Sold out"),
    OfferState.ENDED: _("Ended"),
    OfferState.DRAFT: _("Draft"),
    OfferState.ARCHIVED: _("Archived"),
}
# The look of a state's badge.
STATE_LOOKS = {
    OfferState.LIVE: "secondary",
    OfferState.SCHEDULED: "honey",
    OfferState.SOLD_OUT: "destructive",
    OfferState.ENDED: "muted",
    OfferState.DRAFT: "outline",
    OfferState.ARCHIVED: "muted",
}


@dataclass(frozen=True, slots=True)
class RewardFilters:
    """What of the list is wanted, as the address says it; nonsense counts as nothing said."""

    search: str = ""
    kind: RewardKind | None = None
    state: OfferState | None = None

    @property
    def any(self) -> bool:
        """Whether anything is left out."""
        return bool(self.search or self.kind or self.state)

    def to_query(self, **more: str) -> str:
        """The address of the list with these filters."""
        query = QueryDict(mutable=True)
        wanted = {"q": self.search, "kind": self.kind or "", "state": self.state or ""} | more
        query.update({name: value for name, value in wanted.items() if value})
        return f"{reverse('console:rewards')}?{query.urlencode()}"


@dataclass(frozen=True, slots=True)
class RewardRow:
    """One reward in the list. `reach`: how many members have the points for it now."""

    offer: catalogue.Offer
    demand: Demand
    reach: int

    @property
    def reward(self) -> catalogue.RewardInput:
        """What was decided about it."""
        return self.offer.info.decided

    @property
    def kind_name(self) -> Promise:
        """Its kind, for operators."""
        return KINDS[self.reward.kind]

    @property
    def state_name(self) -> Promise:
        """Its state, for operators."""
        return STATE_NAMES[self.offer.state]

    @property
    def state_look(self) -> str:
        """How the badge of its state looks."""
        return STATE_LOOKS[self.offer.state]

    @property
    def says(self) -> catalogue.RewardText:
        """What it says in the reader's language."""
        return catalogue.say_now(self.reward)


@dataclass(frozen=True, slots=True)
class RewardList:
    """A page of the list. `none_at_all` says that there is no reward yet, whatever the filters."""

    filters: RewardFilters
    rows: tuple[RewardRow, ...]
    more: str
    states: tuple[tuple[OfferState, Promise, int], ...]
    kinds: tuple[tuple[RewardKind, Promise], ...]
    counted_at: datetime
    low_pools: tuple[catalogue.PoolStock, ...]
    currency: str

    @property
    def none_at_all(self) -> bool:
        """Whether there is no reward, not even a draft."""
        return not any(count for _state, _name, count in self.states)


def read_reward_filters(query: QueryDict) -> RewardFilters:
    """The filters out of an address."""
    kind, state = query.get("kind", ""), query.get("state", "")
    return RewardFilters(
        search=" ".join(query.get("q", "").split())[:SEARCH_MAX],
        kind=RewardKind(kind) if kind in list(RewardKind) else None,
        state=OfferState(state) if state in list(OfferState) else None,
    )


def read_rewards(desk: Desk, filters: RewardFilters, cursor: str | None) -> RewardList:
    """One page of the list; eight queries, whatever its size. Raises BadCursor."""
    found = catalogue.list_offers(
        now=desk.now,
        search=filters.search,
        kind=filters.kind,
        state=filters.state,
        cursor=cursor,
        size=PAGE_SIZE,
    )
    demand = redemption.count_demand([offer.info.id for offer in found.items], desk.now)
    reach = ledger.count_reach((offer.info.decided.price_points for offer in found.items), desk.now)
    counts = catalogue.count_offers(desk.now)
    return RewardList(
        filters=filters,
        rows=tuple(
            RewardRow(offer, demand[offer.info.id], reach.members[offer.info.decided.price_points])
            for offer in found.items
        ),
        more=filters.to_query(cursor=found.next_cursor) if found.next_cursor else "",
        states=tuple((state, name, counts[state]) for state, name in STATE_NAMES.items()),
        kinds=tuple(KINDS.items()),
        counted_at=reach.counted_at,
        low_pools=tuple(pool for pool in catalogue.list_pool_stocks() if pool.runs_low),
        currency=desk.programme.currency if desk.programme else "",
    )
