"""What crosses the door of redemption."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from regulars.catalogue.facade import Picture, RewardKind
from regulars.kit.ids import MemberId, RedemptionId, RewardId


class RedemptionState(StrEnum):
    """How far a redemption has come: reserved → confirmed → fulfilled, or cancelled."""

    RESERVED = "reserved"
    CONFIRMED = "confirmed"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"


class Shelf(StrEnum):
    """Where a member finds what they redeemed. A code delivered at once is ready until it expires."""

    READY = "ready"
    USED = "used"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class CancelTerms(Protocol):
    """What decides whether a redemption may be cancelled."""

    @property
    def member_id(self) -> MemberId:
        """Whose it is."""
        ...

    @property
    def state(self) -> RedemptionState:
        """How far it has come."""
        ...

    @property
    def code(self) -> str | None:
        """The code that the member was shown; None where there is none or nobody has seen it."""
        ...

    @property
    def cancellable_until(self) -> datetime | None:
        """Until when the member may take it back."""
        ...

    @property
    def refundable_when_fulfilled(self) -> bool:
        """Whether it may be taken back after delivery."""
        ...


@dataclass(frozen=True, slots=True)
class RedemptionView:
    """One redemption. `code` is there only once everything is paid and until it is cancelled.

    `reference` is a short word for a till or a letter. `times_out_at` is when a reservation lapses,
    `cancellable_until` until when the member may take it back, `valid_until` when the code stops being good.
    `refunded_points` were given back while the rest stands. `member_id` is the survivor of a merge.
    `replayed` says that this very request had been answered before and nothing was done now.
    """

    id: RedemptionId
    reference: str
    member_id: MemberId
    reward_id: RewardId
    reward_code: str
    reward_name: str
    reward_kind: RewardKind
    picture: Picture
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
    refundable_when_fulfilled: bool
    valid_until: datetime | None
    cancel_reason: str
    simulated: bool
    refunded_points: int = 0
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class RedemptionStep:
    """One change of state: when, to what, by whom, and why."""

    occurred_at: datetime
    state: RedemptionState
    actor: str
    reason: str
