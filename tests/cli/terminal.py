"""Running `regulars` as people do: as a program, with an environment and a data directory."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
import pytest

from tests.once import make_once

COMMAND = [sys.executable, "-m", "regulars.cli"]
UP_SECONDS = 180


def environment(data_dir: Path, **more: str) -> dict[str, str]:
    """Ours, with the embedded database of a data directory of the test's own."""
    taken = {"DATABASE_URL", "HOST", "PORT", "REGULARS_PARENT"}
    inherited = {name: value for name, value in os.environ.items() if name not in taken}
    return inherited | {"REGULARS_DATA": str(data_dir), "COLUMNS": "100"} | more


def regulars(
    data_dir: Path, *arguments: str, stdin: str = "", **more: str
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment(data_dir, **more),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def make_installed(config: pytest.Config) -> Path:
    """A data directory after `regulars migrate`, with nothing running; to be copied."""

    def migrate(place: Path) -> None:
        done = regulars(place / "data", "migrate")
        assert done.returncode == 0, done.stderr

    return make_once(config, "installed", migrate) / "data"


def is_one_sentence(text: str) -> bool:
    """One line, ended by a full stop, and no trace of a traceback."""
    return text.endswith(".\n") and text.count("\n") == 1 and "Traceback" not in text


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], bool], seconds: float = UP_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def _heed_interrupts() -> None:
    """A test run in the background ignores SIGINT, and what it starts would inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Up:
    """`regulars up` on a free port."""

    def __init__(self, data_dir: Path, **more: str) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.log = data_dir.parent / f"up-{self.port}.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*COMMAND, "up", "--port", str(self.port)],
                env=environment(data_dir, **more),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_heed_interrupts,  # noqa: PLW1509  (no thread runs here)
            )

    def __enter__(self) -> Self:
        try:
            wait_until(self.is_announced)
        except AssertionError:
            print(self.log.read_text())
            self.end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.end()

    def is_announced(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        return "Regulars answers at" in self.log.read_text()

    def answers(self) -> bool:
        """Anything but a server error is an answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5):
                return True
        except urllib.error.HTTPError as error:
            return error.code < 500
        except OSError:
            return False

    def parts(self) -> dict[str, psutil.Process]:
        """The processes below it by what they run, the server's worker process among them."""
        found = {"up": psutil.Process(self.process.pid)}
        for process in found["up"].children(recursive=True):
            try:
                line = process.cmdline()
            except psutil.Error:  # it just died
                continue
            for name in ("web", "worker"):
                if line[1:4] == ["-m", "regulars.cli", name]:
                    found[name] = process
            if "--multiprocessing-fork" in line:
                found["web process"] = process
        return found

    def end(self, number: int = signal.SIGINT) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(60)


def all_gone(processes: dict[str, psutil.Process]) -> bool:
    return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes.values())
