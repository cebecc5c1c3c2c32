"""An installation to be hurt: a data directory on a small disk of its own, and `regulars up` on it."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg

from regulars.postgres import facade as postgres
from tests.cli.terminal import COMMAND, UP_SECONDS, Up, environment, free_port, wait_until
from tests.faults.clocks import Clock
from tests.postgres.processes import connect, kill_all, list_postgres

API_RATE = "1000000"
"""Sixteen clients share a key here; that the rate is limited is tested elsewhere."""


class Running(Up):
    """`regulars up`, started from a process with many threads; `environment` is the whole of its own."""

    def __init__(self, data_dir: Path, log: Path, environment: dict[str, str]) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.log = log
        with log.open("w") as output:
            # Who ignores SIGINT hands that down: the harness itself heeds it, so that this one does.
            self.process = subprocess.Popen(
                [*COMMAND, "up", "--port", str(self.port)],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


class World:
    """The installation, its disk, its clock, and what starts and stops it."""

    def __init__(self, parent: Path, disk_mb: int) -> None:
        self.parent = parent
        self.data_dir = parent / "data"
        self.data_dir.mkdir()
        self.data_dir.chmod(0o755)
        self.no_small_disk = _mount_small_disk(self.data_dir, disk_mb)
        """Why the disk cannot be filled; empty where it can."""
        self.clock = Clock(parent / "clock")
        self.up: Running | None = None
        self.given_up: list[str] = []
        """The last words of each `regulars up` that ended by itself and was started again by us."""
        self._starts = 0
        self._guard = threading.Lock()

    @property
    def environment(self) -> dict[str, str]:
        """Of every process of the installation."""
        return environment(self.data_dir, REGULARS_API_RATE=API_RATE, **self.clock.environment())

    @property
    def port(self) -> int:
        """Where the web server of the moment listens."""
        return self.up.port if self.up else 0

    def start(self) -> None:
        """Start `regulars up` and wait until it answers; where it ends before that, start it again."""
        deadline = time.monotonic() + 2 * UP_SECONDS
        while True:
            self._starts += 1
            self.up = Running(self.data_dir, self.parent / f"up-{self._starts}.log", self.environment)
            with contextlib.suppress(AssertionError):
                wait_until(self.up.is_announced)
                return
            self.end()
            self.given_up.append(self._last_words())
            if time.monotonic() > deadline:
                raise RuntimeError(f"regulars up does not start: {self.up.log.read_text()}")
            time.sleep(0.5)

    def ensure_up(self) -> None:
        """Start it again where it gave up, as an init system would."""
        if self.up is None or self.up.process.poll() is not None:
            self.given_up.append(self._last_words())
            self.start()

    def _last_words(self) -> str:
        said = self.up.log.read_text().strip().splitlines() if self.up else []
        return said[-1] if said else "(nothing)"

    def end(self) -> None:
        """Ask it to stop, as Ctrl-C does, and wait for the last of its processes."""
        if self.up is not None:
            try:
                self.up.end(signal.SIGINT)
            except subprocess.TimeoutExpired:
                self.kill_everything()

    def kill_everything(self) -> None:
        """As if the machine's power failed, but for the disk's own memory."""
        assert self.up is not None
        victims = list_postgres(self.data_dir)
        with contextlib.suppress(psutil.Error):
            victims += self.up.parts().values()
        kill_all(victims)
        self.up.process.wait(60)
        psutil.wait_procs(victims, timeout=60)

    def part(self, name: str) -> psutil.Process | None:
        """A process of `regulars up`: "web process" or "worker"."""
        with contextlib.suppress(psutil.Error):
            return self.up.parts().get(name) if self.up else None
        return None

    def is_database_ready(self) -> bool:
        try:
            with self.database() as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    @contextlib.contextmanager
    def database(self, user: str = postgres.ROLE) -> Iterator[psycopg.Connection[Any]]:
        with connect(self.data_dir, user=user) as connection:
            yield connection

    def close(self) -> None:
        """Stop everything and leave nothing behind."""
        self.end()
        if postgres.is_running(self.data_dir):
            postgres.attach(self.data_dir).close()
        if not self.no_small_disk:
            subprocess.run(["umount", "--lazy", str(self.data_dir)], check=False)


@contextlib.contextmanager
def made(disk_mb: int) -> Iterator[World]:
    """A world, and its end. The directory is deleted; on a fault whoever judges copies what they need."""
    parent = Path(tempfile.mkdtemp(prefix="faults-"))
    world = World(parent, disk_mb)
    try:
        yield world
    finally:
        world.close()
        shutil.rmtree(parent, ignore_errors=True)


def _mount_small_disk(directory: Path, megabytes: int) -> str:
    if sys.platform != "linux":
        return "a small disk is made by mounting tmpfs, which is Linux's"
    if os.geteuid() != 0:
        return "only root can mount a small disk (tmpfs)"
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", str(directory)],
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else f"no tmpfs can be mounted here ({done.stderr.strip()})"
