"""Who loads the shares of the households: this process, and where there are two cores a second one."""

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Protocol, Self

from regulars.demo.errors import PartnerLost
from regulars.demo.messages import Failure, Task
from regulars.demo.own_hand import OwnHand, collecting_garbage_seldom
from regulars.demo.partner import serve
from regulars.demo.types import Loaded

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
