"""Reads of the tiers, and the way from rows to standings."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Q

from regulars.kit.clock import local_date, start_of_day
from regulars.kit.fingerprint import fingerprint
from regulars.kit.ids import MemberId
from regulars.kit.paging import Page, clamp_page_size, decode_cursor, encode_cursor
from regulars.kit.statements import fetch_rows
from regulars.ledger import facade as ledger
from regulars.rules.facade import Metric, Programme
from regulars.tiers import forecast, models, policies
from regulars.tiers.policies import CALENDAR, Scale
from regulars.tiers.types import ChangeReason, Standing, TierChange, TierProgress

CURRENCIES = {
    Metric.POINTS: ledger.Currency.QUALIFYING_POINTS,
    Metric.SPEND: ledger.Currency.QUALIFYING_SPEND,
    Metric.VISITS: ledger.Currency.QUALIFYING_VISITS,
}
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

Entries = Sequence[tuple[datetime, int]]

COLUMNS = "member_id, tier, policy, reached_at, qualified, as_of, below_on, oldest_on"
SELECT = f"SELECT {COLUMNS} FROM tiers_tierstatus WHERE member_id = ANY(%s::bigint[])"  # noqa: S608 (a constant)
SELECT_LOCKED = f"{SELECT} ORDER BY member_id FOR UPDATE"
ADD_MISSING = """
    INSERT INTO tiers_tierstatus (member_id, tier, policy, qualified)
    SELECT member_id, '', '', 0 FROM unnest(%s::bigint[]) AS asked (member_id) ORDER BY member_id
    ON CONFLICT (member_id) DO NOTHING
"""


def scale_of(programme: Programme) -> Scale:
    """The programme's tiers as a ladder."""
    return policies.scale_of(programme.tiers, programme.time_zone)


def policy_mark(scale: Scale) -> str:
    """A fingerprint of all that decides a status, so that tiers defined anew are noticed."""
    policy = scale.policy
    return fingerprint(
        {
            "metric": policy.metric,
            "window": policy.window,
            "months": 0 if policy.window == CALENDAR else policy.window_months,
            "grace": policy.grace_days,
            "zone": scale.zone.key,
            "tiers": [(tier.code, tier.threshold) for tier in scale.tiers],
        }
    ).hex()[:16]


def read_rows(member_ids: Sequence[MemberId], *, lock: bool) -> list[tuple[Any, ...]]:
    """The status rows. To `lock`, missing ones are made first, in ascending order: something to lock."""
    wanted = sorted(set(member_ids))
    if not lock:
        return fetch_rows(SELECT, ("{" + ",".join(map(str, wanted)) + "}",))
    with connection.cursor() as cursor:
        cursor.execute(ADD_MISSING, [wanted])
        cursor.execute(SELECT_LOCKED, [wanted])
        return list(cursor.fetchall())


def read_stored(
    scale: Scale, member_ids: Sequence[MemberId], *, lock: bool
) -> tuple[dict[MemberId, Standing], list[Standing]]:
    """Standings as stored; apart from them those worked out with other tiers, good only for what was told."""
    mark = policy_mark(scale)
    standings: dict[MemberId, Standing] = {}
    outdated: list[Standing] = []
    for member_id, tier, policy, reached_at, qualified, as_of, below_on, oldest_on in read_rows(
        member_ids, lock=lock
    ):
        standing = Standing(
            member_id=member_id,
            tier=tier,
            rank=scale.rank_of(tier),
            reached_at=reached_at,
            qualified=qualified,
            as_of=as_of,
            below_on=below_on,
            oldest_on=oldest_on,
        )
        if as_of is None:
            continue  # a row made only to be locked
        if policy == mark:
            standings[member_id] = standing
        else:
            outdated.append(standing)
    return standings, outdated


def read_standings(
    scale: Scale, member_ids: Sequence[MemberId], as_of: datetime, *, lock: bool
) -> dict[MemberId, Standing]:
    """Standings as stored, with the amounts loaded wherever some leave the window by `as_of`."""
    standings, again = read_stored(scale, member_ids, lock=lock)
    day = local_date(as_of, scale.zone)
    uncovered = [one for one in standings.values() if not policies.is_covered(scale, one, day)]
    if uncovered:
        since = min(one.oldest_on for one in uncovered if one.oldest_on is not None)
        entries = read_entries(scale, [one.member_id for one in uncovered], start_of_day(since, scale.zone))
        for one in uncovered:
            filled = policies.fill(scale, one, entries.get(one.member_id, ()))
            if filled is None:
                again.append(one)
            else:
                standings[one.member_id] = filled
    standings |= replay_standings(scale, again, as_of)
    return {
        member_id: standings.get(member_id) or policies.begin(scale, member_id) for member_id in member_ids
    }


def read_entries(scale: Scale, member_ids: Sequence[MemberId], since: datetime) -> Mapping[MemberId, Entries]:
    """Qualifying amounts from the ledger, net of what was reversed."""
    return ledger.list_qualified(member_ids, CURRENCIES[scale.policy.metric], since)


