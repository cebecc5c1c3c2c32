"""Who changes an identity waits for whoever else does."""

from collections.abc import Collection

from django.db import connection

LOCK_CLASS = 0x4D454D42
LOCKS = 64


def lock_buckets(buckets: Collection[int]) -> None:
    """Lock these buckets of identities until the transaction ends, ascending."""
    # A lock for each identity would outgrow PostgreSQL's lock table with a large batch.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, bucket) FROM unnest(%s::int[]) AS bucket",
            [LOCK_CLASS, sorted(buckets)],
        )
