"""One at a time: advisory locks of the session, which end with the process that held them, come what may."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def try_lock(*numbers: int) -> Iterator[bool]:
    """Hold a lock while the block runs, without waiting for it; gives whether it is ours.

    It is named by one number of 64 bits, or by two of 32. A connection that was lost meanwhile took it along.
    """
    places = ", ".join(["%s"] * len(numbers))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_lock({places})", numbers)
        (is_ours,) = cursor.fetchone()
    try:
        yield is_ours
    finally:
        if is_ours and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT pg_advisory_unlock({places})", numbers)
