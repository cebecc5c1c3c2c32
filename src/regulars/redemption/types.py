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


class QueueStatus(StrEnum):
    """Where a redemption stands at the shop's counter. What is not paid for yet is in none of them."""

    TO_DO = "to_do"
    IN_PART = "in_part"
    DONE = "done"
    CANCELLED = "cancelled"


class CounterVerdict(StrEnum):
    """What the counter says of a code. GOOD: something can be handed over now."""

    GOOD = "good"
    USED = "used"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    UNPAID = "unpaid"


class UnitsBound(StrEnum):
    """What bounds how many of a reward can be taken at once."""

    CODES = "codes"
    LIMIT = "limit"
    STOCK = "stock"
    POINTS = "points"
    AT_ONCE = "at_once"


class FulfilmentKind(StrEnum):
    """What became of units: the member has them, or they will never come and their points went back."""

    HANDED = "handed"
    DROPPED = "dropped"


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

    @property
    def units_handed(self) -> int:
        """How many of its units the member has."""
        ...


@dataclass(frozen=True, slots=True)
class RedemptionView:
    """One redemption. `code` is there only once everything is paid and until it is cancelled.

    `reference` is a short word for a till or a letter. `times_out_at` is when a reservation lapses,
    `cancellable_until` until when the member may take it back, `valid_until` when the code stops being good.
    `units` were taken together, for `price_points` and `price_money` in all; of them `units_handed` are with
    the member and `units_dropped` will never come. `refunded_points` were given back while the rest stands.
    `member_id` is the survivor of a merge.
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
    units: int = 1
    units_handed: int = 0
    units_dropped: int = 0
    replayed: bool = False

    @property
    def units_left(self) -> int:
        """How many units are still to be handed over."""
        return self.units - self.units_handed - self.units_dropped


@dataclass(frozen=True, slots=True)
class RedemptionStep:
    """One change of state: when, to what, by whom, and why."""

    occurred_at: datetime
    state: RedemptionState
    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class FulfilmentView:
    """Some units of a redemption handed over, or given up: when, how many, by whom, and why."""

    occurred_at: datetime
    kind: FulfilmentKind
    units: int
    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class RedemptionNote:
    """What somebody of the shop wrote about a redemption. Members see it only in the copy of their data."""

    id: int
    redemption_id: RedemptionId
    written_at: datetime
    actor: str
    text: str


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What to narrow the queue by; `taken_before` keeps what has waited since before that instant.

    `text` is the beginning of a reference, a whole code, or what a member is found by.
    """

    reward_code: str = ""
    taken_before: datetime | None = None
    text: str = ""
