"""What the market offers for points: written for the demonstration, a hundred points being a dollar."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from regulars.catalogue.facade import Picture, PictureSource, RewardInput, RewardKind
from regulars.demo.people import SEED

CODES_EACH = 500
CODE_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
FIRST_LOOK = "first-look-hamper"
FIRST_LOOK_HOURS = 48
"""It opens for everyone so long after the demonstration was last started; Gold may look earlier."""
SOLD_OUT = "cookie-tin"
SOLD_OUT_STOCK = 12

IN_STORE = (
    "<p>Show your code at the service desk of any store. Not for resale, not exchangeable for money.</p>"
)
ONLINE = (
    "<p>Enter the code when you pay, online or at a till. One code a basket. "
    "Fuel, tobacco and gift cards excluded.</p>"
)
PARTNERS = "<p>Our partner takes the code. It may be given away, and is not replaced when lost.</p>"

COSTS = {
    "coffee": 45,
    "loaf": 110,
    "fruit-bag": 190,
    "cake-slice": 160,
    "tote": 260,
    "mug": 540,
    "cheese-board": 620,
    "bouquet": 700,
    "skillet": 1_900,
    # Off a basket whose goods the shop bought: three quarters of what stands on the slip.
    "save-2": 150,
    "save-5": 375,
    "save-10": 750,
    "save-25": 1_875,
    "free-delivery": 390,
    "gift-20": 1_500,
    "gift-50": 3_750,
    "car-wash": 480,
    "cinema": 850,
    "cooking-class": 3_100,
    "weekend": 9_800,
    "food-bank": 100,
    "trees": 250,
    FIRST_LOOK: 1_150,
    "tasting": 600,
}
"""What one costs the market, in cents; of the week of five percent and the tin that has gone nobody said."""


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool of codes, all beginning alike."""

    code: str
    name: str
    prefix: str


POOLS = (
    Pool("save-2", "$2 vouchers", "TWO"),
    Pool("save-5", "$5 vouchers", "FIVE"),
    Pool("save-10", "$10 vouchers", "TEN"),
    Pool("save-25", "$25 vouchers", "MAX"),
    Pool("delivery", "Free deliveries", "DLV"),
    Pool("gift-20", "$20 gift cards", "GIFT20"),
    Pool("gift-50", "$50 gift cards", "GIFT50"),
    Pool("cinema", "Cinema tickets", "CINE"),
    Pool("car-wash", "Car washes", "WASH"),
    Pool("weekend", "Weekends away", "AWAY"),
)


def make_codes(pool: Pool) -> list[str]:
    """The codes of a pool: the same at every start, which is fine where nothing can be bought with them."""
    chance = random.Random(f"{SEED}:codes:{pool.code}")  # noqa: S311 (a simulation, not a secret)
    return [
        f"{pool.prefix}-{''.join(chance.choices(CODE_SIGNS, k=4))}-{''.join(chance.choices(CODE_SIGNS, k=4))}"
        for _ in range(CODES_EACH)
    ]


def list_rewards(now: datetime) -> Iterator[RewardInput]:
    """All rewards, as they are at the start of a demonstration at `now`."""
    for reward in (*_goods(), *_vouchers(), *_experiences(), *_special(now)):
        yield replace(reward, cost=COSTS.get(reward.code))


def make_first_look(now: datetime) -> RewardInput:
    """The reward that Gold may have before everyone else."""
    return RewardInput(
        code=FIRST_LOOK,
        name="Grill hamper for six",
        kind=RewardKind.GOODS,
        price_points=1500,
        category="Specials",
        description=(
            "<p>Steaks, sausages and corn from our own butcher and farms, packed when you collect it.</p>"
            "<p><strong>Gold and Platinum choose first</strong>, everyone else two days later.</p>"
        ),
        terms=IN_STORE,
        picture=_builtin("hamper", "A hamper"),
        stock=60,
        kept_units=20,
        kept_for_rank=2,
        kept_until=now + timedelta(hours=FIRST_LOOK_HOURS, days=7),
        per_member_max=1,
        active_from=now + timedelta(hours=FIRST_LOOK_HOURS),
        cancellable_for_hours=24,
        cost=COSTS[FIRST_LOOK],
    )


