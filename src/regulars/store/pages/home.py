"""The home page: the balance that counts, what it can get, what is about to lapse, where it came from."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from regulars.catalogue import facade as catalogue
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.redemption import facade as redemption
from regulars.store.pages.entries import SHOWN, EntryView, build_entries
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
    viewer = redemption.load_viewer(
        member_id=visit.member_id, programme=programme, now=visit.now, points=balance.active
    )
    # Dearest first: what many points were saved for is worth more of the page than what is always there.
    have = catalogue.list_rewards(
        viewer=viewer, affordable=True, sort=catalogue.RewardSort.PRICE_HIGH, size=TILES
    ).items
    ahead = find_ahead(viewer)
    progress = tiers.get_progress(visit.member_id, programme, visit.now)
    expiring = load_expiring(visit)
    perks = list_perks(programme, progress.tier) if progress else ()
    entries = ledger.list_entries(visit.member_id, ledger.Currency.POINTS, size=RECENT, kinds=SHOWN)
    return HomePage(
        balance=balance,
        points_word=programme.points_name.of(balance.active),
        have_now=bool(have),
        tiles=have or ahead[:TILES],
        nearest=ahead[0] if ahead else None,
        goal=find_goal(visit.member_id, viewer),
        expiring=expiring,
        expiring_buys=find_buy(viewer, sum(lot.points for lot in expiring)) if expiring else None,
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
        recent=build_entries(entries.items, visit.now),
        ways_to_earn=list_ways(programme, WAYS),
    )


def find_ahead(viewer: catalogue.Viewer) -> tuple[catalogue.RewardView, ...]:
    """Rewards that nothing but points is missing for, nearest first; one query."""
    dearer = catalogue.list_rewards(viewer=viewer, price_over=viewer.points, size=AHEAD_READ)
    return tuple(
        reward for reward in dearer.items if reward.availability.state is catalogue.RewardState.SHORT
    )


def find_goal(member_id: MemberId, viewer: catalogue.Viewer) -> catalogue.RewardView | None:
    """What the member saves for, as long as they are shown it; two queries, one where there is none."""
    code = redemption.find_goal(member_id)
    try:
        return catalogue.view_reward(code, viewer) if code is not None else None
    except catalogue.RewardNotFound:
        return None


def find_buy(viewer: catalogue.Viewer, points: int) -> catalogue.RewardView | None:
    """The dearest reward that the viewer may have now and that so many points pay for; one query."""
    found = catalogue.list_rewards(
        viewer=viewer, affordable=True, price_to=points, sort=catalogue.RewardSort.PRICE_HIGH, size=1
    )
    return found.items[0] if found.items else None


def load_expiring(visit: MemberVisit) -> tuple[Expiring, ...]:
    """What lapses soon, earliest first."""
    found = ledger.list_expiring(visit.member_id, visit.now, EXPIRING_WITHIN_DAYS)
    return tuple(
        Expiring(points, visit.programme.points_name.of(points), expires_at - timedelta(microseconds=1))
        for expires_at, points in found[:EXPIRING_SHOWN]
    )
