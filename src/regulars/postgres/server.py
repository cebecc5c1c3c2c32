"""The running server: is it alive, start it, stop it.

The server inherits a locked descriptor of `server.lock`, and so does every process it forks. Whoever can take
that lock knows that no PostgreSQL process of this cluster lives, whatever postmaster.pid says and whoever
has its process number now.
"""

import contextlib
import os
import shlex
import socket
import struct
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from regulars.postgres import locks
from regulars.postgres.account import Account
from regulars.postgres.binaries import Binaries, find_binaries
from regulars.postgres.cluster import make_cluster, require_version, write_settings
from regulars.postgres.errors import PostgresUnavailable
from regulars.postgres.layout import NO_SPACE, Layout, disk_full
from regulars.postgres.programs import address, last_complaint, run

START_SECONDS = 600
"""Recovery after a crash replays at most max_wal_size; even a slow disk is done by then."""
STOP_SECONDS = 60
LOG_BYTES_MAX = 10_000_000
ASK_FOR_TLS = struct.pack("!ii", 8, 80877103)
"""The shortest question of the protocol: SSLRequest, answered with one byte before anyone signs in."""


def ensure_running(layout: Layout, account: Account, options: Mapping[str, str]) -> bool:
    """Start the server (True), or see that it runs (False). The caller holds the start lock.

    Raises PostgresUnavailable.
    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with _server_lock(layout, account) as lock:
            if locks.try_exclusive(lock):
                _start(layout, account, options, lock)
                return True
        # Someone started it already. It may still be recovering, or on its way out after losing its parent.
        if is_ready(layout):
            return False
        time.sleep(0.05)
    raise PostgresUnavailable(f"PostgreSQL did not become ready; see {layout.log}.")


def stop(layout: Layout, account: Account) -> None:
    """Stop the server if it runs. The caller holds the start lock. Raises PostgresUnavailable."""
    with _server_lock(layout, account) as lock:
        if locks.try_exclusive(lock):
            _tidy(layout)
            return
        binaries = find_binaries(account, private_copies=layout.home / "binaries")
        for mode in ("fast", "immediate"):
            _pg_ctl(layout, binaries, account, lock, "stop", f"--mode={mode}", f"--timeout={STOP_SECONDS}")
            if _becomes_free(lock):
                _tidy(layout)
                return
    raise PostgresUnavailable(f"PostgreSQL did not stop; see {layout.log}.")


def is_alive(layout: Layout, account: Account) -> bool:
    """True where any PostgreSQL process of this cluster lives, ready or not."""
    with _server_lock(layout, account) as lock:
        return not locks.try_exclusive(lock)


def is_ready(layout: Layout) -> bool:
    """True where the server takes connections: it answers, and says that it is ready."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(5)
        try:
            probe.connect(str(layout.socket))
            # Connecting proves little: a killed server's socket may linger. An answer needs a living one.
            probe.sendall(ASK_FOR_TLS)
            if probe.recv(1) not in {b"N", b"S"}:
                return False
            status = (layout.cluster / "postmaster.pid").read_text().splitlines()[7]
        except (OSError, IndexError):
            return False
    return status.strip() == "ready"


def _start(layout: Layout, account: Account, options: Mapping[str, str], lock: int) -> None:
    binaries = find_binaries(account, private_copies=layout.home / "binaries")
    if not layout.cluster.exists():
        make_cluster(layout, binaries, account, lock=lock, is_durable=options.get("fsync") != "off")
    require_version(layout, binaries)
    write_settings(layout, account)
    _clear_lock_files(layout)
    said_before = _log_size(layout)
    settings = {"unix_socket_directories": _socket_directory(layout)} | dict(options)
    arguments = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())
    waiting = ("--wait", f"--timeout={START_SECONDS}")
    if _pg_ctl(layout, binaries, account, lock, "start", *waiting, f"--options={arguments}") != 0:
        raise PostgresUnavailable(_why_not(layout, said_before))


def _clear_lock_files(layout: Layout) -> None:
    """Remove what a killed server left: PostgreSQL refuses to start if its old number belongs to anyone.

    We hold the lock, so the server that we started is dead. One that someone started by hand is not ours.
    """
    pid_file = layout.cluster / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError):
        number = pid_file.read_bytes().split(b"\n", 1)[0].decode(errors="replace").strip()
        if number.isdecimal() and _works_in(number, layout.cluster):
            raise PostgresUnavailable(
                f"Process {number}, not started by Regulars, runs PostgreSQL on {layout.cluster}: stop it."
            )
    for left in (pid_file, layout.socket, layout.socket.with_name(f"{layout.socket.name}.lock")):
        left.unlink(missing_ok=True)


def _works_in(number: str, directory: Path) -> bool:
    try:
        return Path(f"/proc/{number}/cwd").samefile(directory)
    except OSError:  # no such process, or a system without /proc
        return False


def _pg_ctl(layout: Layout, binaries: Binaries, account: Account, lock: int, *arguments: str) -> int:
    # The server writes to our descriptor of the log: the service user needs no right to open it.
    with _open_log(layout) as log:
        where = address(layout.cluster, account)
        command = [binaries.program("pg_ctl"), *arguments, f"--pgdata={where}"]
        return run(account, command, cwd=layout.cluster, lock=lock, output=log).returncode


def _socket_directory(layout: Layout) -> str:
    # Relative to the cluster: no length limit and no quoting, whatever the data directory is called.
    return "../socket" if layout.socket_dir == layout.near_socket else str(layout.socket_dir)


@contextlib.contextmanager
def _server_lock(layout: Layout, account: Account) -> Iterator[int]:
    lock = locks.open_lock(layout.home / "server.lock", account)
    try:
        yield lock
    finally:
        os.close(lock)


def _tidy(layout: Layout) -> None:
    if layout.socket_dir != layout.near_socket:
        with contextlib.suppress(OSError):
            layout.socket_dir.rmdir()  # nothing of a stopped server stays in /tmp


def _becomes_free(lock: int) -> bool:
    deadline = time.monotonic() + 10
    while not locks.try_exclusive(lock):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _open_log(layout: Layout) -> IO[bytes]:
    if _log_size(layout) > LOG_BYTES_MAX:
        layout.log.rename(layout.log.with_suffix(".log.1"))
    descriptor = os.open(
        layout.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
    )
    return os.fdopen(descriptor, "ab")


def _log_size(layout: Layout) -> int:
    try:
        return layout.log.stat().st_size
    except FileNotFoundError:
        return 0


def _why_not(layout: Layout, said_before: int) -> str:
    with contextlib.suppress(FileNotFoundError), layout.log.open("rb") as log:
        log.seek(said_before)
        said = log.read().decode(errors="replace")
        if NO_SPACE in said:
            return disk_full(layout)
        return f"PostgreSQL does not start ({last_complaint(said)}); the whole story is in {layout.log}."
    return "PostgreSQL does not start, and left no log."