def _goods() -> Iterator[RewardInput]:
    small = (
        (
            "coffee",
            "A cup of coffee",
            150,
            "coffee",
            "Any size, any roast, from our coffee bar. Take it along or stay a while.",
        ),
        (
            "loaf",
            "A loaf from our ovens",
            250,
            "bread",
            "Rye, wheat or sourdough: whatever comes out of the oven when you are there.",
        ),
        (
            "fruit-bag",
            "A bag of seasonal fruit",
            300,
            "fruit",
            "Two pounds of whatever the orchards send us this week.",
        ),
        (
            "cake-slice",
            "Two slices of cake",
            350,
            "cake",
            "From the counter, with a second fork. Ask for the lemon one.",
        ),
    )
    for code, name, price, picture, text in small:
        yield RewardInput(
            code=code,
            name=name,
            kind=RewardKind.GOODS,
            price_points=price,
            category="Fresh from the counter",
            description=f"<p>{text}</p>",
            terms=IN_STORE,
            picture=_builtin(picture, name),
            cancellable_for_hours=24,
        )
    larger = (
        ("tote", "Canvas tote", 500, "tote", "Holds a week of groceries and looks better every year.", 400),
        ("mug", "Stoneware mug", 800, "mug", "Thrown by hand on Maple Street, glazed in our green.", 250),
        (
            "cheese-board",
            "Cheese board for two",
            900,
            "cheese",
            "Five cheeses, chosen and cut for you at the deli.",
            300,
        ),
        (
            "bouquet",
            "Bouquet of the week",
            1200,
            "flowers",
            "Tied on the day you collect it, wrapped in paper.",
            200,
        ),
        (
            "skillet",
            "Cast-iron skillet",
            3200,
            "skillet",
            "Ten inches, seasoned, and good for a hundred years.",
            80,
        ),
    )
    for code, name, price, picture, text, stock in larger:
        yield RewardInput(
            code=code,
            name=name,
            kind=RewardKind.GOODS,
            price_points=price,
            category="To take home",
            description=f"<p>{text}</p>",
            terms=IN_STORE,
            picture=_builtin(picture, name),
            stock=stock,
            per_member_max=5,
            cancellable_for_hours=48,
        )


def _vouchers() -> Iterator[RewardInput]:
    for dollars, price in ((2, 200), (5, 480), (10, 920), (25, 2200)):
        yield RewardInput(
            code=f"save-{dollars}",
            name=f"${dollars} off your basket",
            kind=RewardKind.VOUCHER,
            price_points=price,
            category="Vouchers",
            description=f"<p>Takes ${dollars} off your next basket, in store or online.</p>",
            terms=ONLINE,
            picture=_builtin("voucher", f"A voucher for ${dollars}"),
            code_pool=f"save-{dollars}",
            instant=True,
            voucher_valid_days=90,
        )
    yield RewardInput(
        code="double-week",
        name="5 % off for a week",
        kind=RewardKind.DISCOUNT,
        price_points=700,
        category="Vouchers",
        description="<p>Five percent off all that you buy in the seven days after you choose this.</p>",
        terms=ONLINE,
        picture=_builtin("discount", "Five percent off"),
        instant=True,
        per_member_max=6,
        voucher_valid_days=7,
    )
    yield RewardInput(
        code="free-delivery",
        name="Free delivery",
        kind=RewardKind.FREE_SHIPPING,
        price_points=400,
        category="Vouchers",
        description="<p>We bring your basket to your door, and the delivery is on us.</p>",
        terms=ONLINE,
        picture=_builtin("free_shipping", "A delivery van"),
        code_pool="delivery",
        instant=True,
        voucher_valid_days=180,
    )
    for dollars, price in ((20, 1900), (50, 4600)):
        yield RewardInput(
            code=f"gift-{dollars}",
            name=f"${dollars} gift card",
            kind=RewardKind.GIFT_CARD,
            price_points=price,
            category="Gift cards",
            description=f"<p>${dollars} to spend with us, or to make somebody's day.</p>",
            terms=IN_STORE,
            picture=_builtin("gift_card", f"A gift card of ${dollars}"),
            code_pool=f"gift-{dollars}",
            instant=True,
        )


