"""The home page: the balance that counts, what it can get, what is about to lapse, where it came from."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from regulars.catalogue import facade as catalogue
from regulars.ledger import facade as ledger
from regulars.redemption import facade as redemption
from regulars.store.pages.entries import SHOWN, EntryView, summarise_entries
from regulars.store.pages.programme import format_metric, list_perks, list_ways
from regulars.store.visits import MemberVisit
from regulars.tiers import facade as tiers

TILES = 4
RECENT = 4
WAYS = 4
EXPIRING_WITHIN_DAYS = 60
EXPIRING_SHOWN = 3
AHEAD_READ = 12  # some of them may be sold out or not for this member


@dataclass(frozen=True, slots=True)
class Expiring:
    """Points that lapse when `day` is over."""

    points: int
    word: str
    day: datetime


@dataclass(frozen=True, slots=True)
class HomePage:
    """All that the home page shows. `tiles` can be had now or, where nothing can, are the nearest.

    `goal` is what the member saves for; it takes the place of the `nearest`. `expiring_buys` is the best
    that the points about to lapse would buy by themselves.
    """

    balance: ledger.Balance
    points_word: str
    have_now: bool
    tiles: tuple[catalogue.RewardView, ...]
    nearest: catalogue.RewardView | None
    goal: catalogue.RewardView | None
    expiring: tuple[Expiring, ...]
    expiring_buys: catalogue.RewardView | None
    tier: tiers.TierProgress | None
    tier_needed: str
    tier_needed_to_keep: str
    perks: tuple[str, ...]
    next_perks: tuple[str, ...]
    recent: tuple[EntryView, ...]
    ways_to_earn: tuple[str, ...]

    @property
    def expiring_later(self) -> tuple[Expiring, ...]:
        """All but the first."""
        return self.expiring[1:]


def load_home(visit: MemberVisit) -> HomePage:
    """The home page of one member. The number of queries does not depend on what there is to show."""
    programme = visit.programme
    balance = ledger.get_balance(visit.member_id, visit.now)
    progress = tiers.get_progress(visit.member_id, programme, visit.now)
    viewer = redemption.load_viewer(
        member_id=visit.member_id,
        programme=programme,
        now=visit.now,
        points=balance.active,
        tier=progress.tier if progress else "",
    )
    expiring = load_expiring(visit)
    offers = find_offers(viewer, sum(lot.points for lot in expiring), redemption.find_goal(visit.member_id))
    perks = list_perks(programme, progress.tier) if progress else ()
    entries = ledger.list_entries(visit.member_id, ledger.Currency.POINTS, size=RECENT, kinds=SHOWN)
    return HomePage(
        balance=balance,
        points_word=programme.points_name.of(balance.active),
        have_now=bool(offers.have),
        tiles=offers.have or offers.ahead[:TILES],
        nearest=offers.ahead[0] if offers.ahead else None,
        goal=offers.goal,
        expiring=expiring,
        expiring_buys=offers.buy,
        tier=progress,
        tier_needed=format_metric(progress.needed, programme) if progress else "",
        tier_needed_to_keep=(
            format_metric(progress.needed_to_keep, programme) if progress and progress.needed_to_keep else ""
        ),
        perks=perks,
        next_perks=(
            tuple(perk for perk in list_perks(programme, progress.next_tier) if perk not in perks)
            if progress and progress.next_tier
            else ()
        ),
        recent=summarise_entries(entries.items, visit.now),
        ways_to_earn=list_ways(programme, WAYS),
    )


@dataclass(frozen=True, slots=True)
class Offers:
    """The rewards of the home page: what can be had (dearest first: what many points were saved for is worth
    more of the page than what is always there), what is ahead, what is saved for, what lapsing points buy."""

    have: tuple[catalogue.RewardView, ...]
    ahead: tuple[catalogue.RewardView, ...]
    goal: catalogue.RewardView | None
    buy: catalogue.RewardView | None


def find_offers(viewer: catalogue.Viewer, lapsing: int, goal: str | None) -> Offers:
    """What the home page offers; `lapsing` points are about to go, `goal` is the code of what is saved for.

    One query where the shelf is of a size to be looked at whole, else up to four.
    """
    shelf = catalogue.find_shelf(viewer)
    if shelf is None:
        return _pick_offers(viewer, lapsing, goal)
    buy = shelf.list_available(size=1, price_to=lapsing) if lapsing else ()
    return Offers(
        have=shelf.list_available(size=TILES),
        ahead=shelf.list_ahead(size=TILES),
        goal=(shelf.find(goal) or _view(goal, viewer)) if goal is not None else None,
        buy=buy[0] if buy else None,
    )


def _pick_offers(viewer: catalogue.Viewer, lapsing: int, goal: str | None) -> Offers:
    """The same, picked by the database."""
    dearest = catalogue.RewardSort.PRICE_HIGH
    dearer = catalogue.list_rewards(viewer=viewer, price_over=viewer.points, size=AHEAD_READ).items
    buy = (
        catalogue.list_rewards(viewer=viewer, affordable=True, price_to=lapsing, sort=dearest, size=1).items
        if lapsing
        else ()
    )
    short = [one for one in dearer if one.availability.state is catalogue.RewardState.SHORT]
    return Offers(
        have=catalogue.list_rewards(viewer=viewer, affordable=True, sort=dearest, size=TILES).items,
        ahead=tuple(short[:TILES]),
        goal=_view(goal, viewer) if goal is not None else None,
        buy=buy[0] if buy else None,
    )


def _view(code: str, viewer: catalogue.Viewer) -> catalogue.RewardView | None:
    """A reward as long as the viewer is shown it, also once it has ended; one query."""
    try:
        return catalogue.view_reward(code, viewer)
    except catalogue.RewardNotFound:
        return None


def load_expiring(visit: MemberVisit) -> tuple[Expiring, ...]:
    """What lapses soon, earliest first."""
    found = ledger.list_expiring(visit.member_id, visit.now, EXPIRING_WITHIN_DAYS)
    return tuple(
        Expiring(points, visit.programme.points_name.of(points), expires_at - timedelta(microseconds=1))
        for expires_at, points in found[:EXPIRING_SHOWN]
    )
