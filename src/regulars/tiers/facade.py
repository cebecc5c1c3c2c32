"""The door of the tiers: status as a pure function of (ledger, programme version, date).

How a batch of earnings uses it, inside its transaction and before any wallet is locked:

    standings = load_standings(member_ids, programme, as_of)   # locks; as_of: the last instant of the batch
    standing = advance(programme, standing, occurred_at=…, qualifying=…)   # per order, in order of time
    save_standings(programme=programme, standings=standings.values(), now=now)   # after the postings
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from regulars.kit.ids import MemberId
from regulars.kit.paging import Page
from regulars.rules.facade import Programme
from regulars.tiers.errors import StandingNotCovered
from regulars.tiers.types import ChangeReason, Standing, TierChange, TierProgress

__all__ = [
    "ChangeReason",
    "Standing",
    "StandingNotCovered",
    "TierChange",
    "TierProgress",
    "advance",
    "count_members_by_tier",
    "get_progress",
    "get_standing",
    "get_standings",
    "list_tier_changes",
    "load_standings",
    "replay_standings",
    "review_standings",
    "save_standings",
]


def load_standings(
    member_ids: Sequence[MemberId], programme: Programme, as_of: datetime
) -> dict[MemberId, Standing]:
    """Lock and load the members' standings, ready to `advance` to any instant up to `as_of`.

    A step inside the caller's transaction. Locks the status rows by ascending member id; call it before
    locking wallets. Members never seen stand at the lowest tier.
    """
    raise NotImplementedError


def advance(programme: Programme, standing: Standing, *, occurred_at: datetime, qualifying: int) -> Standing:
    """Move a standing to `occurred_at` and count `qualifying` (≥ 0, in the metric's unit). Pure."""
    raise NotImplementedError


def save_standings(*, programme: Programme, standings: Iterable[Standing], now: datetime) -> None:
    """Keep what `advance` made. A step inside the caller's transaction, after the ledger was posted to."""
    raise NotImplementedError


def replay_standings(
    *, programme: Programme, member_ids: Sequence[MemberId], now: datetime
) -> dict[MemberId, Standing]:
    """Work standings out again from the ledger and keep them: after a return took qualifying amounts back.

    A step inside the caller's transaction. Locks the status rows by ascending member id.
    """
    raise NotImplementedError


def get_standing(member_id: MemberId, programme: Programme, now: datetime) -> Standing:
    """The member's standing at `now`, exact whether or not the daily review has run."""
    raise NotImplementedError


def get_standings(
    member_ids: Sequence[MemberId], programme: Programme, now: datetime
) -> dict[MemberId, Standing]:
    """Standings at `now` of several members, without locks."""
    raise NotImplementedError


def get_progress(member_id: MemberId, programme: Programme, now: datetime) -> TierProgress | None:
    """Where the member stands and what lies ahead; None in a programme without tiers."""
    raise NotImplementedError


def list_tier_changes(
    member_id: MemberId, cursor: str | None = None, size: int | None = None
) -> Page[TierChange]:
    """The member's history of tiers, latest first."""
    raise NotImplementedError


def count_members_by_tier() -> dict[str, int]:
    """How many members the stored standings put into each tier, by the tier's code."""
    raise NotImplementedError


def review_standings(*, now: datetime, limit: int = 1000) -> int:
    """Bring up to `limit` standings that are due up to date; answer how many. A job: own transaction."""
    raise NotImplementedError
