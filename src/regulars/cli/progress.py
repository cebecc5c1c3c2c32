"""How far long work is: a bar on a terminal, a plain line now and then elsewhere."""

import contextlib
import sys
import time
from collections.abc import Iterator
from typing import Protocol

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

LINE_SECONDS = 5.0


class Track(Protocol):
    """One piece of long work."""

    def advance(self, count: int = 1) -> None:
        """So many more are done."""

    def reach(self, done: int, total: int | None = None) -> None:
        """So many are done in all; the total may have become known or have changed."""

    def note(self, text: str) -> None:
        """What is being worked on now: beside the bar on a terminal, in the next line elsewhere."""


@contextlib.contextmanager
def track(title: str, *, total: int | None = None, unit: str = "") -> Iterator[Track]:
    """Show progress on standard error while the block runs.

    `title` says what is done ("Importing orders"), `unit` what is counted ("orders"); `total` None means
    that nobody knows yet.
    """
    started = time.monotonic()
    made = _BarTrack(title, total) if sys.stderr.isatty() else _LineTrack(title, total, unit)
    with made as running:
        yield running
    _echo(f"{title}: {_count(made.done, unit)} in {_duration(time.monotonic() - started)}.")


class _LineTrack:
    """For logs and pipes."""

    def __init__(self, title: str, total: int | None, unit: str) -> None:
        self.done = 0
        self._title = title
        self._total = total
        self._unit = unit
        self._note = ""
        self._started = self._said = time.monotonic()

    def __enter__(self) -> "_LineTrack":
        return self

    def __exit__(self, *_: object) -> None:
        return

    def advance(self, count: int = 1) -> None:
        self.reach(self.done + count)

    def reach(self, done: int, total: int | None = None) -> None:
        self.done = done
        self._total = total or self._total
        now = time.monotonic()
        if now - self._said >= LINE_SECONDS:
            self._said = now
            rate = done / (now - self._started)
            share = f" of {self._total:,} ({done * 100 // self._total}%)" if self._total else ""
            counted = f"{self._title}: {done:,}{share} {self._unit}".rstrip()
            _echo(f"{counted}, {rate:,.0f} a second{self._note}")

    def note(self, text: str) -> None:
        self._note = f"; {text}"


class _BarTrack:
    """For people."""

    def __init__(self, title: str, total: int | None) -> None:
        self.done = 0
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._title = title
        self._task = self._progress.add_task(title, total=total)

    def __enter__(self) -> "_BarTrack":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def advance(self, count: int = 1) -> None:
        self.reach(self.done + count)

    def reach(self, done: int, total: int | None = None) -> None:
        self.done = done
        if total:
            self._progress.update(self._task, completed=done, total=total)
        else:
            self._progress.update(self._task, completed=done)

    def note(self, text: str) -> None:
        self._progress.update(self._task, description=escape(f"{self._title}: {text}"))


def _echo(text: str) -> None:
    click.echo(text, err=True)


def _count(done: int, unit: str) -> str:
    return f"{done:,} {unit}".rstrip()


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"
