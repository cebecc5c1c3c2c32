"""Writes of the tiers. The status row is the lock: whoever changes what a status rests on holds it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction

from regulars.kit.clock import local_date
from regulars.kit.ids import MemberId
from regulars.members import facade as members
from regulars.rules.facade import Programme
from regulars.tiers import policies, queries
from regulars.tiers.types import Standing, TierChange
from regulars.trail.facade import require_transaction

SAVE = """
    UPDATE tiers_tierstatus AS kept
    SET tier = new.tier, policy = %s, reached_at = new.reached_at, qualified = new.qualified,
        as_of = new.as_of, below_on = new.below_on, oldest_on = new.oldest_on, due_on = new.due_on
    FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::bigint[], %s::timestamptz[],
                %s::date[], %s::date[], %s::date[])
         AS new (member_id, tier, reached_at, qualified, as_of, below_on, oldest_on, due_on)
    WHERE kept.member_id = new.member_id
"""
RECORD = """
    INSERT INTO tiers_tierchange (member_id, occurred_at, from_tier, to_tier, reason, recorded_at)
    SELECT member_id, occurred_at, from_tier, to_tier, reason, %s
    FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::text[], %s::text[])
         WITH ORDINALITY AS new (member_id, occurred_at, from_tier, to_tier, reason, place)
    ORDER BY place
"""


def load_standings(
    member_ids: Sequence[MemberId], programme: Programme, as_of: datetime
) -> dict[MemberId, Standing]:
    """See the facade."""
    require_transaction()
    scale = queries.scale_of(programme)
    if not scale.tiers:
        return {member_id: policies.begin(scale, member_id) for member_id in member_ids}
    return queries.read_standings(scale, member_ids, as_of, lock=True)


def save_standings(*, programme: Programme, standings: Iterable[Standing], now: datetime) -> None:
    """See the facade."""
    require_transaction()
    scale = queries.scale_of(programme)
    if not scale.tiers:
        return
    by_member = {one.member_id: one for one in standings}
    by_member |= queries.replay_standings(scale, [one for one in by_member.values() if one.must_replay], now)
    rows = [
        (
            one.member_id,
            one.tier,
            one.reached_at,
            one.qualified,
            one.as_of,
            one.below_on,
            one.oldest_on,
            policies.falls_on(scale, one),
        )
        for one in by_member.values()
    ]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(SAVE, [queries.policy_mark(scale), *map(list, zip(*rows, strict=True))])
    _record_changes([change for one in by_member.values() for change in one.changes], now)


def _record_changes(changes: Sequence[TierChange], now: datetime) -> None:
    if not changes:
        return
    rows = [
        (change.member_id, change.occurred_at, change.from_tier, change.to_tier, change.reason.value)
        for change in changes
    ]
    with connection.cursor() as cursor:
        cursor.execute(RECORD, [now, *map(list, zip(*rows, strict=True))])


def replay_standings(
    *, programme: Programme, member_ids: Sequence[MemberId], now: datetime
) -> dict[MemberId, Standing]:
    """See the facade."""
    require_transaction()
    scale = queries.scale_of(programme)
    if not scale.tiers:
        return {member_id: policies.begin(scale, member_id) for member_id in member_ids}
    stored, outdated = queries.read_stored(scale, member_ids, lock=True)
    known = stored | {one.member_id: one for one in outdated}
    asked = [known.get(member_id) or policies.begin(scale, member_id) for member_id in set(member_ids)]
    standings = queries.replay_standings(scale, asked, now)
    save_standings(programme=programme, standings=standings.values(), now=now)
    return standings


@transaction.atomic(durable=True)
def review_standings(*, programme: Programme, now: datetime, limit: int) -> int:
    """See the facade. Locks the status rows that are due, skipping those that others work on."""
    scale = queries.scale_of(programme)
    if not scale.tiers:
        return 0
    due = queries.list_due(queries.policy_mark(scale), local_date(now, scale.zone), limit)
    if due:
        standings = queries.read_standings(scale, due, now, lock=True)
        reached = [
            policies.advance(scale, one, occurred_at=max(now, one.as_of or now), qualifying=0)
            for one in standings.values()
        ]
        save_standings(programme=programme, standings=reached, now=now)
    return len(due)


def note_ranks(*, programme: Programme) -> int:
    """See the facade. One pass over the standings, which locks none of them."""
    tiers = queries.scale_of(programme).tiers
    return members.renew_figures(
        figure=members.Figure.TIER_RANK,
        source="""
            SELECT status.member_id, known.rank
            FROM tiers_tierstatus AS status
            JOIN unnest(%(codes)s::text[], %(ranks)s::smallint[]) AS known (code, rank)
                ON known.code = status.tier
            WHERE status.as_of IS NOT NULL
        """,
        params={"codes": [tier.code for tier in tiers], "ranks": list(range(len(tiers)))},
    )
