"""Reads of redemption. A page costs three queries, whatever its size."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.db.models import F, Q, QuerySet

from regulars.catalogue import facade as catalogue
from regulars.kit.ids import MemberId, RedemptionId, RewardId
from regulars.kit.paging import Page, clamp_page_size, cut_page, decode_cursor
from regulars.kit.statements import fetch_rows
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.redemption.errors import KeyUsedOtherwise, RedemptionNotFound
from regulars.redemption.models import PAID, Goal, Redemption
from regulars.redemption.policies import read_reference
from regulars.redemption.types import RedemptionState, RedemptionStep, RedemptionView, Shelf
from regulars.rules import facade as rules
from regulars.tiers import facade as tiers

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

# Asked for with every page that shows rewards to a member.
_TAKEN = f"""
SELECT reward_id, sum(units - units_dropped)::bigint FROM redemption_redemption
WHERE member_id = ANY (%s::bigint[]) AND state <> '{RedemptionState.CANCELLED.value}'
    AND (%s::bigint IS NULL OR reward_id = %s::bigint)
GROUP BY reward_id
"""  # noqa: S608 (constants)
_REWARDS_OF = "SELECT id, reward_id FROM redemption_redemption WHERE id = ANY (%s::bigint[])"
_GOAL = f"""
SELECT r.code FROM redemption_goal g JOIN catalogue_reward r ON r.id = g.reward_id
WHERE g.member_id = %s::bigint AND NOT EXISTS (
    SELECT FROM redemption_redemption had
    WHERE had.member_id = g.member_id AND had.reward_id = g.reward_id AND had.reserved_at >= g.set_at
        AND had.state <> '{RedemptionState.CANCELLED.value}'
)
"""  # noqa: S608 (constants)

TAKEN_SQL = f"""
SELECT json_agg(json_build_array(reward.code, reward.category, d.reserved_at))
FROM redemption_redemption d JOIN catalogue_reward reward ON reward.id = d.reward_id
WHERE d.member_id = ANY ({{members}}) AND d.reserved_at >= %s::timestamptz
    AND d.state <> '{RedemptionState.CANCELLED.value}'
