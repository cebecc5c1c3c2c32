"""Keeping the parts of `regulars up` alive: started again when they die, stopped together, never orphaned."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from types import FrameType

import click

from regulars.cli.lifeline import PARENT
from regulars.kit.errors import Unavailable

POLL_SECONDS = 0.2
STOP_SECONDS = 30
STEADY_SECONDS = 60
"""A part that lived this long has recovered from whatever was wrong before."""
RESTARTS_MAX = 5
BACKOFF_SECONDS_MAX = 10
RETRY_SECONDS = 5


class PartFails(Unavailable):
    """A part dies again and again."""

    code = "part_fails"


class Part:
    """One subcommand of `regulars` in a process of its own."""

    def __init__(self, name: str, arguments: Sequence[str]) -> None:
        self.name = name
        self._arguments = [sys.executable, "-m", "regulars.cli", *arguments]
        self._process: subprocess.Popen[bytes] | None = None
        self._failures = 0
        self._started_at = 0.0
        self._restart_at = 0.0

    def start(self) -> None:
        """Start it in a session of its own: Ctrl-C reaches the parent alone, which then stops it in order."""
        self._started_at = time.monotonic()
        self._process = subprocess.Popen(
            self._arguments,
            stdin=subprocess.DEVNULL,
            env=os.environ | {PARENT: str(os.getpid())},
            start_new_session=True,
        )

    def check(self) -> None:
        """Start it again if it died, a little later each time. Raises PartFails after too many."""
        now = time.monotonic()
        if self._process is None:
            if now >= self._restart_at:
                self.start()
            return
        code = self._process.poll()
        if code is None:
            return
        self._process = None
        self._failures = 1 if now - self._started_at > STEADY_SECONDS else self._failures + 1
        if self._failures > RESTARTS_MAX:
            raise PartFails(
                f"The {self.name} ended {self._failures} times in a row (exit code {code}); see above."
            )
        wait = min(2 ** (self._failures - 1), BACKOFF_SECONDS_MAX)
        self._restart_at = now + wait
        click.echo(f"The {self.name} ended (exit code {code}); starting it again in {wait} s.", err=True)

    def ask_to_stop(self) -> None:
        """Say so; it may have something to finish."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait(self, deadline: float) -> None:
        """Wait for its end, and make an end at the deadline."""
        if self._process is None:
            return
        try:
            self._process.wait(max(deadline - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


def supervise(
    parts: Sequence[Part],
    *,
    keep_running: Callable[[], bool],
    is_ready: Callable[[], bool],
    on_ready: Callable[[], None],
) -> None:
    """Run the parts until Ctrl-C, SIGTERM or SIGHUP, then stop them all.

    `keep_running` is called all the time, for what all parts need; while it says that this is not to be had,
    no part is started again. `on_ready` is called once, when `is_ready` first says so. Raises PartFails.
    """
    announced = False
    with _stop_signals() as is_asked_to_stop:
        try:
            for part in parts:
                part.start()
            while not is_asked_to_stop():
                if keep_running():
                    for part in parts:
                        part.check()
                if not announced and is_ready():
                    announced = True
                    on_ready()
                time.sleep(POLL_SECONDS)
        finally:
            _stop(parts)


def _stop(parts: Sequence[Part]) -> None:
    for part in parts:
        part.ask_to_stop()
    deadline = time.monotonic() + STOP_SECONDS
    for part in parts:
        part.wait(deadline)


def persevere(start: Callable[[], object]) -> Callable[[], bool]:
    """Call `start` when called; where that is refused, say why, and try again every few seconds.

    A full disk may be freed: whoever supervises goes on. The answer is False where it was refused.
    """
    retry_at = 0.0
    told = ""

    def keep_running() -> bool:
        nonlocal retry_at, told
        if time.monotonic() < retry_at:
            return False
        try:
            start()
        except Unavailable as refusal:
            if refusal.detail != told:
                click.echo(f"{refusal.detail} Trying again every {RETRY_SECONDS} s.", err=True)
            told = refusal.detail
            retry_at = time.monotonic() + RETRY_SECONDS
            return False
        retry_at, told = 0.0, ""
        return True

    return keep_running


@contextlib.contextmanager
def _stop_signals() -> Iterator[Callable[[], bool]]:
    """Note the signals that ask us to stop, instead of being torn out of the middle of something."""
    asked: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  (the signature of a handler)
        asked.append(number)

    numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        if before[number] is not signal.SIG_IGN:
            signal.signal(number, note)
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
