"""How much rewards are wanted: how often they were taken, who holds them, who saves for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, Sum

from regulars.kit.ids import RewardId
from regulars.redemption.models import Goal, Redemption
from regulars.redemption.types import RedemptionState

RECENTLY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Demand:
    """Of one reward: units taken in all and in thirty days, without what was cancelled."""

    taken: int = 0
    taken_recently: int = 0


@dataclass(frozen=True, slots=True)
class Attachment:
    """Of one reward: how many members have one that is still good, and how many save for one."""

    holders: int
    goals: int


def count_demand(reward_ids: Sequence[RewardId], now: datetime) -> dict[RewardId, Demand]:
    """How often rewards were taken, each of them present; one query, which reads an index only."""
    found = dict.fromkeys(reward_ids, Demand())
    rows = (
        Redemption.objects.filter(reward_id__in=reward_ids)
        .exclude(state=RedemptionState.CANCELLED)
        .values_list("reward_id")
        .annotate(
            taken=Sum("units"), recently=Sum("units", filter=Q(reserved_at__gt=now - RECENTLY), default=0)
        )
        .order_by()
    )
    return found | {RewardId(reward): Demand(taken, recently) for reward, taken, recently in rows}


def count_attached(reward_id: RewardId, now: datetime) -> Attachment:
    """Whom a change of the reward touches; two queries.

    Holders have one that waits or that they have in their hand, paid for and not lapsed; one who has two
    counts once.
    """
    good = Q(valid_until__isnull=True) | Q(valid_until__gt=now)
    waits = Q(state__in=[RedemptionState.RESERVED, RedemptionState.CONFIRMED])
    code_in_hand = Q(state=RedemptionState.FULFILLED, code__isnull=False, valid_until__isnull=False)
    holders = Redemption.objects.filter(good & (waits | code_in_hand), reward_id=reward_id)
    return Attachment(
        holders=holders.aggregate(count=Count("member_id", distinct=True))["count"],
        goals=Goal.objects.filter(reward_id=reward_id).count(),
    )
