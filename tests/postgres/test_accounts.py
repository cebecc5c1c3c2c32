"""As root, as an ordinary user, and one after the other on the same data."""

import os
import shutil
from pathlib import Path

import psutil
import pytest

from regulars.postgres import binaries
from regulars.postgres import facade as postgres
from regulars.postgres.account import find_account
from tests.postgres.conftest import needs_root
from tests.postgres.processes import (
    FAST,
    ask,
    connect,
    find_ordinary_user,
    list_postgres,
    postmaster_pid,
    readable_binaries,
    run_as,
)

pytestmark = pytest.mark.slow  # each starts, stops or kills real servers, some make a cluster first


@needs_root
def test_root_runs_it_as_a_service_user_below_a_directory_that_user_cannot_enter(fresh_dir: Path) -> None:
    service = find_account(fresh_dir / "postgres/cluster")
    assert service.uid != 0
    assert run_as(service, lambda: os.access(fresh_dir.parent, os.X_OK)) is False
    with postgres.attach(fresh_dir, options=FAST):
        assert psutil.Process(postmaster_pid(fresh_dir)).uids().effective == service.uid
        assert ask(fresh_dir, "SELECT 1") == 1
    assert fresh_dir.parent.stat().st_mode & 0o777 == 0o700  # nothing was opened up to make this work


@needs_root
def test_a_strict_umask_does_not_shut_the_service_user_out(fresh_dir: Path) -> None:
    before = os.umask(0o077)
    try:
        with postgres.attach(fresh_dir, options=FAST):
            assert ask(fresh_dir, "SELECT 1") == 1
    finally:
        os.umask(before)


@needs_root
def test_the_service_user_can_be_named(fresh_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = find_ordinary_user(but_not=find_account(fresh_dir / "none").uid)
    monkeypatch.setenv("REGULARS_PG_USER", chosen.name)
    with postgres.attach(fresh_dir, options=FAST):
        assert psutil.Process(postmaster_pid(fresh_dir)).uids().effective == chosen.uid
    monkeypatch.delenv("REGULARS_PG_USER")
    with postgres.attach(fresh_dir, options=FAST):  # the owner of the data stays the owner
        assert psutil.Process(postmaster_pid(fresh_dir)).uids().effective == chosen.uid


@needs_root
def test_an_ordinary_user_runs_it_as_themselves(open_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user = find_ordinary_user()
    monkeypatch.setenv("REGULARS_PG_BIN", readable_binaries(user, open_dir / "bin"))
    data_dir = open_dir / "data"

    def work() -> list[int]:
        with postgres.attach(data_dir, options=FAST):
            return [ask(data_dir, "SELECT 37"), psutil.Process(postmaster_pid(data_dir)).uids().effective]

    assert run_as(user, work) == [37, user.uid]
    assert (data_dir / "postgres").stat().st_mode & 0o777 == 0o700
    assert list_postgres(data_dir) == []


@needs_root
def test_root_and_the_owner_take_turns_on_the_same_data(
    open_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = find_ordinary_user()
    monkeypatch.setenv("REGULARS_PG_BIN", readable_binaries(user, open_dir / "bin"))
    data_dir = open_dir / "data"

    def count() -> int:
        with postgres.attach(data_dir, options=FAST), connect(data_dir) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS turns (n int)")
            connection.execute("INSERT INTO turns VALUES (1)")
            return int(ask(data_dir, "SELECT count(*) FROM turns"))

    assert run_as(user, count) == 1
    assert count() == 2
    for lock in (data_dir / "postgres").glob("*.lock"):
        lock.unlink()  # even where root was the first to make them
    assert count() == 3
    assert run_as(user, count) == 4


@needs_root
def test_root_attaches_to_a_server_that_an_ordinary_user_started(
    open_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = find_ordinary_user()
    monkeypatch.setenv("REGULARS_PG_BIN", readable_binaries(user, open_dir / "bin"))
    data_dir = open_dir / "data"

    def start_and_die() -> int:
        attachment = postgres.attach(data_dir, options=FAST)
        assert attachment.has_started
        return postmaster_pid(data_dir)  # the child exits without letting go, as after kill -9

    server = run_as(user, start_and_die)
    with postgres.attach(data_dir):
        assert postmaster_pid(data_dir) == server
    assert list_postgres(data_dir) == []


@needs_root
def test_programs_the_service_user_cannot_reach_are_copied_once(
    data_dir: Path, open_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = binaries._wheel_root()
    assert wheel is not None
    closed = data_dir.parent / "site-packages"
    for tree in binaries.WHEEL_TREES:
        if (wheel / tree).is_dir():
            shutil.copytree(wheel / tree, closed / tree, symlinks=True)
    for path in closed.rglob("*"):
        path.chmod(0o700)  # as a root with umask 077 installs them
    monkeypatch.setattr(binaries, "_wheel_root", lambda: closed)
    monkeypatch.setattr(binaries, "CACHE", open_dir / "cache")
    with postgres.attach(data_dir, options=FAST):
        running = Path(psutil.Process(postmaster_pid(data_dir)).exe())
        assert ask(data_dir, "SELECT 1") == 1
    assert running.is_relative_to(open_dir / "cache")
    assert [copy.stat().st_mode & 0o022 for copy in open_dir.rglob("*") if not copy.is_symlink()].count(
        0
    ) > 10
    made = sorted((open_dir / "cache").iterdir())
    with postgres.attach(data_dir, options=FAST):
        assert ask(data_dir, "SELECT 1") == 1
    assert sorted((open_dir / "cache").iterdir()) == made


@needs_root
def test_a_cache_that_others_can_change_is_not_trusted(
    data_dir: Path, open_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = binaries._wheel_root()
    assert wheel is not None
    (open_dir / "cache").mkdir()
    (open_dir / "cache").chmod(0o777)
    monkeypatch.setattr(binaries, "CACHE", open_dir / "cache")
    with pytest.raises(PermissionError):
        binaries._copy(wheel, open_dir / "cache")
    assert list((open_dir / "cache").iterdir()) == []
