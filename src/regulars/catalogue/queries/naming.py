"""Which code a till holds in its hand, and what there is to choose from."""

from collections.abc import Iterable

from django.db import connection

from regulars.catalogue.models import Code, Reward

# Pool by pool: the unique index begins with the pool, so none is read through.
FIND_SQL = """
SELECT c.id FROM catalogue_codepool p JOIN catalogue_code c ON c.pool_id = p.id AND c.value = %s
"""


def find_code_ids(value: str) -> list[int]:
    """The codes that say just this, in whatever pool, shown to somebody or not. One query."""
    with connection.cursor() as cursor:
        cursor.execute(FIND_SQL, [value])
        return [code_id for (code_id,) in cursor.fetchall()]


def list_reward_names() -> list[tuple[str, str]]:
    """The code and the name of every reward there ever was, by name: for a choice in a filter. One query."""
    return list(Reward.objects.order_by("name", "code").values_list("code", "name"))


def find_reward_names(codes: Iterable[str]) -> dict[str, str]:
    """The names of rewards by their codes; those unknown are left out. One query."""
    return dict(Reward.objects.filter(code__in=set(codes)).values_list("code", "name"))


def find_pools_of_codes(code_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Code and name of the pool of each code by its id, nothing of what it says. One query."""
    rows = Code.objects.filter(pk__in=set(code_ids)).values_list("id", "pool__code", "pool__name")
    return {code_id: (pool, name) for code_id, pool, name in rows}
