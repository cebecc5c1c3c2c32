"""Who loads the shares of the households: this process, and where there are two cores a second one."""

import gc
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Protocol, Self

from regulars.demo.calendar import Shift
from regulars.demo.dataset import Dataset, Part
from regulars.demo.errors import PartnerLost
from regulars.demo.partner import Failure, Task, serve
from regulars.demo.types import Loaded
from regulars.demo.weeks import Share, load_week, pass_week
from regulars.kit.actor import Actor, ActorKind

ACTOR = Actor(ActorKind.IMPORT, "demo")
SHARES = 2
ENDING_SECONDS = 30


class Hand(Protocol):
    """One who loads a share, a week at a time."""

    def begin(self, *, known: bool) -> None:
        """Begin the next week; one that is `known` to be loaded is only passed."""
        ...

    def finish(self) -> Loaded:
        """Wait until it is done."""
        ...


class OwnHand:
    """This process."""

    def __init__(self, task: Task) -> None:
        dataset = Dataset(task.folder)
        part = Part(task.number, task.of)
        self._share = Share(
            part=part,
            actor=ACTOR,
            shift=Shift(task.weeks_moved),
            currency=task.currency,
            demographics=dataset.read_demographics(),
            now=task.now,
            redemptions_a_week=task.redemptions_a_week,
        )
        self._weeks = dataset.read_weeks(part)
        self._known = False

    def begin(self, *, known: bool) -> None:
        """See Hand. Nothing happens before `finish`."""
        self._known = known

    def finish(self) -> Loaded:
        """See Hand."""
        week = next(self._weeks)
        if self._known:
            pass_week(self._share, week)
            return Loaded()
        loaded = load_week(self._share, week)
        gc.collect(0)
        return loaded


class OtherHand:
    """A second process, spoken to through a pipe. It ends with this one, however this one ends."""

    def __init__(self, task: Task) -> None:
        # A forked copy would share this process's connection and its threads' locks; this one starts clean.
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(task, theirs), name="demo-partner", daemon=True)
        self._process.start()
        theirs.close()

    def begin(self, *, known: bool) -> None:
        """See Hand."""
        try:
            self._pipe.send(known)
        except (BrokenPipeError, ConnectionResetError):
            raise self._lost() from None

    def finish(self) -> Loaded:
        """See Hand. Raises PartnerLost, and RuntimeError where the other process failed."""
        try:
            answer = self._pipe.recv()
        except (EOFError, ConnectionResetError):
            raise self._lost() from None
        if isinstance(answer, Failure):
            raise RuntimeError(answer.what)
        if not isinstance(answer, Loaded):
            raise TypeError(f"not an answer: {answer!r}")
        return answer

    def _lost(self) -> PartnerLost:
        return PartnerLost(
            "The process that loads half of the households has ended; start again: loading goes on."
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pipe.close()
        self._process.join(ENDING_SECONDS)
        if self._process.is_alive():
            self._process.terminate()
            self._process.join()


@contextmanager
def raise_hands(tasks: Sequence[Task]) -> Iterator[list[Hand]]:
    """A hand for each task: this process, and another for the second if it has a core to work on."""
    first, second = tasks
    with collecting_garbage_seldom():
        if count_cores() < SHARES:
            yield [OwnHand(first), OwnHand(second)]
        else:
            with OtherHand(second) as other:
                # The other one works from `begin` on, this one in `finish`: so this one's comes first.
                yield [OwnHand(first), other]


def count_cores() -> int:
    """On how many cores this process may run."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def obey(task: Task, pipe: Connection) -> None:
    """Work through a share as told through the pipe, until it is closed."""
    hand = OwnHand(task)
    with collecting_garbage_seldom():
        while True:
            hand.begin(known=pipe.recv())
            try:
                answer: Loaded | Failure = hand.finish()
            except Exception as error:  # whatever it is, it is told where it can be shown
                answer = Failure(f"{type(error).__name__}: {error}")
            pipe.send(answer)


@contextmanager
def collecting_garbage_seldom() -> Iterator[None]:
    """Look for cycles when told, not all the time: among millions of small values without any Python would
    spend more time searching than on all the rest."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
