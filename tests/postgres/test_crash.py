"""kill -9 at any moment leaves nothing to clean up by hand."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from regulars.postgres import facade as postgres
from regulars.postgres.account import find_account
from tests.postgres.processes import (
    FAST,
    Holder,
    ask,
    connect,
    kill_postgres,
    list_postgres,
    postmaster_pid,
    sleeping_process,
    wait_until,
)

pytestmark = pytest.mark.slow  # each starts, stops or kills real servers, some make a cluster first


def write_rows(data_dir: Path, count: int) -> None:
    with connect(data_dir) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
        connection.execute("INSERT INTO kept SELECT generate_series(1, %s)", [count])


def test_after_kill_9_of_everything_the_next_start_recovers(data_dir: Path) -> None:
    holder = Holder(data_dir)
    holder.wait_attached()
    write_rows(data_dir, 1000)
    holder.kill()
    kill_postgres(data_dir)
    assert not postgres.is_running(data_dir)
    assert (data_dir / "postgres/cluster/postmaster.pid").exists()
    with postgres.attach(data_dir, options=FAST) as attachment:
        assert attachment.has_started
        assert ask(data_dir, "SELECT count(*) FROM kept") == 1000
    assert list_postgres(data_dir) == []


def test_a_server_that_outlived_its_holder_is_taken_over_and_stopped(data_dir: Path) -> None:
    holder = Holder(data_dir)
    holder.wait_attached()
    server = postmaster_pid(data_dir)
    holder.kill()
    assert postgres.is_running(data_dir)
    with postgres.attach(data_dir) as attachment:
        assert not attachment.has_started
        assert postmaster_pid(data_dir) == server
    assert list_postgres(data_dir) == []


def test_a_server_killed_under_its_holder_is_started_by_the_next(data_dir: Path) -> None:
    with postgres.attach(data_dir, options=FAST):
        kill_postgres(data_dir)
        with postgres.attach(data_dir, options=FAST) as second:
            assert second.has_started
            assert ask(data_dir, "SELECT 1") == 1
        assert postgres.is_running(data_dir)  # the first is still attached
    assert list_postgres(data_dir) == []


def test_whoever_watches_starts_it_again(data_dir: Path) -> None:
    with postgres.attach(data_dir, options=FAST) as attachment:
        assert attachment.keep_running() is False
        kill_postgres(data_dir)
        assert attachment.keep_running() is True
        assert ask(data_dir, "SELECT 1") == 1
    assert list_postgres(data_dir) == []


def test_only_the_postmaster_killed(data_dir: Path) -> None:
    """Its children may live a moment longer; a second server must wait for them, and then start."""
    with postgres.attach(data_dir, options=FAST):
        write_rows(data_dir, 10)
        subprocess.run(["kill", "-9", str(postmaster_pid(data_dir))], check=True)
        with postgres.attach(data_dir, options=FAST):
            assert ask(data_dir, "SELECT count(*) FROM kept") == 10


def test_the_number_of_a_dead_server_may_belong_to_anyone_now(data_dir: Path) -> None:
    with postgres.attach(data_dir, options=FAST):
        stale = (data_dir / "postgres/cluster/postmaster.pid").read_text()
        kill_postgres(data_dir)
    account = find_account(data_dir / "postgres/cluster")
    with sleeping_process(account) as other:
        lines = stale.split("\n")
        (data_dir / "postgres/cluster/postmaster.pid").write_text("\n".join([str(other.pid), *lines[1:]]))
        with postgres.attach(data_dir, options=FAST):
            assert ask(data_dir, "SELECT 1") == 1
        assert other.poll() is None  # it was not ours to kill


@pytest.mark.parametrize("text", ["", "what\never\n", "\x00\x01"])
def test_a_broken_pid_file_is_no_obstacle(data_dir: Path, text: str) -> None:
    postgres.attach(data_dir, options=FAST).close()
    (data_dir / "postgres/cluster/postmaster.pid").write_text(text)
    with postgres.attach(data_dir, options=FAST):
        assert ask(data_dir, "SELECT 1") == 1


def test_killed_while_it_makes_the_cluster(fresh_dir: Path) -> None:
    holder = Holder(fresh_dir)
    wait_until((fresh_dir / "postgres/cluster.new/base").exists)
    holder.kill()
    assert not (fresh_dir / "postgres/cluster").exists()
    with postgres.attach(fresh_dir, options=FAST):
        assert ask(fresh_dir, "SELECT 1") == 1
    assert not (fresh_dir / "postgres/cluster.new").exists()


def test_killed_while_others_wait_for_the_start(fresh_dir: Path) -> None:
    first, second = Holder(fresh_dir), Holder(fresh_dir)
    wait_until((fresh_dir / "postgres/start.lock").exists)
    first.kill()
    second.wait_attached()
    assert ask(fresh_dir, "SELECT 1") == 1
    assert second.end() == 0
    assert list_postgres(fresh_dir) == []


def test_ctrl_c_during_the_start_leaves_no_server_behind(fresh_dir: Path) -> None:
    holder = Holder(fresh_dir)
    wait_until((fresh_dir / "postgres/start.lock").exists)
    holder.process.send_signal(signal.SIGINT)
    holder.process.communicate(timeout=30)
    assert holder.process.returncode != 0
    assert list_postgres(fresh_dir) == []


def test_a_server_started_by_hand_is_left_alone(data_dir: Path) -> None:
    postgres.attach(data_dir, options=FAST).close()
    cluster = data_dir / "postgres/cluster"
    account = find_account(cluster)
    by_hand = subprocess.Popen(["sleep", "600"], cwd=cluster, **account.popen_arguments())
    try:
        (cluster / "postmaster.pid").write_text(f"{by_hand.pid}\n/somewhere\n")
        if sys.platform == "linux":
            with pytest.raises(postgres.PostgresUnavailable, match=f"Process {by_hand.pid}"):
                postgres.attach(data_dir)
            assert (cluster / "postmaster.pid").read_text().startswith(str(by_hand.pid))
    finally:
        by_hand.kill()
        by_hand.wait()
