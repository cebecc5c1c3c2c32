"""Gives a test run its own embedded PostgreSQL in a temporary data directory.

Loaded with `-p tests.cluster` (see pyproject.toml), which is before pytest-django reads the settings:
the address of the server is known at once, and the server starts when the first test needs a database.
With DATABASE_URL set, tests use that server instead, and nothing here starts.
"""

import atexit
import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from regulars.postgres import facade as postgres

PREFIX = "regulars-tests-"
OPTIONS = {
    # Test data need not survive a power cut.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
}


class Cluster:
    """The temporary data directory of this run, and the server in it."""

    def __init__(self) -> None:
        _sweep()
        self.data_dir = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._run_lock = _lock(self.data_dir)
        self._attachment: postgres.Attachment | None = None
        atexit.register(self.close)

    def start(self) -> None:
        """Start the server, and let the application's role make test databases."""
        if self._attachment is None:
            self._attachment = postgres.attach(self.data_dir, options=OPTIONS)
            with psycopg.connect(
                host=str(self._attachment.socket_dir),
                port=postgres.PORT,
                user=postgres.SUPERUSER,
                dbname=postgres.DATABASE,
                autocommit=True,
            ) as connection:
                connection.execute(f"ALTER ROLE {postgres.ROLE} CREATEDB")

    def close(self) -> None:
        """Stop the server and delete the directory."""
        atexit.unregister(self.close)
        if self._attachment is not None:
            self._attachment.close()
        shutil.rmtree(self.data_dir, ignore_errors=True)
        if self._run_lock is not None:
            os.close(self._run_lock)
            self._run_lock = None


def _lock(data_dir: Path) -> int | None:
    """Take the lock that says that the run of this directory lives; None where another process has it."""
    descriptor = os.open(data_dir / "run.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _sweep() -> None:
    """Stop and delete what killed test runs of ours left behind."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        # A directory without a lock file is being made by another run right now.
        if left.lstat().st_uid != os.geteuid() or not (left / "run.lock").exists():
            continue
        lock = _lock(left)
        if lock is None:
            continue
        with contextlib.suppress(postgres.PostgresUnavailable):
            if postgres.is_running(left):
                postgres.attach(left).close()
        shutil.rmtree(left, ignore_errors=True)
        os.close(lock)


_cluster: Cluster | None = None
if not os.environ.get("DATABASE_URL"):
    _cluster = Cluster()
    # Reports are read at once, however busy the machine is; the tests of waiting say so themselves.
    os.environ["REGULARS_REPORT_PATIENCE_MS"] = "60000"
    os.environ["REGULARS_DATA"] = str(_cluster.data_dir)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Iterator[None]:
    """Start the server just before pytest-django makes its test database."""
    if _cluster is not None and fixturedef.argname == "django_db_modify_db_settings":
        _cluster.start()
    return (yield)


def pytest_unconfigure() -> None:
    """End of the run: nothing stays behind."""
    if _cluster is not None:
        _cluster.close()
