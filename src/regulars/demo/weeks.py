"""One week of the year, loaded: members who are new, orders, events, redemptions, each by its room's operation."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from regulars.activity.facade import EventInput, OrderInput
from regulars.demo import simulation
from regulars.demo.calendar import Shift, start_of_week
from regulars.demo.dataset import Basket, Week
from regulars.demo.people import make_member
from regulars.demo.redeeming import deliver_some, redeem_some
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
class Year:
    """What must be known from one week to the next."""

    actor: Actor
    shift: Shift
    currency: str
    demographics: Mapping[int, Mapping[str, str]]
    now: datetime
    shoppers: dict[int, Shopper] = field(default_factory=dict)

    def stretch(self, number: int) -> Stretch:
        """A week in the present, up to now."""
        end = min(start_of_week(number + 1, self.shift), self.now)
        return Stretch(number, start_of_week(number, self.shift), end)

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


def load_week(year: Year, week: Week) -> Loaded:
    """Load one week. Doing so again changes nothing: everything in it has a key of its own."""
    stretch = year.stretch(week.number)
    dated = year.date(week)
    newcomers = _welcome(year, dated, stretch)
    orders = [_make_order(year, basket, bought_at) for basket, bought_at in dated]
    for outcome in earning.submit_orders(actor=year.actor, now=stretch.end, batch=orders):
        if outcome.refusal is not None:
            raise outcome.refusal
    simulated = _happen(year, dated, newcomers, stretch)
    simulated["redemption"] = _redeem(year, dated, stretch)
    return Loaded(orders=len(orders), lines=sum(len(order.lines) for order in orders), simulated=simulated)


def pass_week(year: Year, week: Week) -> None:
    """Go past a week that was loaded before: only its newcomers must be known."""
    newcomers = year.find_newcomers(year.date(week))
    ids = members.find_member_ids(told.external_id for told in newcomers.values())
    for household, told in newcomers.items():
        year.remember(household, told, ids[told.external_id])


def _welcome(year: Year, dated: Dated, stretch: Stretch) -> list[Shopper]:
    newcomers = year.find_newcomers(dated)
    outcomes = members.save_members(actor=year.actor, now=stretch.end, batch=list(newcomers.values()))
    welcomed = []
    for (household, told), outcome in zip(newcomers.items(), outcomes, strict=True):
        if outcome.member_id is None:
            raise RuntimeError(f"household {household} was refused: {outcome.detail}")
        welcomed.append(year.remember(household, told, outcome.member_id))
    return welcomed


def _make_order(year: Year, basket: Basket, bought_at: datetime) -> OrderInput:
    return OrderInput(
        external_id=f"basket-{basket.id}",
        member_id=year.shoppers[basket.household].member_id,
        occurred_at=bought_at,
        currency=year.currency,
        lines=basket.lines,
        store=str(basket.store),
        channel=CHANNEL,
    )


def _happen(year: Year, dated: Dated, newcomers: Sequence[Shopper], stretch: Stretch) -> Counter[str]:
    """Submit the simulated events of the week; count by kind those that are new or were there."""
    shoppers = sorted(year.shoppers.values(), key=lambda shopper: shopper.household)
    purchases = [(year.shoppers[basket.household], basket, bought_at) for basket, bought_at in dated]
    events: list[EventInput] = [
        *simulation.make_sign_ups(newcomers),
        *simulation.make_birthdays(shoppers, stretch),
        *simulation.make_visits(shoppers, stretch),
        *simulation.make_reviews(purchases, stretch),
    ]
    outcomes = earning.submit_events(actor=year.actor, now=stretch.end, batch=events)
    # A product reviewed before is refused, as anybody's second review of it would be.
    return Counter(event.kind for event, one in zip(events, outcomes, strict=True) if one.refusal is None)


def _redeem(year: Year, dated: Dated, stretch: Stretch) -> int:
    last_bought = {year.shoppers[basket.household]: bought_at for basket, bought_at in dated}
    deliver_some(year.actor, stretch)
    return redeem_some(simulation.pick_redeemers(last_bought, stretch), stretch)
