"""How near a reward is: days at the member's pace, and the one basket that would close what is missing."""

import math
from collections.abc import Callable
from datetime import datetime

from regulars.rules.facade import Basket, BasketLine, MemberState, Programme, evaluate_basket

DAYS_MAX = 365
"""Further away nobody can tell."""
BASKETS_MAX = 3
"""A basket of more than so many usual ones is no basket of theirs."""
POINTS = "points"


def count_days(missing: int, points_a_day: float | None) -> int | None:
    """Days until so many points are earned at a pace; None where the pace is unknown, or it takes a year."""
    if not points_a_day or not math.isfinite(points_a_day) or points_a_day <= 0:
        return None
    days = missing / points_a_day
    return max(math.ceil(days), 1) if days <= DAYS_MAX else None


def award_of(programme: Programme, tier: str | None, now: datetime) -> Callable[[int], int]:
    """What one basket of so much, in minor units, would earn a member of a tier now: asked of the programme.

    Of a basket of one product that no rule names, by somebody who has bought before, in no segment: what any
    basket earns. Points that the programme keeps pending count; caps already used up do not.
    """
    state = MemberState(tier=tier, orders_before=1)

    def award(amount: int) -> int:
        basket = Basket(now, (BasketLine(1, "", 1, amount),))
        return evaluate_basket(programme, state, basket).points_of(POINTS)

    return award


def find_basket(missing: int, basket_minor: int | None, award: Callable[[int], int]) -> int | None:
    """The amount of one basket, minor units, that earns what is missing; the least within a hundredth.

    None where no usual basket is known, it earns nothing, or one `BASKETS_MAX` times its size would not do.
    """
    if not basket_minor or basket_minor <= 0:
        return None
    most = basket_minor * BASKETS_MAX
    usual = award(basket_minor)
    if usual <= 0 or award(most) < missing:
        return None
    amount = min(math.ceil(basket_minor * missing / usual), most)
    if award(amount) >= missing and award(amount - max(amount // 100, 1)) < missing:
        return amount
    low, high = 0, most
    while high - low > max(high // 100, 1):
        middle = (low + high) // 2
        low, high = (low, middle) if award(middle) >= missing else (middle, high)
    return high