"""  # noqa: S608 (a constant)
"""For a room that asks on every visit what was taken lately: within a statement of its own, which has an
array of members. The parameter is since when.
"""


def get_redemption(redemption_id: RedemptionId) -> RedemptionView:
    """One redemption. Raises RedemptionNotFound."""
    row = Redemption.objects.filter(pk=redemption_id).first()
    if row is None:
        raise RedemptionNotFound(f"There is no redemption {redemption_id}.")
    return of_person(to_view(row))


def get_redemptions(redemption_ids: Iterable[RedemptionId]) -> dict[RedemptionId, RedemptionView]:
    """Several redemptions; those unknown are left out. Three queries at most, none where no id is given."""
    wanted = set(redemption_ids)
    if not wanted:
        return {}
    return {view.id: view for view in to_views(list(Redemption.objects.filter(pk__in=wanted)))}


def name_redemptions(redemption_ids: Collection[RedemptionId]) -> dict[RedemptionId, str]:
    """What was redeemed, in the reader's language; those unknown are left out.

    Two queries, none where no id is given.
    """
    if not redemption_ids:
        return {}
    wanted = "{" + ",".join(map(str, redemption_ids)) + "}"
    found = {RedemptionId(number): RewardId(reward) for number, reward in fetch_rows(_REWARDS_OF, (wanted,))}
    rewards = catalogue.find_rewards(list(found.values()))
    return {number: catalogue.say_now(rewards[reward].decided).name for number, reward in found.items()}


def find_redemption(reference: str) -> RedemptionView | None:
    """The redemption of that reference, as a till or a letter names it, or None."""
    row = Redemption.objects.filter(reference=read_reference(reference)).first()
    return None if row is None else of_person(to_view(row))


def list_redemptions(
    *,
    member_id: MemberId | None = None,
    states: Iterable[RedemptionState] = (),
    cursor: str | None = None,
    backwards: bool = False,
    size: int | None = None,
) -> Page[RedemptionView]:
    """Redemptions, latest first, a page at a time: of one member or of all, in any of `states` or in all.

    Those of members merged into the member are theirs too. Those after the cursor; `backwards`, those before
    it, in the same order. Four queries at most. Raises BadCursor.
    """
    rows = Redemption.objects.all()
    if member_id is not None:
        rows = rows.filter(member_id__in=_person_of(member_id))
    wanted = [state.value for state in states]
    if wanted:
        rows = rows.filter(state__in=wanted)
    return _page(rows, cursor, size, member_id, backwards=backwards)


def list_shelf(
    *, member_id: MemberId, shelf: Shelf, now: datetime, cursor: str | None = None, size: int | None = None
) -> Page[RedemptionView]:
    """What lies on one shelf of a member at `now`, latest first: those of which `find_shelf` says so.

    Four queries at most. Raises BadCursor.
    """
    kept_code = Q(
        state=RedemptionState.FULFILLED,
        code__isnull=False,
        units_handed__lt=F("units") - F("units_dropped"),
    )
    open_ = Q(state__in=[RedemptionState.RESERVED, RedemptionState.CONFIRMED]) | kept_code
    over = Q(valid_until__isnull=False, valid_until__lte=now)
    condition = {
        Shelf.READY: open_ & ~over,
        Shelf.EXPIRED: open_ & over,
        Shelf.USED: Q(state=RedemptionState.FULFILLED) & ~kept_code,
        Shelf.CANCELLED: Q(state=RedemptionState.CANCELLED),
    }[shelf]
    rows = Redemption.objects.filter(condition, member_id__in=_person_of(member_id))
    return _page(rows, cursor, size, member_id)


def _page(
    rows: QuerySet[Redemption],
    cursor: str | None,
    size: int | None,
    member_id: MemberId | None,
    *,
    backwards: bool = False,
) -> Page[RedemptionView]:
    """One page, latest first, told as of `member_id` where it is one person's. Raises BadCursor."""
    size = clamp_page_size(size)
    if cursor:
        micros, told_id = decode_cursor(cursor, (int, int))
        rows = rows.filter(_beyond(_read_instant(int(micros)), int(told_id), later=backwards))
    order = ("reserved_at", "id") if backwards else ("-reserved_at", "-id")
    page = cut_page(
        list(rows.order_by(*order)[: size + 1]), size=size, key=_key, cursor=cursor, backwards=backwards
    )
    views = to_views(page.items)
    if member_id is not None:
        views = [replace(view, member_id=member_id) for view in views]
    return Page(tuple(views), page.next_cursor, page.previous_cursor)


def list_steps(redemption_id: RedemptionId) -> list[RedemptionStep]:
    """How a redemption came to be as it is, earliest first; empty where there is none. One query."""
    row = Redemption(pk=redemption_id)
    return [
        RedemptionStep(change.occurred_at, RedemptionState(change.state), change.actor, change.reason)
        for change in row.changes.order_by("id")
    ]


def load_viewer(
    *,
    member_id: MemberId | None,
    programme: rules.Programme,
    now: datetime,
    points: int | None = None,
    tier: str | None = None,
) -> catalogue.Viewer:
    """What the catalogue needs to know of a member to say what they may have now; None: of a stranger.

    `points` are the member's active points and `tier` the code of their tier, where the caller has read them
    already.
    """
    stranger = catalogue.Viewer(now=now, tiers=list_tier_access(programme))
    if member_id is None:
        return stranger
    return replace(
        join_tier(stranger, member_id, programme) if tier is None else _take_tier(stranger, programme, tier),
        points=ledger.get_balance(member_id, now).active if points is None else points,
        taken=count_taken(member_id),
    )


def join_tier(viewer: catalogue.Viewer, member_id: MemberId, programme: rules.Programme) -> catalogue.Viewer:
    """The viewer with the member's tier at that instant."""
    return _take_tier(viewer, programme, tiers.get_standing(member_id, programme, viewer.now).tier)


def _take_tier(viewer: catalogue.Viewer, programme: rules.Programme, code: str) -> catalogue.Viewer:
    definition = programme.find_tier(code)
    if definition is None:
        return viewer
    return replace(
        viewer,
        tier=definition.code,
        tier_rank=definition.rank,
        early_access_hours=definition.early_access_hours,
    )


def list_tier_access(programme: rules.Programme) -> tuple[catalogue.TierAccess, ...]:
    """The programme's tiers as the catalogue knows them."""
    return tuple(
        catalogue.TierAccess(tier.code, tier.name, tier.rank, tier.early_access_hours)
        for tier in programme.tiers.tiers
    )