def replay_standings(scale: Scale, standings: Sequence[Standing], now: datetime) -> dict[MemberId, Standing]:
    """The same members' standings worked out from all of the ledger's history, each to its own instant."""
    if not standings:
        return {}
    found = read_entries(scale, [one.member_id for one in standings], BEGINNING)
    return {
        one.member_id: policies.correct(
            policies.replay(scale, one.member_id, found.get(one.member_id, ()), one.as_of),
            told=policies.told_tier(one),
            at=now,
        )
        for one in standings
    }


def get_standings(
    member_ids: Sequence[MemberId], programme: Programme, now: datetime
) -> dict[MemberId, Standing]:
    """Standings at `now`, exact whether or not the review has run."""
    scale = scale_of(programme)
    stored = read_standings(scale, member_ids, now, lock=False)
    return {
        member_id: policies.advance(scale, one, occurred_at=max(now, one.as_of or now), qualifying=0)
        for member_id, one in stored.items()
    }


def get_progress(member_id: MemberId, programme: Programme, now: datetime) -> TierProgress | None:
    """See the facade. Two queries: the row, and the amounts since the window or the season began."""
    scale = scale_of(programme)
    if not scale.tiers:
        return None
    stored, outdated = read_stored(scale, [member_id], lock=False)
    standing = stored.get(member_id) or policies.begin(scale, member_id)
    since = now - timedelta(days=forecast.PACE_DAYS + 1)
    if standing.oldest_on is not None:
        since = min(since, start_of_day(standing.oldest_on, scale.zone))
    entries = read_entries(scale, [member_id], BEGINNING if outdated else since).get(member_id, ())
    filled = None if outdated else policies.fill(scale, standing, entries)
    if filled is None:
        filled = replay_standings(scale, outdated or [standing], now)[member_id]
    reached = policies.advance(scale, filled, occurred_at=max(now, filled.as_of or now), qualifying=0)
    return forecast.foresee(scale, reached, entries, now)


def list_tier_changes(member_id: MemberId, cursor: str | None, size: int | None) -> Page[TierChange]:
    """See the facade."""
    size = clamp_page_size(size)
    rows = models.TierChange.objects.filter(member_id=member_id).order_by("-id")
    if cursor is not None:
        (last_id,) = decode_cursor(cursor, (int,))
        rows = rows.filter(id__lt=last_id)
    found = list(rows[: size + 1])
    next_cursor = encode_cursor(found[size - 1].id) if len(found) > size else None
    return Page(tuple(as_change(row) for row in found[:size]), next_cursor)


def list_changes_of(member_ids: Collection[MemberId]) -> dict[MemberId, list[TierChange]]:
    """See the facade."""
    found: dict[MemberId, list[TierChange]] = {}
    rows = models.TierChange.objects.filter(member_id__in=list(member_ids)).order_by("-id")
    for row in rows if member_ids else ():
        found.setdefault(MemberId(row.member_id), []).append(as_change(row))
    return found


def latest_changes(
    member_id: MemberId, before: tuple[datetime, int] | None, size: int
) -> list[tuple[int, TierChange]]:
    """The latest changes before a point (occurred_at, id), each with its id. One query."""
    rows = models.TierChange.objects.filter(member_id=member_id)
    if before is not None:
        instant, last_id = before
        rows = rows.filter(Q(occurred_at__lt=instant) | Q(occurred_at=instant, id__lt=last_id))
    return [(row.pk, as_change(row)) for row in rows.order_by("-occurred_at", "-id")[:size]]


def as_change(row: models.TierChange) -> TierChange:
    """A row as a value."""
    return TierChange(
        MemberId(row.member_id), row.occurred_at, row.from_tier, row.to_tier, ChangeReason(row.reason)
    )


def count_members_by_tier() -> dict[str, int]:
    """See the facade."""
    rows = models.TierStatus.objects.filter(as_of__isnull=False).values("tier").annotate(members=Count("pk"))
    return {row["tier"]: row["members"] for row in rows}


def count_standings(bounds: Mapping[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """See the facade."""
    codes = sorted(bounds)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT status.tier, count(*),
                count(*) FILTER (WHERE status.qualified >= bound.low AND status.qualified < bound.high)
            FROM tiers_tierstatus AS status
            LEFT JOIN unnest(%s::text[], %s::bigint[], %s::bigint[]) AS bound (tier, low, high)
                ON bound.tier = status.tier
            WHERE status.as_of IS NOT NULL
            GROUP BY status.tier
            """,
            [codes, [bounds[code][0] for code in codes], [bounds[code][1] for code in codes]],
        )
        return {tier: (members, falling) for tier, members, falling in cursor.fetchall()}


def list_due(mark: str, today: date, limit: int) -> list[MemberId]:
    """Members whose tier may fall by `today` or was made with other tiers; locked, busy ones skipped."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT member_id FROM tiers_tierstatus
            WHERE as_of IS NOT NULL AND (due_on <= %s OR policy <> %s)
            ORDER BY member_id LIMIT %s FOR UPDATE SKIP LOCKED
            """,
            [today, mark, limit],
        )
        return [MemberId(row[0]) for row in cursor.fetchall()]
