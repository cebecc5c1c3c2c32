"""A small shop for the store's tests, made with the operations that everyone uses."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from regulars.activity.facade import EventInput, LineInput, OrderInput, ReturnInput, ReturnLineInput
from regulars.catalogue import facade as catalogue
from regulars.catalogue.facade import Picture, PictureSource, ProductInput, RewardInput, RewardKind
from regulars.earning import facade as earning
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.kit.ids import MemberId
from regulars.members import facade as members
from regulars.members.facade import MemberInput
from regulars.rules import facade as rules

PROGRAMME = """
[programme]
name = "Linden Market"
time_zone = "America/New_York"
currency = "USD"
rounding = "floor"
round_at = "line"
stacking = "multiply"

[expiry]
kind = "after_months"
months = 12

[[earn]]
id = "purchases"
name = "Every purchase"
type = "per_amount"
points = 1
per = 1.00
qualifying = true

[[earn]]
id = "bread"
name = "Bread counts double"
type = "multiplier"
factor = 2
match = { categories = ["bread"] }

[[earn]]
id = "first"
name = "First purchase"
type = "bonus"
points = 50
first_purchase = true

[[earn]]
id = "review"
name = "Review"
type = "event"
event = "review"
points = 20

[tiers]
metric = "points"
window = "rolling"
window_months = 12
grace_days = 30

[[tiers.tier]]
code = "member"
name = "Member"
threshold = 0

[[tiers.tier]]
code = "silver"
name = "Silver"
threshold = 500
earn_multiplier = 1.25
early_access_hours = 24
perks = ["New rewards a day before everyone else"]

[[tiers.tier]]
code = "gold"
name = "Gold"
threshold = 2000
earn_multiplier = 1.5
early_access_hours = 48
perks = ["New rewards two days before everyone else", "A share of each reward kept for you"]
"""

PRODUCTS = [
    ProductInput("LOAF", "Sourdough loaf", "Linden Bakery", ("bakery", "bread"), 650),
    ProductInput("MILK", "Whole milk, one gallon", "Meadow", ("dairy", "milk"), 420),
    ProductInput("COFFEE", "Coffee beans, 1 lb", "Harbour", ("pantry", "coffee"), 1450),
    ProductInput("APPLES", "Apples, 3 lb", "Orchard", ("produce", "fruit"), 549),
]


def drawing(name: str) -> Picture:
    """A built-in picture."""
    return Picture(PictureSource.BUILTIN, name)


REWARDS = [
    RewardInput(
        "coffee",
        "A cup of coffee, any size",
        RewardKind.VOUCHER,
        200,
        description="<p>Any coffee from the bar, as large as you like.</p>",
        terms="<p>One a visit.</p>",
        picture=drawing("coffee"),
        code_pool="coffee",
        instant=True,
        voucher_valid_days=30,
        per_member_max=3,
    ),
    RewardInput(
        "loaf",
        "A fresh loaf of bread",
        RewardKind.GOODS,
        150,
        description="<p>Baked this morning, in our own oven.</p>",
        picture=drawing("bread"),
        stock=40,
        cancellable_for_hours=48,
    ),
    RewardInput("five-off", "$5 off your next basket", RewardKind.DISCOUNT, 500),
    RewardInput(
        "flowers", "A bunch of seasonal flowers", RewardKind.GOODS, 600, picture=drawing("flowers"), stock=3
    ),
    RewardInput(
        "tote",
        "The regulars’ tote bag",
        RewardKind.GOODS,
        400,
        price_money=300,
        picture=drawing("tote"),
        stock=25,
    ),
    RewardInput("cheese", "The cheese of the month", RewardKind.GOODS, 450, picture=drawing("cheese")),
    RewardInput("food-bank", "Groceries for the food bank", RewardKind.DONATION, 250, instant=True),
    RewardInput("gift-card", "A gift card of $20", RewardKind.GIFT_CARD, 2000),
    RewardInput("delivery", "Free delivery for a month", RewardKind.FREE_SHIPPING, 1200),
    RewardInput("tasting", "An evening at the roastery", RewardKind.PARTNER, 350, tiers_allowed=("gold",)),
]


@dataclass(frozen=True, slots=True)
class Shop:
    """The members of the small shop. Anna has a year behind her, Ben has just joined."""

    now: datetime
    anna: MemberId
    ben: MemberId


def open_shop() -> Shop:
    """Publish the programme, fill the shelves, let Anna buy, return and review."""
    now = utc_now()
    began = now - timedelta(days=700)
    rules.publish_programme(actor=SYSTEM, now=began, text=PROGRAMME)
    catalogue.save_products(actor=SYSTEM, now=began, batch=PRODUCTS)
    catalogue.save_pool(actor=SYSTEM, now=began, code="coffee", name="Coffee vouchers")
    codes = [f"CUP-{number:04d}" for number in range(1000, 1020)]
    catalogue.import_codes(actor=SYSTEM, now=began, pool="coffee", codes=codes)
    for reward in REWARDS:
        catalogue.save_reward(actor=SYSTEM, now=began, reward=reward)
    anna, ben = join(
        now,
        MemberInput("anna", "Anna", "Lindqvist", "anna@example.org", joined_at=began),
        MemberInput("ben", "Ben", "Okafor", "ben@example.org", joined_at=now - timedelta(days=1)),
    )
    live_a_year(anna, now)
    return Shop(now, anna, ben)


def join(now: datetime, *inputs: MemberInput) -> list[MemberId]:
    """Members, in the order given."""
    outcomes = members.save_members(
        actor=SYSTEM,
        now=now,
        batch=[replace(one, locale="en", time_zone="America/New_York") for one in inputs],
    )
    return [outcome.member_id for outcome in outcomes if outcome.member_id is not None]


def live_a_year(member_id: MemberId, now: datetime) -> None:
    """A year of purchases, one of them partly returned, and a review."""
    days = [358, 330, 300, 250, 210, 170, 120, 90, 60, 30, 10, 2]
    buy(member_id, [order(f"A-{day}", member_id, now - timedelta(days=day), big=True) for day in days])
    outcomes = earning.submit_returns(
        actor=SYSTEM,
        now=now,
        batch=[ReturnInput("R-1", "A-30", now - timedelta(days=28), (ReturnLineInput(1, 1),))],
    )
    assert [one.refusal for one in outcomes] == [None]
    events = [EventInput("E-1", member_id, "review", now - timedelta(days=5), simulated=True)]
    assert [one.refusal for one in earning.submit_events(actor=SYSTEM, now=now, batch=events)] == [None]


def buy(member_id: MemberId, orders: Sequence[OrderInput]) -> None:
    """Submit orders and see that each was taken."""
    latest = max(one.occurred_at for one in orders) + timedelta(minutes=1)
    outcomes = earning.submit_orders(actor=SYSTEM, now=max(latest, utc_now()), batch=orders)
    assert [one.refusal for one in outcomes] == [None] * len(orders)


def order(external_id: str, member_id: MemberId, occurred_at: datetime, *, big: bool = False) -> OrderInput:
    """A basket: bread and milk; with coffee and apples where it is a big one."""
    lines = [LineInput(1, "LOAF", 2, 1300), LineInput(2, "MILK", 1, 420)]
    if big:
        lines += [LineInput(3, "COFFEE", 3, 4350, 200), LineInput(4, "APPLES", 2, 1098)]
    return OrderInput(external_id, member_id, occurred_at, "USD", tuple(lines), store="367", channel="shop")
