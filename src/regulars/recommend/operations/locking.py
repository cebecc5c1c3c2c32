"""One at a time: training, scoring and back-tests hold the lock of learning; forgetting is waited for."""

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


FORGET_LOCK = 0x5245_434E


def hold_forgetting() -> None:
    """Say, until the caller's transaction ends, that somebody is being forgotten. Many may at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [FORGET_LOCK])


def await_forgetting() -> None:
    """Wait until whoever is being forgotten is, and let nobody begin before the caller's transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FORGET_LOCK])
