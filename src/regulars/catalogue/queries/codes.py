"""Reads of code pools. No read tells a code that has not been revealed."""

from collections.abc import Iterable

from django.db.models import Count, Q

from regulars.catalogue.models import Code, CodePool
from regulars.catalogue.types import CodeState, PoolInfo


def read_codes(code_ids: Iterable[int]) -> dict[int, str]:
    """What revealed codes say, by id; one query, none where there are no ids. Others are left out."""
    wanted = list(code_ids)
    if not wanted:
        return {}
    return dict(Code.objects.filter(pk__in=wanted, state=CodeState.REVEALED).values_list("id", "value"))


def list_pools() -> list[PoolInfo]:
    """Every pool with its numbers, by code; one query."""
    counts = {state.value: Count("codes", filter=Q(codes__state=state.value)) for state in CodeState}
    rows = CodePool.objects.annotate(**counts).order_by("code").values("code", "name", *counts)
    return [PoolInfo(**row) for row in rows]