def count_taken(member_id: MemberId, reward_id: RewardId | None = None) -> Mapping[RewardId, int]:
    """How many units the member has or will have, by reward; of one reward or of all. Two queries."""
    person = "{" + ",".join(map(str, _person_of(member_id))) + "}"
    only = None if reward_id is None else str(reward_id)
    return {RewardId(reward): count for reward, count in fetch_rows(_TAKEN, (person, only, only))}


def find_goal(member_id: MemberId) -> str | None:
    """The code of the reward that the member saves for; None too where they have had it since. One query."""
    rows = fetch_rows(_GOAL, (str(member_id),))
    return rows[0][0] if rows else None


def count_goals(*, only_for: Collection[str] | None = None) -> int:
    """How many members save for a reward; with `only_for`, for one that none but those tiers may have."""
    goals = Goal.objects.all()
    if only_for is not None:
        goals = goals.filter(reward__tiers_allowed__contained_by=list(only_for))
        goals = goals.exclude(reward__tiers_allowed=[])
    return goals.count()


def find_by_key(member_id: MemberId, idempotency_key: str, input_hash: bytes) -> RedemptionView | None:
    """What was answered under this key before, or None. Raises KeyUsedOtherwise."""
    row = Redemption.objects.filter(member_id=member_id, idempotency_key=idempotency_key).first()
    if row is None:
        return None
    if bytes(row.input_hash) != input_hash:
        raise KeyUsedOtherwise("This idempotency key was used for another request.", key=idempotency_key)
    return replace(to_view(row), replayed=True)


def of_person(view: RedemptionView) -> RedemptionView:
    """The same as whose it is now: the survivor's, where the member was merged. One query."""
    survivors = members.find_survivors([view.member_id])
    return replace(view, member_id=survivors.get(view.member_id, view.member_id))


def _person_of(member_id: MemberId) -> list[MemberId]:
    """The member and those merged into them. One query."""
    return [member_id, *members.list_merged(member_id)]


def to_view(row: Redemption) -> RedemptionView:
    """A row as the value that crosses the door."""
    return to_views([row])[0]


def to_views(rows: Sequence[Redemption]) -> list[RedemptionView]:
    """Rows as values: one query for the rewards, one for the codes that may be shown."""
    rewards = catalogue.find_rewards([RewardId(row.reward_id) for row in rows])
    codes = catalogue.read_codes(row.code_id for row in rows if row.code_id and row.state in PAID)
    return [_to_view(row, rewards[RewardId(row.reward_id)], codes.get(row.code_id or 0)) for row in rows]


def _to_view(row: Redemption, reward: catalogue.RewardInfo, code: str | None) -> RedemptionView:
    return RedemptionView(
        id=RedemptionId(row.pk),
        reference=row.reference,
        member_id=MemberId(row.member_id),
        reward_id=reward.id,
        reward_code=reward.decided.code,
        reward_name=catalogue.say_now(reward.decided).name,
        reward_kind=reward.decided.kind,
        picture=reward.picture,
        state=RedemptionState(row.state),
        price_points=row.price_points,
        price_money=row.price_money,
        code=code,
        reserved_at=row.reserved_at,
        times_out_at=row.times_out_at if row.state == RedemptionState.RESERVED else None,
        confirmed_at=row.confirmed_at,
        fulfilled_at=row.fulfilled_at,
        cancelled_at=row.cancelled_at,
        cancellable_until=row.cancellable_until,
        refundable_when_fulfilled=row.refundable_when_fulfilled,
        valid_until=row.valid_until,
        cancel_reason=row.cancel_reason,
        simulated=row.simulated,
        refunded_points=row.refunded_points,
        units=row.units,
        units_handed=row.units_handed,
        units_dropped=row.units_dropped,
    )


def _key(row: Redemption) -> tuple[int, int]:
    return (row.reserved_at - _EPOCH) // _MICROSECOND, row.pk


def _beyond(instant: datetime, told_id: int, *, later: bool) -> Q:
    if later:
        return Q(reserved_at__gt=instant) | Q(reserved_at=instant, id__gt=told_id)
    return Q(reserved_at__lt=instant) | Q(reserved_at=instant, id__lt=told_id)


def _read_instant(micros: int) -> datetime:
    try:
        return _EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return _EPOCH
