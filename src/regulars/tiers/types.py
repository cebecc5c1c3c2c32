"""What crosses the door of the tiers: standings, their changes, and what lies ahead."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from regulars.kit.ids import MemberId
from regulars.rules.facade import Metric


class ChangeReason(StrEnum):
    """Why a tier changed."""

    REACHED = "reached"
    LAPSED = "lapsed"
    CORRECTED = "corrected"
    """What the status rested on was reversed, arrived late, or the tiers themselves were redefined."""


@dataclass(frozen=True, slots=True)
class TierChange:
    """One step of a member's status. `from_tier` and `to_tier` are codes of the programme."""

    member_id: MemberId
    occurred_at: datetime
    from_tier: str
    to_tier: str
    reason: ChangeReason


@dataclass(frozen=True, slots=True)
class Standing:
    """A status at one instant: made by `load_standings`, moved by `advance`, kept by `save_standings`.

    `tier` is empty and `rank` -1 where the member has none: in a programme without tiers, or whose lowest one
    asks for something. `qualified` is what counts in the window at `as_of`; `below_on` is the first day of
    the running grace, where what counts no longer carries the tier. `oldest_on` is the day of the oldest
    amount in the window. `entries` are the amounts in the window by day, loaded only where some of them
    leave it by the instant that `load_standings` was asked for. `must_replay` marks a late event that may
    have altered the past: the ledger decides when the standing is saved.
    """

    member_id: MemberId
    tier: str
    rank: int
    reached_at: datetime | None
    qualified: int
    as_of: datetime | None
    below_on: date | None = None
    oldest_on: date | None = None
    entries: tuple[tuple[date, int], ...] | None = None
    changes: tuple[TierChange, ...] = ()
    must_replay: bool = False


@dataclass(frozen=True, slots=True)
class TierProgress:
    """Where a member stands and what lies ahead, in the metric's unit (points, minor units, visits).

    `tier` and `tier_name` are empty and `rank` is -1 where the member has none yet.
    `kept_until` is the last day on which the tier is kept if nothing more is earned; None where it cannot be
    lost. `needed_to_keep` is what must still be earned by then. `reached_on` is the day on which the next
    tier is reached at the member's pace (`pace_month` in 30 days), None where that is over a year away.
    """

    tier: str
    tier_name: str
    rank: int
    metric: Metric
    reached_at: datetime | None
    qualified: int
    next_tier: str | None
    next_tier_name: str | None
    next_threshold: int | None
    needed: int
    kept_until: date | None
    needed_to_keep: int
    pace_month: int
    reached_on: date | None

    @property
    def share(self) -> float:
        """How far along to the next tier, 0 to 1; 1 at the top."""
        if not self.next_threshold:
            return 1.0
        return min(self.qualified / self.next_threshold, 1.0)
