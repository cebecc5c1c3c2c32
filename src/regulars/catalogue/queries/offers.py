"""Reads of rewards for those who offer them, whatever their state. A page costs two queries."""

from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q
from django.utils.translation import gettext as _

from regulars.catalogue.models import Reward
from regulars.catalogue.policies import count_units_for, find_offer_state, settle_reward
from regulars.catalogue.queries.codes import list_pool_stocks
from regulars.catalogue.queries.rewards import annotated, get_reward_row, to_info, to_view
from regulars.catalogue.types import (
    Offer,
    OfferState,
    Picture,
    PictureSource,
    RewardInfo,
    RewardInput,
    RewardKind,
    RewardView,
    Viewer,
)
from regulars.kit.ids import RewardId
from regulars.kit.paging import BadCursor, Page, clamp_page_size, decode_cursor, encode_cursor

# Higher than any tier: what is kept for tiers is not out of stock.
EVERY_RANK = 2**15


def list_offers(
    *,
    now: datetime,
    search: str = "",
    kind: RewardKind | None = None,
    state: OfferState | None = None,
    cursor: str | None = None,
    size: int | None = None,
) -> Page[Offer]:
    """Rewards as operators see them, the newest first; two queries. Without a `state`: all but the archived.

    `search` looks for every one of its words in code, names, category and descriptions. Raises BadCursor.
    """
    size = clamp_page_size(size)
    rows = annotated().filter(is_in_state(state, now) if state else Q(archived=False))
    for word in search.lower().replace("\x00", " ").split()[:8]:
        rows = rows.filter(Q(search_text__contains=word) | Q(code__contains=word))
    if kind is not None:
        rows = rows.filter(kind=kind)
    if cursor:
        rows = rows.filter(_beyond(cursor))
    found = list(rows.order_by("-created_at", "-id")[: size + 1])
    shown = found[:size]
    last = shown[-1] if len(found) > size else None
    return Page(
        tuple(_to_offers(shown, now)),
        encode_cursor(last.created_at.isoformat(), last.pk) if last else None,
    )


def get_offer(code: str, now: datetime) -> Offer:
    """One reward as operators see it; two queries. Raises RewardNotFound."""
    row = annotated().filter(code=code).first()
    return _to_offers([row or get_reward_row(code)], now)[0]


def count_offers(now: datetime) -> dict[OfferState, int]:
    """How many rewards are in each state; one query."""
    counts = annotated().aggregate(
        **{state.value: Count("id", filter=is_in_state(state, now)) for state in OfferState}
    )
    return {state: counts[state.value] for state in OfferState}


def list_categories() -> list[str]:
    """Every category that any reward has, in order; one query."""
    rows = Reward.objects.exclude(category="").order_by("category")
    return list(rows.values_list("category", flat=True).distinct())


def find_free_code(wish: str) -> str:
    """The wish where no reward has that code, else with the next free number behind it. One query."""
    stem = wish[:58].rstrip("-._")
    taken = set(Reward.objects.filter(code__startswith=stem).values_list("code", flat=True))
    number, code = 2, wish
    while code in taken:
        code, number = f"{stem}-{number}", number + 1
    return code


def show_draft(
    reward: RewardInput, viewer: Viewer, *, taken: int = 0, kept_taken: int = 0, has_codes: bool = True
) -> RewardView:
    """How members would see a reward that is not saved: as published, in the language that is spoken."""
    reward = settle_reward(reward)
    picture = reward.picture or Picture(PictureSource.BUILTIN, reward.kind.value)
    info = RewardInfo(RewardId(0), reward, picture, taken, kept_taken, viewer.now)
    return to_view(info, viewer, has_codes=has_codes)


def is_in_state(state: OfferState, now: datetime) -> Q:
    """What `policies.find_offer_state` calls so, said in SQL; a test holds the two together."""
    offered = Q(archived=False, published=True)
    over = Q(active_to__isnull=False, active_to__lte=now)
    ahead = Q(active_from__isnull=False, active_from__gt=now)
    gone = Q(has_codes=False) | Q(stock__isnull=False, stock__lte=F("taken"))
    return {
        OfferState.ARCHIVED: Q(archived=True),
        OfferState.DRAFT: Q(archived=False, published=False),
        OfferState.ENDED: offered & over,
        OfferState.SCHEDULED: offered & ~over & ahead,
        OfferState.SOLD_OUT: offered & ~over & ~ahead & gone,
        OfferState.LIVE: offered & ~over & ~ahead & ~gone,
    }[state]


def _to_offers(rows: list[Any], now: datetime) -> list[Offer]:
    wanted = {row.code_pool.code for row in rows if row.code_pool}
    pools = {pool.code: pool for pool in list_pool_stocks(wanted)}
    found = []
    for row in rows:
        info = to_info(row)
        pool = pools.get(info.decided.code_pool or "")
        state = find_offer_state(info, now, has_codes=pool is None or pool.free > 0)
        left = count_units_for(info, Viewer(now=now, tier_rank=EVERY_RANK))
        found.append(Offer(info, state, left, pool.free if pool else None, bool(pool and pool.runs_low)))
    return found


def _beyond(cursor: str) -> Q:
    key, last_id = decode_cursor(cursor, (str, int))
    try:
        created_at = datetime.fromisoformat(str(key))
    except ValueError as error:
        raise BadCursor(_("The list has moved on; start from the first page.")) from error
    return Q(created_at__lt=created_at) | Q(created_at=created_at, id__lt=last_id)
