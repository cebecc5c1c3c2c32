"""What one viewer may have of the rewards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from regulars.catalogue.types.pictures import Picture
from regulars.catalogue.types.rewards import RewardKind
from regulars.kit.ids import RewardId


class RewardState(StrEnum):
    """What a reward is to one viewer at one instant. Only `available` can be redeemed."""

    AVAILABLE = "available"
    SHORT = "short"
    OPENS_AT = "opens_at"
    OPENS_FOR_TIER_AT = "opens_for_tier_at"
    TIER_NEEDED = "tier_needed"
    KEPT_FOR_TIER = "kept_for_tier"
    LIMIT_REACHED = "limit_reached"
    SOLD_OUT = "sold_out"
    ENDED = "ended"


class RewardSort(StrEnum):
    """The orders in which rewards are listed."""

    PRICE_LOW = "price_low"
    PRICE_HIGH = "price_high"
    NEWEST = "newest"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class TierAccess:
    """What the catalogue needs to know of one tier of the programme."""

    code: str
    name: str
    rank: int
    early_access_hours: int = 0


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks, and when.

    `taken` counts, per reward, the member's redemptions that stand; `tiers` are all of the programme's.
    """

    now: datetime
    points: int = 0
    tier: str | None = None
    tier_rank: int = -1
    early_access_hours: int = 0
    taken: Mapping[RewardId, int] = field(default_factory=dict)
    tiers: tuple[TierAccess, ...] = ()


@dataclass(frozen=True, slots=True)
class Availability:
    """What one viewer may do with one reward.

    `reason` is a sentence in the reader's language, empty when available. `opens_at` is when this viewer may
    have it; `tier` (a code) is one that may have it earlier, or alone, from `tier_opens_at` on.
    """

    state: RewardState
    reason: str = ""
    opens_at: datetime | None = None
    tier: str | None = None
    tier_opens_at: datetime | None = None
    points_short: int = 0

    @property
    def available(self) -> bool:
        """Whether the viewer could redeem it now."""
        return self.state is RewardState.AVAILABLE


@dataclass(frozen=True, slots=True)
class RewardView:
    """A reward as one viewer sees it. `units_left` is what is left for this viewer; None: not counted.

    `one_at_a_time`: each has a code of its own, so that no two are taken together.
    """

    id: RewardId
    code: str
    name: str
    kind: RewardKind
    description: str
    terms: str
    category: str
    picture: Picture
    price_points: int
    price_money: int
    units_left: int | None
    per_member_max: int | None
    active_from: datetime | None
    active_to: datetime | None
    tiers_allowed: tuple[str, ...]
    cancellable_for_hours: int
    voucher_valid_days: int | None
    availability: Availability
    one_at_a_time: bool = False


@dataclass(frozen=True, slots=True)
class RewardFacets:
    """By what the rewards that a viewer is shown can be told apart; `price_max` is 0 where there is none.

    `tiers` are codes of tiers that have rewards of their own.
    """

    categories: tuple[str, ...]
    tiers: frozenset[str]
    price_max: int
