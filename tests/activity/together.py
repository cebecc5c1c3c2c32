"""Several at once, each in a thread and on a connection of its own."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

from django.db import connection, transaction


def run_together(*steps: Callable[[], Any]) -> list[Any]:
    """Run each step in a thread of its own, starting at once; answers in order. Raises the first error."""
    barrier = Barrier(len(steps))
    answers: list[Any] = [None] * len(steps)

    def run(index: int, step: Callable[[], Any]) -> None:
        try:
            barrier.wait(10)
            answers[index] = step()
        except Exception as error:
            answers[index] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=(index, step)) for index, step in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
    return answers


def run_in_transactions(*steps: Callable[[], Any]) -> list[Any]:
    """The same for steps that belong to a caller's transaction."""

    def in_one(step: Callable[[], Any]) -> Callable[[], Any]:
        return transaction.atomic(step)

    return run_together(*map(in_one, steps))
