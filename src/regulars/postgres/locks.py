"""Advisory locks on files: the kernel lets go of them when the last holder dies, however it dies."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from regulars.postgres.account import Account


def open_lock(file: Path, account: Account) -> int:
    """A descriptor of the lock file, made if missing, closed on exec. A link in its place is refused."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    if account.is_switched:
        # Root may look after an ordinary user's cluster: that user must be able to lock it afterwards.
        home = file.parent.stat()
        os.fchown(descriptor, home.st_uid, home.st_gid)
    return descriptor


def try_exclusive(descriptor: int) -> bool:
    """Take the lock for us alone if nobody else holds it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def share(descriptor: int) -> None:
    """Hold the lock together with others."""
    fcntl.flock(descriptor, fcntl.LOCK_SH)


@contextlib.contextmanager
def held_alone(file: Path, account: Account) -> Iterator[None]:
    """Wait for the lock, hold it alone, let go."""
    descriptor = open_lock(file, account)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
