"""One at a time: training, scoring and back-tests hold the lock of learning."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

LEARN_LOCK = 0x5245_434F
"""An advisory lock of the session: it goes with the process that held it, however that ended."""


@contextmanager
def learn_alone() -> Iterator[bool]:
    """Whether this is the only one who learns, while the block runs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LEARN_LOCK])
        row = cursor.fetchone()
    alone = bool(row and row[0])
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LEARN_LOCK])
