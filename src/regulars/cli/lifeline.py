"""A part that `regulars up` started ends when its parent does, even if the parent was killed."""

import os
import signal
import threading
import time

PARENT = "REGULARS_PARENT"
"""The environment variable in which a parent tells its parts its process number."""
POLL_SECONDS = 0.5


def follow_parent(number: int | None = None) -> None:
    """End this process gracefully once its parent (by default the one that PARENT names) is gone.

    An orphan gets another parent, and that is what is watched: it works on any Unix and needs no descriptor
    to be handed down. Without a parent to follow, nothing is done.
    """
    if number is None:
        number = int(os.environ.get(PARENT, "0"))
    if number:
        threading.Thread(target=_follow, args=(number,), name="lifeline", daemon=True).start()


def _follow(number: int) -> None:
    while os.getppid() == number:
        time.sleep(POLL_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
