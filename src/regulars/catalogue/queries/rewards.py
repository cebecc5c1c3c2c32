"""Reads of rewards: as decided, and as one viewer sees them. A page costs one query, whatever its size."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Greatest, Lower

from regulars.catalogue.errors import RewardNotFound
from regulars.catalogue.models import Code, Reward
from regulars.catalogue.policies import count_units_for, is_storable, is_visible, judge, say_now
from regulars.catalogue.types import (
    CodeState,
    Picture,
    PictureSource,
    RewardInfo,
    RewardInput,
    RewardKind,
    RewardSort,
    RewardText,
    RewardView,
    Viewer,
)
from regulars.kit.ids import RewardId
from regulars.kit.paging import BadCursor, Page, clamp_page_size, decode_cursor, encode_cursor
from regulars.kit.statements import fetch_rows

_SORT_FIELD = {
    RewardSort.PRICE_LOW: "price_points",
    RewardSort.PRICE_HIGH: "price_points",
    RewardSort.NEWEST: "created_at",
    RewardSort.NAME: "name_key",
}
_DESCENDING = {RewardSort.PRICE_HIGH, RewardSort.NEWEST}

ROW_VERSION = "r.xmin::text || r.ctid::text"
"""The version of a row `r`, to `recall` it by."""
KEPT_MAX = 1_200
_VERSIONS = f"SELECT r.id, {ROW_VERSION} FROM catalogue_reward r WHERE r.id = ANY (%s::bigint[])"  # noqa: S608

Known = dict[int, tuple[str, RewardInfo]]


class _Memory:
    """What this process knows. Too much of it is let go of whole; who reads keeps what they began with."""

    known: ClassVar[Known] = {}


def get_reward(code: str) -> RewardInfo:
    """A reward as decided, for operators. Raises RewardNotFound."""
    return to_info(get_reward_row(code))


def find_rewards(reward_ids: list[RewardId]) -> dict[RewardId, RewardInfo]:
    """Rewards by id, those that exist; one query, none where there are no ids.

    A second one for rewards that have changed since this process saw them last.
    """
    if not reward_ids:
        return {}
    return recall(fetch_rows(_VERSIONS, ("{" + ",".join(map(str, reward_ids)) + "}",)))


def recall(versions: Iterable[tuple[int, str]]) -> dict[RewardId, RewardInfo]:
    """Rewards by id and ROW_VERSION, from the process's memory; a query for those that it has not so.

    PostgreSQL itself gives each change of a row another version, whatever process makes it: what is
    remembered is never told out of date.
    """
    known = _Memory.known
    wanted = dict(versions)
    fresh = _load([number for number, version in wanted.items() if known.get(number, ("",))[0] != version])
    found = {number: fresh.get(number) or known.get(number) for number in wanted}
    return {RewardId(number): kept[1] for number, kept in found.items() if kept is not None}


def _load(numbers: list[int]) -> Known:
    """Rewards as they are now, each under the version that it was read in."""
    if not numbers:
        return {}
    rows = Reward.objects.select_related("code_pool").filter(pk__in=numbers)
    version = RawSQL(ROW_VERSION.replace("r.", '"catalogue_reward".'), ())  # noqa: S611 (a constant)
    fresh = {row.pk: (row.row_version, to_info(row)) for row in rows.annotate(row_version=version)}
    if len(_Memory.known) + len(fresh) > KEPT_MAX:
        _Memory.known = {}
    _Memory.known.update(fresh)
    return fresh


def has_reward(code: str) -> bool:
    """Whether there is a reward of that code, offered or not. One query."""
    return Reward.objects.filter(code=code).exists()


def view_reward(code: str, viewer: Viewer) -> RewardView:
    """A reward as the viewer sees it; one query. Raises RewardNotFound where there is none for their eyes."""
    row = annotated().filter(code=code).first()
    info = None if row is None else to_info(row)
    if row is None or info is None or not is_visible(info, viewer):
        raise RewardNotFound(f"There is no reward “{code}”.", reward=code)
    return to_view(info, viewer, has_codes=row.has_codes)


def list_rewards(
    *,
    viewer: Viewer,
    search: str = "",
    kind: RewardKind | None = None,
    category: str | None = None,
    affordable: bool = False,
    price_over: int | None = None,
    price_to: int | None = None,
    only_for_tier: str | None = None,
    sort: RewardSort = RewardSort.PRICE_LOW,
    cursor: str | None = None,
    size: int | None = None,
) -> Page[RewardView]:
    """The rewards that the viewer is shown, a page at a time; one query.

    `search` looks for every one of its words in name, category and description; `affordable` keeps what can
    be redeemed now and nothing else, `price_over` what costs more points than that, `price_to` what costs no
    more, `only_for_tier` what not everyone but that tier may have. Raises BadCursor.
    """
    size = clamp_page_size(size)
    rows = shown_to(viewer)
    for word in search.lower().replace("\x00", " ").split()[:8]:
        rows = rows.filter(search_text__contains=word)
    if kind is not None:
        rows = rows.filter(kind=kind)
    if category is not None:
        rows = rows.filter(category=category)
    if affordable:
        rows = rows.filter(_available_to(viewer))
    if price_over is not None:
        rows = rows.filter(price_points__gt=price_over)
    if price_to is not None:
        rows = rows.filter(price_points__lte=price_to)
    if only_for_tier is not None:
        rows = rows.filter(tiers_allowed__contains=[only_for_tier])
    field, sign = _SORT_FIELD[sort], "-" if sort in _DESCENDING else ""
    if cursor:
        rows = rows.filter(_after(sort, field, cursor))
    found = list(rows.order_by(f"{sign}{field}", f"{sign}id")[: size + 1])
    views = tuple(to_view(to_info(row), viewer, has_codes=row.has_codes) for row in found[:size])
    return Page(views, _cursor_of(sort, field, found[size - 1]) if len(found) > size else None)


def list_reward_categories(viewer: Viewer) -> list[str]:
    """The categories of what the viewer is shown, in order; one query."""
    rows = shown_to(viewer).exclude(category="").order_by("category")
    return list(rows.values_list("category", flat=True).distinct())


def find_reward_row(code: str, *, lock: bool = False) -> Reward | None:
    """A reward's row, or None; locked until the end of the transaction where asked."""
    rows = Reward.objects.select_related("code_pool")
    if lock:
        # Rows that point at the reward may still be written meanwhile: its key does not change.
        rows = rows.select_for_update(of=("self",), no_key=True)
    return rows.filter(code=code).first()