def _experiences() -> Iterator[RewardInput]:
    yield RewardInput(
        code="car-wash",
        name="Car wash",
        kind=RewardKind.PARTNER,
        price_points=650,
        category="With our partners",
        description="<p>The full wash, with wax, next to our fuel station.</p>",
        terms=PARTNERS,
        picture=_builtin("car", "A clean car"),
        code_pool="car-wash",
        instant=True,
        voucher_valid_days=365,
    )
    yield RewardInput(
        code="cinema",
        name="Cinema ticket",
        kind=RewardKind.PARTNER,
        price_points=1100,
        category="With our partners",
        description="<p>Any film, any day, at the Rialto. Popcorn is up to you.</p>",
        terms=PARTNERS,
        picture=_builtin("cinema", "A box of popcorn"),
        code_pool="cinema",
        instant=True,
        voucher_valid_days=365,
    )
    yield RewardInput(
        code="cooking-class",
        name="Cooking class",
        kind=RewardKind.PARTNER,
        price_points=1800,
        price_money=1500,
        category="With our partners",
        description="<p>Three hours, four courses, one teacher; your points pay for most of it.</p>",
        terms=PARTNERS,
        picture=_builtin("kitchen", "A steaming pot"),
        stock=48,
        per_member_max=2,
        cancellable_for_hours=72,
    )
    yield RewardInput(
        code="weekend",
        name="Weekend by the lake",
        kind=RewardKind.PARTNER,
        price_points=12000,
        category="With our partners",
        description="<p>Two nights for two with breakfast, a rowing boat, and no shopping list.</p>",
        terms=PARTNERS,
        picture=_builtin("lake", "A boat on a lake"),
        code_pool="weekend",
        stock=10,
        per_member_max=1,
    )
    for code, name, price, picture, text in (
        (
            "food-bank",
            "A meal for the food bank",
            100,
            "donation",
            "Your hundred points put a warm meal on a neighbour's table.",
        ),
        (
            "trees",
            "Plant a tree",
            250,
            "tree",
            "The county's foresters plant it next spring, on the ridge above the reservoir.",
        ),
    ):
        yield RewardInput(
            code=code,
            name=name,
            kind=RewardKind.DONATION,
            price_points=price,
            category="Give",
            description=f"<p>{text}</p>",
            picture=_builtin(picture, name),
            instant=True,
        )


def _special(now: datetime) -> Iterator[RewardInput]:
    yield RewardInput(
        code=SOLD_OUT,
        name="Anniversary cookie tin",
        kind=RewardKind.GOODS,
        price_points=280,
        category="Specials",
        description="<p>Thirty years in one tin, the recipe inside the lid. No second batch.</p>",
        terms=IN_STORE,
        picture=_builtin("cookies", "A tin of cookies"),
        stock=SOLD_OUT_STOCK,
        per_member_max=1,
    )
    yield RewardInput(
        code="tasting",
        name="An evening with our butcher",
        kind=RewardKind.PARTNER,
        price_points=900,
        category="Specials",
        description="<p>A long table and everything about a rib eye. For Gold and Platinum.</p>",
        terms=IN_STORE,
        picture=_builtin("tasting", "A glass and a bottle"),
        tiers_allowed=("gold", "platinum"),
        stock=40,
        per_member_max=2,
        cancellable_for_hours=72,
    )
    yield make_first_look(now)


def _builtin(name: str, alt: str) -> Picture:
    return Picture(PictureSource.BUILTIN, name, alt)
