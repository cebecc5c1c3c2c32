"""What these tests need of the operating system: other processes, other users, who is alive."""

import contextlib
import json
import os
import pwd
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg

from regulars.postgres import facade as postgres
from regulars.postgres.account import Account
from regulars.postgres.binaries import find_binaries

FAST = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "16MB"}

# A run in the background may ignore Ctrl-C, and what it starts would with it.
HOLDER = """
import signal
import sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)
from regulars.postgres.facade import attach
with attach(Path(sys.argv[1]), options={"fsync": "off", "shared_buffers": "16MB"}):
    print("attached", flush=True)
    sys.stdin.read()
"""


class Holder:
    """Another process that stays attached until it is told to end, or killed."""

    def __init__(self, data_dir: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(data_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def wait_attached(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "attached\n"

    def end(self) -> int:
        self.process.communicate(timeout=30)
        return self.process.returncode

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def connect(data_dir: Path, *, user: str = postgres.ROLE) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=str(postgres.socket_dir(data_dir)),
        port=postgres.PORT,
        user=user,
        dbname=postgres.DATABASE,
        autocommit=True,
    )


def ask(data_dir: Path, query: str, *, user: str = postgres.ROLE) -> Any:
    """The only value of the only row."""
    with connect(data_dir, user=user) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def postmaster_pid(data_dir: Path) -> int:
    return int((data_dir / "postgres/cluster/postmaster.pid").read_text().split("\n", 1)[0])


def list_postgres(data_dir: Path) -> list[psutil.Process]:
    """All PostgreSQL processes of this data directory: those whose working directory is the cluster."""
    cluster = (data_dir / "postgres/cluster").resolve()
    found = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()) == cluster:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def kill_all(processes: Iterable[psutil.Process]) -> None:
    """With -9. Some go by themselves with those they hang on."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def kill_postgres(data_dir: Path) -> None:
    """kill -9 for every one of them."""
    processes = list_postgres(data_dir)
    assert processes
    kill_all(processes)
    deadline = time.monotonic() + 10
    while list_postgres(data_dir) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not list_postgres(data_dir)


def run_as(account: Account, work: Callable[[], Any]) -> Any:
    """Do the work in a forked child that has become the account, and return its JSON-ready answer."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            os.setgroups([])
            os.setgid(account.gid)
            os.setuid(account.uid)
            answer = json.dumps({"answer": work()})
        except BaseException:
            answer = json.dumps({"error": traceback.format_exc()})
        with os.fdopen(writer, "w") as stream:
            stream.write(answer)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        answer = json.loads(stream.read())
    os.waitpid(child, 0)
    assert "error" not in answer, answer["error"]
    return answer["answer"]


def find_ordinary_user(*, but_not: int = 0) -> Account:
    """Some user of this machine who is not root and not the one excluded."""
    for entry in pwd.getpwall():
        if entry.pw_uid not in {0, but_not}:
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, is_switched=True)
    raise AssertionError("this machine has no ordinary user")


def readable_binaries(account: Account, place: Path) -> str:
    """A directory of programs that the account can run, for REGULARS_PG_BIN."""
    return str(find_binaries(account, private_copies=place).directory)


def wait_until(condition: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@contextlib.contextmanager
def sleeping_process(account: Account) -> Iterator[subprocess.Popen[bytes]]:
    """A living process of the account that has nothing to do with us."""
    process = subprocess.Popen(["sleep", "600"], cwd="/", **account.popen_arguments())
    try:
        yield process
    finally:
        process.kill()
        process.wait()