def get_reward_row(code: str, *, lock: bool = False) -> Reward:
    """A reward's row, locked where asked. Raises RewardNotFound."""
    row = find_reward_row(code, lock=lock)
    if row is None:
        raise RewardNotFound(f"There is no reward “{code}”.", reward=code)
    return row


def to_info(row: Reward) -> RewardInfo:
    """A row as the value that crosses the door."""
    picture = Picture(PictureSource(row.picture_source), row.picture_name, row.picture_alt)
    decided = RewardInput(
        code=row.code,
        name=row.name,
        kind=RewardKind(row.kind),
        price_points=row.price_points,
        price_money=row.price_money,
        cost=row.cost,
        description=row.description,
        terms=row.terms,
        category=row.category,
        picture=picture,
        stock=row.stock,
        per_member_max=row.per_member_max,
        active_from=row.active_from,
        active_to=row.active_to,
        tiers_allowed=tuple(row.tiers_allowed),
        hidden_from_others=row.hidden_from_others,
        early_access=row.early_access,
        kept_units=row.kept_units,
        kept_for_rank=row.kept_for_rank,
        kept_until=row.kept_until,
        code_pool=row.code_pool.code if row.code_pool else None,
        instant=row.instant,
        cancellable_for_hours=row.cancellable_for_hours,
        refundable_when_fulfilled=row.refundable_when_fulfilled,
        voucher_valid_days=row.voucher_valid_days,
        published=row.published,
        language=row.language,
        translations=tuple(
            RewardText(language, **parts) for language, parts in sorted(row.translations.items())
        ),
        archived=row.archived,
    )
    return RewardInfo(
        RewardId(row.pk),
        decided,
        picture,
        row.taken,
        row.kept_taken,
        row.created_at,
        row.version,
        row.updated_at,
    )


