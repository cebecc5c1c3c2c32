"""Simulated redemptions: members spend what they have on what they can have, at moments of their week."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from regulars.catalogue import facade as catalogue
from regulars.demo.rewards import SOLD_OUT
from regulars.demo.simulation import Shopper, Stretch
from regulars.kit.actor import Actor, ActorKind
from regulars.kit.errors import IdempotencyConflict
from regulars.ledger import facade as ledger
from regulars.redemption import facade as redemption

POPULARITY: Mapping[str, tuple[int, int]] = {
    "food-bank": (100, 2),
    "coffee": (150, 6),
    "save-2": (200, 3),
    "loaf": (250, 5),
    "trees": (250, 2),
    SOLD_OUT: (280, 12),
    "fruit-bag": (300, 3),
    "cake-slice": (350, 4),
    "free-delivery": (400, 4),
    "save-5": (480, 9),
    "tote": (500, 4),
    "car-wash": (650, 3),
    "double-week": (700, 3),
    "mug": (800, 4),
    "cheese-board": (900, 4),
    "tasting": (900, 3),
    "save-10": (920, 8),
    "cinema": (1100, 5),
    "bouquet": (1200, 4),
    "cooking-class": (1800, 3),
    "gift-20": (1900, 5),
    "save-25": (2200, 5),
    "skillet": (3200, 3),
    "gift-50": (4600, 3),
}
"""Points and weight by reward."""
WITH_MONEY = frozenset({"cooking-class"})
CANCELLED_SHARE = 0.05
DELIVERED_SHARE = 0.9
DELIVERED_AFTER = timedelta(days=2)
PAGE = 100


def redeem_some(redeemers: Sequence[tuple[Shopper, datetime]], week: Stretch, *, scarce: bool) -> int:
    """Let each redeem one thing that they can afford, what is scarce only if told so; answer how many did."""
    balances = ledger.get_balances([shopper.member_id for shopper, _ in redeemers], week.end)
    done = 0
    for shopper, moment in redeemers:
        chance = week.chance(f"redemption:{shopper.household}")
        affordable = [
            code
            for code, (price, _) in POPULARITY.items()
            if price <= balances[shopper.member_id].active and (scarce or code != SOLD_OUT)
        ]
        if not affordable:
            continue
        wanted = chance.choices(affordable, weights=[_weigh(code) for code in affordable])[0]
        taken = _redeem(shopper, wanted, moment, week)
        done += taken is not None
        if taken is not None and taken.cancellable_until and chance.random() < CANCELLED_SHARE:
            _change_mind(shopper, taken, week)
    return done


def _weigh(code: str) -> float:
    """How much a reward is wanted by someone who can afford it: the dearer the more."""
    price, weight = POPULARITY[code]
    return weight * float(price**0.5)


def _redeem(
    shopper: Shopper, wanted: str, moment: datetime, week: Stretch
) -> redemption.RedemptionView | None:
    """Redeem, or leave it: sold out, for other tiers, or done differently by a run that was killed."""
    actor = Actor(ActorKind.MEMBER, str(shopper.member_id))
    step = redemption.reserve_reward if wanted in WITH_MONEY else redemption.redeem_reward
    try:
        taken = step(
            actor=actor,
            now=moment,
            member_id=shopper.member_id,
            reward_code=wanted,
            idempotency_key=f"demo:{week.number}",
            simulated=True,
        )
        if wanted in WITH_MONEY:
            taken = redemption.confirm_redemption(
                actor=Actor(ActorKind.SYSTEM, "demo till"), now=moment, redemption_id=taken.id
            )
    except (
        catalogue.RewardUnavailable,
        ledger.InsufficientPoints,
        redemption.WrongState,
        IdempotencyConflict,
    ):
        return None
    return taken


def _change_mind(shopper: Shopper, taken: redemption.RedemptionView, week: Stretch) -> None:
    if taken.state is redemption.RedemptionState.CONFIRMED and taken.confirmed_at is not None:
        redemption.cancel_redemption(
            actor=Actor(ActorKind.MEMBER, str(shopper.member_id)),
            now=min(taken.confirmed_at + timedelta(hours=1), week.end),
            redemption_id=taken.id,
            reason="",
        )


def deliver_some(actor: Actor, week: Stretch) -> None:
    """Hand over most of what was confirmed some days before the week; some members never come to collect."""
    before = week.start - DELIVERED_AFTER
    cursor: str | None = None
    waiting: list[redemption.RedemptionView] = []
    while True:
        page = redemption.list_redemptions(
            states=[redemption.RedemptionState.CONFIRMED], cursor=cursor, size=PAGE
        )
        waiting += [one for one in page.items if one.confirmed_at is not None and one.confirmed_at < before]
        cursor = page.next_cursor
        if cursor is None:
            break
    for one in waiting:
        if week.chance(f"delivery:{one.member_id}").random() < DELIVERED_SHARE:
            redemption.fulfil_redemption(actor=actor, now=week.start, redemption_id=one.id)
