"""What the data set does not have: log-ins, reviews, sign-ups, birthdays, drawn from a fixed seed.

Every draw depends on the seed, the week and the purchases alone: a run that was killed repeats itself.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from regulars.activity.facade import EventInput
from regulars.demo.calendar import ZONE
from regulars.demo.dataset import Basket
from regulars.demo.people import SEED
from regulars.kit.clock import start_of_day
from regulars.kit.ids import MemberId
from regulars.members.facade import birthday_in

VISITS_SHARE = 0.06
REVIEWS_A_WEEK = 12
REDEMPTIONS_A_WEEK = 7
"""In each share of the households."""
STARS = (5, 5, 5, 4, 4, 4, 3, 3, 2, 1)
REVIEWS: Mapping[int, tuple[str, ...]] = {
    5: ("We always have it in the house.", "Exactly what it says, and good.", "The children ask for it."),
    4: ("Good, and good value.", "Would buy it again.", "Nearly perfect; a little sweet for me."),
    3: ("All right for every day.", "It does what it should.", "Fine, but the old one was better."),
    2: ("Not as fresh as I had hoped.", "Too expensive for what it is."),
    1: ("Sadly not for us.", "The package was damaged."),
}


@dataclass(frozen=True, slots=True)
class Shopper:
    """A household as the simulation sees it."""

    household: int
    member_id: MemberId
    joined_at: datetime
    birthday: date


@dataclass(frozen=True, slots=True)
class Stretch:
    """One week, moved to the present: half-open, and never beyond now."""

    number: int
    start: datetime
    end: datetime

    def chance(self, purpose: str) -> random.Random:
        """The dice of this week, for one purpose."""
        return random.Random(f"{SEED}:{self.number}:{purpose}")  # noqa: S311 (a simulation, not a secret)

    def moment(self, chance: random.Random, after: datetime | None = None) -> datetime:
        """Some moment of the week, by whole seconds, later than `after`."""
        start = self.start if after is None else after
        seconds = int((self.end - start).total_seconds()) - 1
        return start + timedelta(seconds=chance.randint(1, max(seconds, 1)))


def make_sign_ups(newcomers: Sequence[Shopper]) -> Iterator[EventInput]:
    """Who is new has signed up, shortly before their first basket."""
    for shopper in newcomers:
        yield EventInput(
            external_id=f"sign-up:{shopper.household}",
            member_id=shopper.member_id,
            kind="sign_up",
            occurred_at=shopper.joined_at,
            simulated=True,
        )


def make_birthdays(shoppers: Sequence[Shopper], week: Stretch) -> Iterator[EventInput]:
    """Birthdays of the week, kept as the nightly job keeps them, under the same key."""
    first, last = (
        week.start.astimezone(ZONE).date(),
        (week.end - timedelta(seconds=1)).astimezone(ZONE).date(),
    )
    for shopper in shoppers:
        for year in {first.year, last.year}:
            day = birthday_in(shopper.birthday, year)
            if first <= day <= last and shopper.joined_at.astimezone(ZONE).date() <= day:
                yield EventInput(
                    external_id=f"birthday:{shopper.member_id}:{year}",
                    member_id=shopper.member_id,
                    kind="birthday",
                    occurred_at=start_of_day(day, ZONE),
                    simulated=True,
                )


def make_visits(shoppers: Sequence[Shopper], week: Stretch, *, share: int) -> Iterator[EventInput]:
    """Log-ins: a few members look at their points."""
    chance = week.chance(f"visits:{share}")
    for shopper in shoppers:
        if chance.random() < VISITS_SHARE:
            after = max(week.start, shopper.joined_at)
            yield EventInput(
                external_id=f"visit:{week.number}:{shopper.household}",
                member_id=shopper.member_id,
                kind="visit",
                occurred_at=week.moment(chance, after),
                attributes={"channel": chance.choice(("web", "web", "app"))},
                simulated=True,
            )


def make_reviews(
    purchases: Sequence[tuple[Shopper, Basket, datetime]], week: Stretch, *, share: int
) -> Iterator[EventInput]:
    """Reviews of things that were really bought that week, some while after."""
    chance = week.chance(f"reviews:{share}")
    for shopper, basket, bought_at in chance.sample(purchases, min(REVIEWS_A_WEEK, len(purchases))):
        sku = chance.choice(basket.lines).sku
        stars = chance.choice(STARS)
        yield EventInput(
            external_id=f"review:{shopper.household}:{sku}",
            member_id=shopper.member_id,
            kind="review",
            occurred_at=week.moment(chance, bought_at),
            attributes={"sku": sku, "stars": stars, "text": chance.choice(REVIEWS[stars])},
            simulated=True,
            occasion=sku,
        )


def pick_redeemers(
    last_bought: Mapping[Shopper, datetime], week: Stretch, *, share: int, how_many: int
) -> list[tuple[Shopper, datetime]]:
    """Who redeems this week, and when: after the last basket, so that what is spent was there."""
    chance = week.chance(f"redeemers:{share}")
    shoppers = sorted(last_bought, key=lambda shopper: shopper.household)
    picked = chance.sample(shoppers, min(how_many, len(shoppers)))
    return sorted(
        ((shopper, week.moment(chance, last_bought[shopper])) for shopper in picked), key=lambda one: one[1]
    )