def annotated() -> QuerySet[Any]:
    """All rewards, each with whether it has a code to give (`has_codes`) and its name for sorting."""
    free_codes = Code.objects.filter(pool=OuterRef("code_pool"), state=CodeState.FREE)
    return Reward.objects.select_related("code_pool").annotate(
        has_codes=Q(code_pool=None) | Exists(free_codes), name_key=Lower("name")
    )


def shown_to(viewer: Viewer) -> QuerySet[Any]:
    """What `policies.is_visible` lets through, without what has ended."""
    mine = Q(tiers_allowed__contains=[viewer.tier]) if viewer.tier else Q(pk__in=[])
    return annotated().filter(
        Q(active_to=None) | Q(active_to__gt=viewer.now), Q(hidden_from_others=False) | mine, published=True
    )


def _available_to(viewer: Viewer) -> Q:
    """What `policies.judge` calls available, said in SQL; a test holds the two together."""
    early = viewer.now + timedelta(hours=viewer.early_access_hours)
    opened = (
        Q(active_from=None) | Q(active_from__lte=viewer.now) | Q(early_access=True, active_from__lte=early)
    )
    entitled = Q(tiers_allowed=[])
    if viewer.tier:
        entitled |= Q(tiers_allowed__contains=[viewer.tier])
    not_kept = Q(kept_for_rank__lte=viewer.tier_rank) | Q(kept_until__lte=viewer.now) | Q(kept_units=0)
    spared = F("taken") + Greatest(F("kept_units") - F("kept_taken"), 0)
    in_stock = Q(stock=None) | (not_kept & Q(stock__gt=F("taken"))) | Q(stock__gt=spared)
    reached = Q(pk__in=[])
    for reward_id, count in viewer.taken.items():
        reached |= Q(pk=reward_id, per_member_max__lte=count)
    return opened & entitled & in_stock & Q(has_codes=True) & Q(price_points__lte=viewer.points) & ~reached


def _after(sort: RewardSort, field: str, cursor: str) -> Q:
    kind = int if field == "price_points" else str
    order, key, last_id = decode_cursor(cursor, (str, kind, int))
    if order != sort.value:
        raise BadCursor("The cursor belongs to another order of the list; start from the first page.")
    if isinstance(key, str) and not is_storable(key):
        raise BadCursor("The cursor is not one that this server gave; start from the first page.")
    value: Any = key
    if field == "created_at":
        try:
            value = datetime.fromisoformat(str(key))
        except ValueError as error:
            raise BadCursor(
                "The cursor is not one that this server gave; start from the first page."
            ) from error
    beyond = "lt" if sort in _DESCENDING else "gt"
    return Q(**{f"{field}__{beyond}": value}) | Q(**{field: value, f"id__{beyond}": last_id})


def _cursor_of(sort: RewardSort, field: str, row: Any) -> str:
    value = getattr(row, field)
    return encode_cursor(sort.value, value.isoformat() if isinstance(value, datetime) else value, row.pk)


def to_view(info: RewardInfo, viewer: Viewer, *, has_codes: bool) -> RewardView:
    """The reward as the viewer sees it, in the language that is spoken."""
    decided = info.decided
    said = say_now(decided)
    return RewardView(
        id=info.id,
        code=decided.code,
        name=said.name,
        kind=decided.kind,
        description=said.description,
        terms=said.terms,
        category=decided.category,
        picture=replace(info.picture, alt=said.picture_alt),
        price_points=decided.price_points,
        price_money=decided.price_money,
        units_left=count_units_for(info, viewer),
        per_member_max=decided.per_member_max,
        active_from=decided.active_from,
        active_to=decided.active_to,
        tiers_allowed=decided.tiers_allowed,
        cancellable_for_hours=0 if decided.code_pool else decided.cancellable_for_hours,
        voucher_valid_days=decided.voucher_valid_days,
        availability=judge(info, viewer, has_codes=has_codes),
        one_at_a_time=decided.code_pool is not None,
    )
