"""Loading a share of the households in this process."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from regulars.demo.calendar import Shift
from regulars.demo.dataset import Dataset, Part
from regulars.demo.messages import Failure, Task
from regulars.demo.types import Loaded
from regulars.demo.weeks import Share, load_week, pass_week
from regulars.kit.actor import Actor, ActorKind

ACTOR = Actor(ActorKind.IMPORT, "demo")


class OwnHand:
    """One who loads a share, a week at a time, when asked to `finish`."""

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
        """Begin the next week; one that is `known` to be loaded is only passed."""
        self._known = known

    def finish(self) -> Loaded:
        """Load it."""
        week = next(self._weeks)
        if self._known:
            pass_week(self._share, week)
            return Loaded()
        loaded = load_week(self._share, week)
        gc.collect(0)
        return loaded


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
