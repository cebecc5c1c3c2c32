"""Rewards and viewers that the tests of this room begin from."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from regulars.catalogue.facade import RewardInfo, RewardInput, RewardKind, TierAccess, Viewer, save_reward
from regulars.kit.actor import Actor, ActorKind

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
OPERATOR = Actor(ActorKind.OPERATOR, "1")
TIERS = (
    TierAccess("bronze", "Bronze", 0),
    TierAccess("silver", "Silver", 1, early_access_hours=24),
    TierAccess("gold", "Gold", 2, early_access_hours=48),
)
BRONZE = Viewer(now=NOW, points=1_000, tier="bronze", tier_rank=0, tiers=TIERS)
GOLD = replace(BRONZE, tier="gold", tier_rank=2, early_access_hours=48)
MUG = RewardInput(code="mug", name="Mug", kind=RewardKind.GOODS, price_points=500)


def make_reward(code: str = "mug", **changes: Any) -> RewardInfo:
    return save_reward(actor=OPERATOR, now=NOW, reward=replace(MUG, code=code, **changes))
