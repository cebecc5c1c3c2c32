"""The door of the tiers: status as a pure function of (ledger, programme version, date).

How a batch of earnings uses it, inside its transaction and before any wallet is locked:

    standings = load_standings(member_ids, programme, as_of)   # locks; as_of: the last instant of the batch
    standing = advance(programme, standing, occurred_at=…, qualifying=…)   # per order, in order of time
    save_standings(programme=programme, standings=standings.values(), now=now)   # after the postings
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from regulars.kit.ids import MemberId
from regulars.kit.paging import Page
from regulars.rules import facade as rules
from regulars.rules.facade import NoProgramme, Programme
from regulars.tiers import operations, policies, queries
from regulars.tiers.errors import StandingNotCovered
from regulars.tiers.relations import declare_relations
from regulars.tiers.types import ChangeReason, Standing, TierChange, TierProgress

__all__ = [
    "REVIEW_BATCH",
    "ChangeReason",
    "Standing",
    "StandingNotCovered",
    "TierChange",
    "TierProgress",
    "advance",
    "count_members_by_tier",
    "count_standings",
    "declare_relations",
    "get_progress",
    "get_standing",
    "get_standings",
    "list_changes_of",
    "list_tier_changes",
    "load_standings",
    "note_ranks",
    "replay_standings",
    "review_standings",
    "save_standings",
]


REVIEW_BATCH = 1000


def load_standings(
    member_ids: Sequence[MemberId], programme: Programme, as_of: datetime
) -> dict[MemberId, Standing]:
    """Lock and load the members' standings, ready to `advance` to any instant up to `as_of`.

    A step inside the caller's transaction. Locks the status rows by ascending member id; call it before
    locking wallets. Members never seen stand at the lowest tier.
    """
    return operations.load_standings(member_ids, programme, as_of)


def advance(programme: Programme, standing: Standing, *, occurred_at: datetime, qualifying: int) -> Standing:
    """Move a standing to `occurred_at` and count `qualifying` (≥ 0, in the metric's unit). Pure."""
    return policies.advance(
        queries.scale_of(programme), standing, occurred_at=occurred_at, qualifying=qualifying
    )


def save_standings(*, programme: Programme, standings: Iterable[Standing], now: datetime) -> None:
    """Keep what `advance` made. A step inside the caller's transaction, after the ledger was posted to."""
    operations.save_standings(programme=programme, standings=standings, now=now)


def replay_standings(
    *, programme: Programme, member_ids: Sequence[MemberId], now: datetime
) -> dict[MemberId, Standing]:
    """Work standings out again from the ledger and keep them: after a return took qualifying amounts back.

    A step inside the caller's transaction. Locks the status rows by ascending member id.
    """
    return operations.replay_standings(programme=programme, member_ids=member_ids, now=now)


def get_standing(member_id: MemberId, programme: Programme, now: datetime) -> Standing:
    """The member's standing at `now`, exact whether or not the daily review has run."""
    return queries.get_standings([member_id], programme, now)[member_id]


def get_standings(
    member_ids: Sequence[MemberId], programme: Programme, now: datetime
) -> dict[MemberId, Standing]:
    """Standings at `now` of several members, without locks."""
    return queries.get_standings(member_ids, programme, now)


def get_progress(member_id: MemberId, programme: Programme, now: datetime) -> TierProgress | None:
    """Where the member stands and what lies ahead; None in a programme without tiers."""
    return queries.get_progress(member_id, programme, now)


def list_tier_changes(
    member_id: MemberId, cursor: str | None = None, size: int | None = None
) -> Page[TierChange]:
    """The member's history of tiers, latest first."""
    return queries.list_tier_changes(member_id, cursor, size)


def list_changes_of(member_ids: Collection[MemberId]) -> dict[MemberId, list[TierChange]]:
    """All changes of several members, latest first, in one query: for what arrives late."""
    return queries.list_changes_of(member_ids)


def count_members_by_tier() -> dict[str, int]:
    """How many members stand in each tier by the last word on each; those never seen are left out."""
    return queries.count_members_by_tier()


def count_standings(bounds: Mapping[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """How many members stand in each tier, and how many of them within the bounds.

    Bounds are amounts, from and below, by the tier's code. With the threshold of now and the one that is
    meant, the latter are those whom the tier keeps today and would not keep then. By the last word on each
    member; one query, one pass over the standings.
    """
    return queries.count_standings(bounds)


def review_standings(*, now: datetime, limit: int = REVIEW_BATCH) -> int:
    """Bring up to `limit` standings that are due up to date; answer how many: 0 where none is left.

    One durable transaction; run it until it answers 0. Locks the status rows that are due, skipping those
    that others work on.
    """
    try:
        programme = rules.get_current_programme(now)
    except NoProgramme:
        return 0
    return operations.review_standings(programme=programme, now=now, limit=limit)


def note_ranks(*, now: datetime) -> int:
    """Tell the lists of members where everybody stands by the last word on each; answer what changed."""
    try:
        programme = rules.get_current_programme(now)
    except NoProgramme:
        return 0
    return operations.note_ranks(programme=programme)
