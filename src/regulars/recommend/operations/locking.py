"""One at a time: training, scoring and back-tests hold the lock of learning; forgetting is waited for."""

from contextlib import AbstractContextManager

from django.db import connection

from regulars.kit.locks import try_lock

LEARN_LOCK, FORGET_LOCK = 0x5245_434F, 0x5245_434E
"""Advisory locks; any constants will do."""


def learn_alone() -> AbstractContextManager[bool]:
    """Whether this is the only one who learns, while the block runs."""
    return try_lock(LEARN_LOCK)


def hold_forgetting() -> None:
    """Say, until the caller's transaction ends, that somebody is being forgotten. Many may at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [FORGET_LOCK])


def await_forgetting() -> None:
    """Wait until whoever is being forgotten is, and let nobody begin before the caller's transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FORGET_LOCK])
