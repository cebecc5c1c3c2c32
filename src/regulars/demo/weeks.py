"""One week of the share, loaded: new members, orders, events, redemptions, each by its room's operation.

The households are dealt to shares that know nothing of each other, so that two can be loaded at once.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from regulars.activity.facade import EventInput, OrderInput
from regulars.demo import simulation
from regulars.demo.calendar import Shift, start_of_week
from regulars.demo.dataset import Basket, Part, Week
from regulars.demo.people import make_member
from regulars.demo.redeeming import redeem_some
from regulars.demo.simulation import Shopper, Stretch
from regulars.demo.types import Loaded
from regulars.earning import facade as earning
from regulars.kit.actor import Actor
from regulars.kit.ids import MemberId
from regulars.members import facade as members

BEFORE_FIRST_BASKET = timedelta(minutes=10)
CHANNEL = "store"

Dated = Sequence[tuple[Basket, datetime]]


@dataclass(slots=True)
class Share:
    """One part of the households, and what must be known of it from one week to the next."""

    part: Part
    actor: Actor
    shift: Shift
    currency: str
    demographics: Mapping[int, Mapping[str, str]]
    now: datetime
    redemptions_a_week: int = simulation.REDEMPTIONS_A_WEEK
    shoppers: dict[int, Shopper] = field(default_factory=dict)

    def date(self, week: Week) -> Dated:
        """The baskets of a week with their moments in the present."""
        return [(basket, self.shift.move(basket.bought_at)) for basket in week.baskets]

    def find_newcomers(self, dated: Dated) -> dict[int, members.MemberInput]:
        """The households that buy for the first time, as members."""
        first: dict[int, datetime] = {}
        for basket, bought_at in dated:
            if basket.household not in self.shoppers:
                first.setdefault(basket.household, bought_at)
        return {
            household: make_member(
                household, self.demographics.get(household, {}), bought_at - BEFORE_FIRST_BASKET
            )
            for household, bought_at in first.items()
        }

    def remember(self, household: int, told: members.MemberInput, member_id: MemberId) -> Shopper:
        """Take a household among the shoppers."""
        if told.joined_at is None or told.birthday is None:
            raise RuntimeError(
                "a household of the demonstration joins at its first basket and has a birthday"
            )
        shopper = Shopper(household, member_id, told.joined_at, told.birthday)
        self.shoppers[household] = shopper
        return shopper


def stretch_of(number: int, shift: Shift, now: datetime) -> Stretch:
    """A week in the present, up to now."""
    return Stretch(number, start_of_week(number, shift), min(start_of_week(number + 1, shift), now))


def load_week(share: Share, week: Week) -> Loaded:
    """Load a share's week. Doing so again changes nothing: everything in it has a key of its own."""
    stretch = stretch_of(week.number, share.shift, share.now)
    dated = share.date(week)
    newcomers = _welcome(share, dated, stretch)
    orders = [_make_order(share, basket, bought_at) for basket, bought_at in dated]
    for outcome in earning.submit_orders(actor=share.actor, now=stretch.end, batch=orders):
        if outcome.refusal is not None:
            raise outcome.refusal
    simulated = _happen(share, dated, newcomers, stretch)
    simulated["redemption"] = _redeem(share, dated, stretch)
    return Loaded(orders=len(orders), lines=sum(len(order.lines) for order in orders), simulated=simulated)


def pass_week(share: Share, week: Week) -> None:
    """Go past a week that was loaded before: only its newcomers must be known."""
    newcomers = share.find_newcomers(share.date(week))
    ids = members.find_member_ids(told.external_id for told in newcomers.values())
    for household, told in newcomers.items():
        share.remember(household, told, ids[told.external_id])


def _welcome(share: Share, dated: Dated, stretch: Stretch) -> list[Shopper]:
    newcomers = share.find_newcomers(dated)
    outcomes = members.save_members(actor=share.actor, now=stretch.end, batch=list(newcomers.values()))
    welcomed = []
    for (household, told), outcome in zip(newcomers.items(), outcomes, strict=True):
        if outcome.member_id is None:
            raise RuntimeError(f"household {household} was refused: {outcome.detail}")
        welcomed.append(share.remember(household, told, outcome.member_id))
    return welcomed


def _make_order(share: Share, basket: Basket, bought_at: datetime) -> OrderInput:
    return OrderInput(
        external_id=f"basket-{basket.id}",
        member_id=share.shoppers[basket.household].member_id,
        occurred_at=bought_at,
        currency=share.currency,
        lines=basket.lines,
        store=str(basket.store),
        channel=CHANNEL,
    )


def _happen(share: Share, dated: Dated, newcomers: Sequence[Shopper], stretch: Stretch) -> Counter[str]:
    """Submit the simulated events of the week; count by kind those that are new or were there."""
    shoppers = sorted(share.shoppers.values(), key=lambda shopper: shopper.household)
    purchases = [(share.shoppers[basket.household], basket, bought_at) for basket, bought_at in dated]
    events: list[EventInput] = [
        *simulation.make_sign_ups(newcomers),
        *simulation.make_birthdays(shoppers, stretch),
        *simulation.make_visits(shoppers, stretch, share=share.part.number),
        *simulation.make_reviews(purchases, stretch, share=share.part.number),
    ]
    outcomes = earning.submit_events(actor=share.actor, now=stretch.end, batch=events)
    # A product reviewed before is refused, as anybody's second review of it would be.
    return Counter(event.kind for event, one in zip(events, outcomes, strict=True) if one.refusal is None)


def _redeem(share: Share, dated: Dated, stretch: Stretch) -> int:
    last_bought = {share.shoppers[basket.household]: bought_at for basket, bought_at in dated}
    redeemers = simulation.pick_redeemers(
        last_bought, stretch, share=share.part.number, how_many=share.redemptions_a_week
    )
    # What can run out is left to one share: the result must not depend on who is faster.
    return redeem_some(redeemers, stretch, scarce=share.part.number == 0)
