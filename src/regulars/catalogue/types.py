"""What crosses the door of the catalogue: products, rewards, and what one viewer may have of them.

Money is an integer of minor units, points are integers, instants are aware UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from regulars.kit.ids import ProductId, RewardId


class SaveStatus(StrEnum):
    """What became of one row of a batch."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class RewardKind(StrEnum):
    """What a member gets for points."""

    GOODS = "goods"
    VOUCHER = "voucher"
    DISCOUNT = "discount"
    GIFT_CARD = "gift_card"
    FREE_SHIPPING = "free_shipping"
    PARTNER = "partner"
    DONATION = "donation"


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


class PictureSource(StrEnum):
    """Where a picture lives: a built-in illustration, a static file, or an upload."""

    BUILTIN = "builtin"
    STATIC = "static"
    MEDIA = "media"


class CodeState(StrEnum):
    """How far a code has come. What a member has seen is never free again."""

    FREE = "free"
    CLAIMED = "claimed"
    REVEALED = "revealed"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to show: `name` is an illustration's key, a static path or an upload's name."""

    source: PictureSource
    name: str
    alt: str = ""


@dataclass(frozen=True, slots=True)
class PictureFile:
    """An uploaded picture as it is served."""

    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class ProductInput:
    """One product as a shop states it. `categories` is the path from the broadest to the narrowest."""

    sku: str
    name: str
    brand: str = ""
    categories: tuple[str, ...] = ()
    price: int | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class ProductInfo:
    """A product as stored."""

    id: ProductId
    sku: str
    name: str
    brand: str
    categories: tuple[str, ...]
    price: int | None
    active: bool


@dataclass(frozen=True, slots=True)
class ProductOutcome:
    """What became of one row, in the order given. `refusal` says why a row was refused."""

    sku: str
    status: SaveStatus
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class RewardInput:
    """All that an operator decides about a reward; saved by `code`.

    - `price_money`: what is paid besides the points, in minor units; 0 means points only.
    - `stock`: units there are in all, handed out ones included; None means as many as are asked for.
    - `per_member_max`: how many one member may have in all; None means no limit.
    - `active_from`, `active_to`: half-open; None means no bound.
    - `tiers_allowed`: codes of the tiers that may redeem; empty means everyone, also those without a tier.
    - `hidden_from_others`: members outside `tiers_allowed` do not even see it.
    - `early_access`: tiers with early access may redeem that many hours before `active_from`.
    - `kept_units`, `kept_for_rank`, `kept_until`: so many units of the stock are only for tiers of that
      rank and above until that instant.
    - `code_pool`: the pool whose codes are handed out; needed for vouchers.
    - `instant`: delivered the moment it is confirmed (nothing to pack or to hand over).
    - `cancellable_for_hours`: how long after redeeming a member may take it back; 0 means never, as it must
      be where there is a code pool.
    - `refundable_when_fulfilled`: an operator may cancel it even after it was delivered.
    - `voucher_valid_days`: the code holds until the end of that day after the redemption's; None: for ever.
    """

    code: str
    name: str
    kind: RewardKind
    price_points: int
    price_money: int = 0
    description: str = ""
    terms: str = ""
    category: str = ""
    picture: Picture | None = None
    stock: int | None = None
    per_member_max: int | None = None
    active_from: datetime | None = None
    active_to: datetime | None = None
    tiers_allowed: tuple[str, ...] = ()
    hidden_from_others: bool = False
    early_access: bool = True
    kept_units: int = 0
    kept_for_rank: int = 0
    kept_until: datetime | None = None
    code_pool: str | None = None
    instant: bool = False
    cancellable_for_hours: int = 0
    refundable_when_fulfilled: bool = False
    voucher_valid_days: int | None = None
    published: bool = True


@dataclass(frozen=True, slots=True)
class RewardInfo:
    """A reward as stored: what was decided, and how much of the stock is gone."""

    id: RewardId
    decided: RewardInput
    picture: Picture
    taken: int
    kept_taken: int
    created_at: datetime


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
    """A reward as one viewer sees it. `units_left` is what is left for this viewer; None: not counted."""

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


@dataclass(frozen=True, slots=True)
class RewardFacets:
    """By what the rewards that a viewer is shown can be told apart; `price_max` is 0 where there is none.

    `tiers` are codes of tiers that have rewards of their own.
    """

    categories: tuple[str, ...]
    tiers: frozenset[str]
    price_max: int


@dataclass(frozen=True, slots=True)
class Reservation:
    """One unit set aside. `counted` and `kept` say which counters it came from, so that it can go back."""

    reward_id: RewardId
    counted: bool
    kept: bool
    price_points: int
    price_money: int
    code_pool: str | None
    per_member_max: int | None
    instant: bool
    cancellable_for_hours: int
    refundable_when_fulfilled: bool
    voucher_valid_days: int | None


@dataclass(frozen=True, slots=True)
class CodeImport:
    """What an import of codes did: how many are new, how many were there before."""

    added: int
    repeated: int


@dataclass(frozen=True, slots=True)
class PoolInfo:
    """A pool of codes by numbers; the codes themselves are never listed."""

    code: str
    name: str
    free: int
    claimed: int
    revealed: int
    void: int
