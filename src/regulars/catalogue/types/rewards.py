"""Rewards: what operators decide about them, and what is stored."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from regulars.catalogue.types.pictures import Picture
from regulars.kit.ids import RewardId


class RewardKind(StrEnum):
    """What a member gets for points."""

    GOODS = "goods"
    VOUCHER = "voucher"
    DISCOUNT = "discount"
    GIFT_CARD = "gift_card"
    FREE_SHIPPING = "free_shipping"
    PARTNER = "partner"
    DONATION = "donation"


class OfferState(StrEnum):
    """What a reward is to the operators at one instant. One that is offered is live, or why nobody gets it.

    - `draft`: not published. `archived`: put away for good, out of the way.
    - `scheduled`: published, opens later. `ended`: its time is over. `sold_out`: no unit or code is left.
    """

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    LIVE = "live"
    SOLD_OUT = "sold_out"
    ENDED = "ended"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class RewardText:
    """What a reward says in another language than its own; an empty part is said in the reward's own.

    `language` is a code of settings.LANGUAGES, or any other such as `de`.
    """

    language: str
    name: str = ""
    description: str = ""
    terms: str = ""
    picture_alt: str = ""

    @property
    def says_something(self) -> bool:
        """Whether any part of it is there."""
        return bool(self.name or self.description or self.terms or self.picture_alt)


@dataclass(frozen=True, slots=True)
class RewardInput:
    """All that an operator decides about a reward; saved by `code`.

    - `price_money`: what is paid besides the points, in minor units; 0 means points only.
    - `cost`: what one unit costs the shop, in minor units; None means nobody said. No member learns of it.
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
    - `language`: in which name, description, terms and the picture's words are written; `translations` say
      them in others.
    - `archived`: put away; cannot be published as well.
    """

    code: str
    name: str
    kind: RewardKind
    price_points: int
    price_money: int = 0
    cost: int | None = None
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
    language: str = "en"
    translations: tuple[RewardText, ...] = ()
    archived: bool = False


@dataclass(frozen=True, slots=True)
class RewardInfo:
    """A reward as stored: what was decided, and how much of the stock is gone.

    `version` counts its changes, from 1 on.
    """

    id: RewardId
    decided: RewardInput
    picture: Picture
    taken: int
    kept_taken: int
    created_at: datetime
    version: int = 1
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A reward as operators see it in a list.

    `units_left` is None where the stock is not counted, `codes_free` where there is no pool;
    `codes_run_low` says that the pool has fewer free codes than its alert asks for.
    """

    info: RewardInfo
    state: OfferState
    units_left: int | None
    codes_free: int | None = None
    codes_run_low: bool = False


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
