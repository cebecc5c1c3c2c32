"""One server for all who are attached, from the first to the last."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from regulars.postgres import facade as postgres
from tests.postgres.processes import (
    FAST,
    Holder,
    ask,
    connect,
    kill_all,
    list_postgres,
    postmaster_pid,
    wait_until,
)

pytestmark = pytest.mark.slow  # each starts, stops or kills real servers, some make a cluster first


def test_a_fresh_directory_gets_a_utf8_database_owned_by_a_plain_role(fresh_dir: Path) -> None:
    with postgres.attach(fresh_dir, options=FAST) as attachment:
        assert attachment.has_started
        assert ask(fresh_dir, "SELECT current_setting('server_version_num')::int / 10000") == 18
        found = ask(
            fresh_dir,
            "SELECT (pg_encoding_to_char(encoding), datlocprovider, datlocale, datdba::regrole)::text "
            "FROM pg_database WHERE datname = current_database()",
        )
        assert found == "(UTF8,b,C.UTF-8,regulars)"
        assert ask(fresh_dir, "SELECT lower('ЖÄ')") == "жä"
        powers = (
            "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication FROM pg_roles WHERE rolname = "
        )
        assert ask(fresh_dir, f"{powers} 'regulars'") is False
        assert ask(fresh_dir, "SELECT current_user::text") == "regulars"


def test_only_the_socket_listens_and_only_the_owner_enters(data_dir: Path) -> None:
    with postgres.attach(data_dir, options=FAST) as attachment:
        assert ask(data_dir, "SELECT current_setting('listen_addresses')") == ""
        server = psutil.Process(postmaster_pid(data_dir))
        assert [c for c in server.net_connections() if c.status == psutil.CONN_LISTEN] == []
        assert stat.S_IMODE(attachment.socket_dir.stat().st_mode) == 0o700
        assert stat.S_IMODE((data_dir / "postgres/cluster").stat().st_mode) == 0o700


def test_our_settings_hold_and_an_operators_own_win(data_dir: Path) -> None:
    with postgres.attach(data_dir):
        assert ask(data_dir, "SELECT current_setting('jit')") == "off"
        assert ask(data_dir, "SELECT current_setting('fsync')") == "on"
    with (data_dir / "postgres/cluster/postgresql.conf").open("a") as file:
        file.write("work_mem = 7MB\n")
    with postgres.attach(data_dir, options=FAST):
        assert ask(data_dir, "SELECT current_setting('work_mem')") == "7MB"
        assert ask(data_dir, "SELECT current_setting('fsync')") == "off"


def test_it_stops_with_the_last_one_and_keeps_the_data(data_dir: Path) -> None:
    first = postgres.attach(data_dir, options=FAST)
    second = postgres.attach(data_dir)
    assert not second.has_started
    first.close()
    first.close()  # closing twice counts once
    assert postgres.is_running(data_dir)
    second.close()
    assert not postgres.is_running(data_dir)
    assert list_postgres(data_dir) == []


def test_what_was_written_is_there_after_a_restart(data_dir: Path) -> None:
    with postgres.attach(data_dir, options=FAST), connect(data_dir) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept VALUES (37)")
    with postgres.attach(data_dir, options=FAST):
        assert ask(data_dir, "SELECT n FROM kept") == 37


def test_processes_share_it_and_the_last_stops_it(data_dir: Path) -> None:
    holder = Holder(data_dir)
    holder.wait_attached()
    with postgres.attach(data_dir) as attachment:
        assert not attachment.has_started
        assert holder.end() == 0
        assert ask(data_dir, "SELECT 1") == 1
    assert not postgres.is_running(data_dir)


def test_processes_that_start_at_once_agree_on_one_server(fresh_dir: Path) -> None:
    holders = [Holder(fresh_dir) for _ in range(4)]
    for holder in holders:
        holder.wait_attached()
    servers = [p for p in list_postgres(fresh_dir) if p.pid == postmaster_pid(fresh_dir)]
    assert len(servers) == 1
    assert ask(fresh_dir, "SELECT 1") == 1
    assert [holder.end() for holder in holders] == [0, 0, 0, 0]
    assert list_postgres(fresh_dir) == []


@pytest.mark.parametrize("name", ["with a space", 'it\'s, "quoted" $HOME `id`', "données-данные", "-D"])
def test_any_name_of_a_directory_will_do(data_dir: Path, name: str) -> None:
    data_dir = data_dir.rename(data_dir.with_name(name))
    with postgres.attach(data_dir, options=FAST):
        assert ask(data_dir, "SELECT 1") == 1
    assert not postgres.is_running(data_dir)


def test_a_directory_too_long_for_a_socket_works(data_dir: Path) -> None:
    long = data_dir.rename(data_dir.with_name("d" * 120))
    with postgres.attach(long, options=FAST) as attachment:
        assert not attachment.socket_dir.is_relative_to(long)
        assert stat.S_IMODE(attachment.socket_dir.stat().st_mode) == 0o700
        assert ask(long, "SELECT 1") == 1
    assert not attachment.socket_dir.exists()
    with postgres.attach(long, options=FAST):
        assert ask(long, "SELECT 1") == 1


def test_ctrl_c_in_our_terminal_does_not_reach_the_server(data_dir: Path) -> None:
    with postgres.attach(data_dir, options=FAST):
        server = postmaster_pid(data_dir)
        assert os.getsid(server) != os.getsid(0)
        assert os.getpgid(server) != os.getpgid(0)


def test_a_program_we_start_holds_nothing(data_dir: Path) -> None:
    attachment = postgres.attach(data_dir, options=FAST)
    other = subprocess.Popen(["sleep", "600"], close_fds=False)
    try:
        attachment.close()
        assert not postgres.is_running(data_dir)
    finally:
        other.kill()
        other.wait()


def test_a_forked_child_holds_nothing_and_lets_go_of_nothing(data_dir: Path) -> None:
    attachment = postgres.attach(data_dir, options=FAST)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(writer)
        attachment.close()  # a child that closes what it inherited does not take it from us
        os.read(reader, 1)
        os._exit(0)
    os.close(reader)
    try:
        assert postgres.is_running(data_dir)
        attachment.close()
        assert not postgres.is_running(data_dir)
    finally:
        os.close(writer)
        os.waitpid(child, 0)


def test_closing_after_the_directory_was_deleted_is_no_error(data_dir: Path) -> None:
    attachment = postgres.attach(data_dir, options=FAST)
    processes = list_postgres(data_dir)
    shutil.rmtree(data_dir)
    attachment.close()
    kill_all(processes)
    wait_until(lambda: not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes))


def test_the_door_does_not_load_django_or_a_driver() -> None:
    code = (
        "import sys, regulars.postgres.facade; print([m for m in ('django', 'psycopg') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
