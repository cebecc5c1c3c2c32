"""Python's cyclic garbage collector, kept out of the way of a large batch."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

SMALL = 200
"""A batch below this makes too little for the collector to matter."""


@contextmanager
def collector_paused(rows: int) -> Iterator[None]:
    """Let nothing search for cycles while a batch of so many rows is worked on.

    A batch makes some hundred thousand objects that live until its end and form no cycles; looking through
    all of them again and again costs a quarter of the time. They go when their last reference goes.
    """
    is_paused = rows >= SMALL and gc.isenabled()
    if is_paused:
        gc.disable()
    try:
        yield
    finally:
        if is_paused:
            gc.enable()
