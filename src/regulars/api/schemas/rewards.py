"""Shapes of rewards and redemptions."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from regulars.api.schemas.scalars import Given, Key, MemberRef, Told
from regulars.catalogue.facade import PictureSource, RewardKind, RewardState
from regulars.redemption.facade import RedemptionState


class PictureOut(Told):
    """A picture. `url` is there for uploads; a built-in illustration goes by its `name`."""

    source: PictureSource
    name: str
    alt: str
    url: str | None


class AvailabilityOut(Told):
    """Whether the member asked about can have it now, and if not why, in the reader's language."""

    state: RewardState
    reason: str
    opens_at: datetime | None
    tier: str | None
    tier_opens_at: datetime | None
    points_short: int


class RewardOut(Told):
    """A reward as one member, or a stranger, sees it. `description` and `terms` are sanitised HTML."""

    code: str
    name: str
    kind: RewardKind
    category: str
    description: str
    terms: str
    picture: PictureOut
    price_points: int
    price_money: int
    units_left: int | None
    per_member_max: int | None
    active_from: datetime | None
    active_to: datetime | None
    tiers_allowed: list[str]
    cancellable_for_hours: int
    availability: AvailabilityOut


class RewardPageOut(Told):
    """A page of rewards."""

    items: list[RewardOut]
    next_cursor: str | None


class RedemptionIn(Given):
    """A reward for a member, `units` of it: of what has a code, one at a time.

    `redeem` takes the points at once; `reserve` holds them until `confirm`, for rewards that also cost money.
    """

    member: MemberRef
    reward: Key
    mode: Literal["redeem", "reserve"] = "redeem"
    hold_minutes: Annotated[int, Field(strict=True, ge=1, le=10_080)] = 30
    units: Annotated[int, Field(strict=True, ge=1, le=50)] = 1


class CancelIn(Given):
    """Why it is cancelled."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]


class RedemptionOut(Told):
    """A redemption. `code` is there only once everything is paid, and until it is cancelled.

    Prices are those of all `units`; of these `units_handed` are with the member, `units_dropped` never come.
    """

    redemption_id: int
    reference: str
    member_id: int
    reward: str
    reward_name: str
    state: RedemptionState
    price_points: int
    price_money: int
    code: str | None
    reserved_at: datetime
    times_out_at: datetime | None
    confirmed_at: datetime | None
    fulfilled_at: datetime | None
    cancelled_at: datetime | None
    cancellable_until: datetime | None
    valid_until: datetime | None
    cancel_reason: str
    units: int
    units_handed: int
    units_dropped: int


class RedemptionPageOut(Told):
    """A page of redemptions, latest first."""

    items: list[RedemptionOut]
    next_cursor: str | None
