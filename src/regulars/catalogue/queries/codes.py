"""Reads of code pools. No read tells a code that has not been revealed, but the one for a download."""

from collections.abc import Iterable, Iterator

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from regulars.catalogue.errors import PoolNotFound
from regulars.catalogue.models import Code, CodePool, Reward
from regulars.catalogue.policies import mask_code
from regulars.catalogue.types import CodeState, MaskedCode, PoolInfo, PoolStock
from regulars.kit.paging import Page, clamp_page_size, decode_cursor, encode_cursor


def read_codes(code_ids: Iterable[int]) -> dict[int, str]:
    """What revealed codes say, by id; one query, none where there are no ids. Others are left out."""
    wanted = list(code_ids)
    if not wanted:
        return {}
    return dict(Code.objects.filter(pk__in=wanted, state=CodeState.REVEALED).values_list("id", "value"))


def list_pools() -> list[PoolInfo]:
    """Every pool with its numbers, by code; one query."""
    return _count(CodePool.objects.all())


def list_pool_stocks(codes: Iterable[str] | None = None) -> list[PoolStock]:
    """Pools with what is free in them, by name, all or those of these codes; one query.

    Reads the index of free codes only, so that what was given out long ago costs nothing.
    """
    free = (
        Code.objects.filter(pool=OuterRef("pk"), state=CodeState.FREE)
        .order_by()
        .values("pool")
        .annotate(count=Count("id"))
        .values("count")
    )
    pools = CodePool.objects.all() if codes is None else CodePool.objects.filter(code__in=list(codes))
    rows = pools.annotate(free=Coalesce(Subquery(free), 0)).order_by("name", "code")
    return [PoolStock(**row) for row in rows.values("code", "name", "free", "alert_below")]


def get_pool(code: str) -> PoolInfo:
    """One pool with its numbers; one query. Raises PoolNotFound."""
    found = _count(CodePool.objects.filter(code=code))
    if not found:
        raise PoolNotFound(f"There is no code pool “{code}”; create it first.", pool=code)
    return found[0]


def list_codes(
    pool: str, *, state: CodeState | None = None, cursor: str | None = None, size: int | None = None
) -> Page[MaskedCode]:
    """Codes of a pool, masked, the newest first, in one state or in all; one query. Raises BadCursor."""
    size = clamp_page_size(size)
    rows = Code.objects.filter(pool__code=pool)
    if state is not None:
        rows = rows.filter(state=state)
    if cursor:
        (last_id,) = decode_cursor(cursor, (int,))
        rows = rows.filter(id__lt=last_id)
    found = list(rows.order_by("-id")[: size + 1])
    shown = tuple(
        MaskedCode(row.pk, mask_code(row.value), CodeState(row.state), row.claimed_at, row.revealed_at)
        for row in found[:size]
    )
    return Page(shown, encode_cursor(found[size - 1].pk) if len(found) > size else None)


def list_pool_users(pool: str) -> list[tuple[str, str]]:
    """Code and name of the rewards that draw from a pool, by name; one query."""
    return list(Reward.objects.filter(code_pool__code=pool).order_by("name").values_list("code", "name"))


def read_free_values(pool: str) -> Iterator[str]:
    """What the free codes of a pool say, in the order in which they will be given out."""
    rows = Code.objects.filter(pool__code=pool, state=CodeState.FREE).order_by("id")
    return rows.values_list("value", flat=True).iterator(chunk_size=5_000)


def _count(pools: QuerySet[CodePool]) -> list[PoolInfo]:
    counts = {state.value: Count("codes", filter=Q(codes__state=state.value)) for state in CodeState}
    rows = pools.annotate(**counts).order_by("code").values("code", "name", "alert_below", *counts)
    return [PoolInfo(**row) for row in rows]
