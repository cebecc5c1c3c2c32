"""Which code a till holds in its hand, and what there is to choose from."""

from django.db import connection

from regulars.catalogue.models import Reward

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
