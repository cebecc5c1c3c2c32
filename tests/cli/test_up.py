"""`regulars up`, run and ended in every way."""

import signal
import socket
from pathlib import Path

import pytest

from regulars.postgres import facade as postgres
from tests.cli.terminal import Up, all_gone, is_one_sentence, regulars, wait_until
from tests.postgres.processes import kill_all, list_postgres

pytestmark = pytest.mark.slow  # each starts a whole installation: database, web server, worker


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_and_ends_with_everything_it_started(data_dir: Path, number: int) -> None:
    with Up(data_dir) as up:
        assert up.answers()
        parts = up.parts()
        assert set(parts) == {"up", "web", "web process", "worker"}
        done = regulars(data_dir, "doctor")
        assert "good  worker      A worker is at work" in done.stdout
        assert up.end(number) == 0
    assert all_gone(parts)
    assert not postgres.is_running(data_dir)
    assert list_postgres(data_dir) == []
    assert "Traceback" not in up.log.read_text()


def test_it_works_on_a_fresh_directory(fresh_dir: Path) -> None:
    with Up(fresh_dir) as up:
        assert up.answers()
    assert list_postgres(fresh_dir) == []


def test_after_kill_9_of_the_lot_it_starts_again(data_dir: Path) -> None:
    with Up(data_dir) as up:
        parts = up.parts()
        kill_all([*parts.values(), *list_postgres(data_dir)])
        up.process.wait()
        wait_until(lambda: all_gone(parts))
    assert not postgres.is_running(data_dir)
    with Up(data_dir) as again:
        assert again.answers()
    assert list_postgres(data_dir) == []


def test_parts_do_not_outlive_a_parent_that_was_killed(data_dir: Path) -> None:
    with Up(data_dir) as up:
        parts = up.parts()
        up.process.kill()
        wait_until(lambda: all_gone(parts))
    wait_until(lambda: not list_postgres(data_dir))  # the last of them stopped it


@pytest.mark.parametrize("victim", ["web process", "worker"])
def test_a_part_that_dies_is_started_again(data_dir: Path, victim: str) -> None:
    with Up(data_dir) as up:
        before = up.parts()[victim]
        before.kill()
        wait_until(lambda: victim in (now := up.parts()) and now[victim].pid != before.pid)
        wait_until(up.answers)
        assert up.end() == 0
    assert "starting it again" in up.log.read_text()
    assert list_postgres(data_dir) == []


def test_a_database_that_dies_comes_back(data_dir: Path) -> None:
    with Up(data_dir) as up:
        kill_all(list_postgres(data_dir))
        wait_until(lambda: postgres.is_running(data_dir))
        wait_until(up.answers)
        assert up.end() == 0
    assert list_postgres(data_dir) == []


def test_an_address_that_is_taken(data_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = regulars(data_dir, "up", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert is_one_sentence(done.stderr)
    assert "PORT" in done.stderr
    assert not postgres.is_running(data_dir)
