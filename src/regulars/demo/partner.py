"""The other process that loads: it takes one share of the households, the process that started it the other.

Two processes, because a Python process computes on one core. This module imports nothing that needs Django
at its top: the process begins here, before Django is set up.
"""

import contextlib
import os
import signal
from multiprocessing.connection import Connection

from regulars.demo.messages import Task


def serve(task: Task, pipe: Connection) -> None:
    """Load week after week as told, until nobody tells any more."""
    # Ctrl-C reaches both processes; the one that started this one says when it is over.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.config.settings")
    # Not at the top: what follows needs Django to be set up, and this is where that happens.
    import django  # noqa: PLC0415

    django.setup()
    from django.db import connection  # noqa: PLC0415

    from regulars.demo.own_hand import obey  # noqa: PLC0415

    connection.settings_dict.update(task.database)
    with contextlib.suppress(EOFError, BrokenPipeError):
        obey(task, pipe)
    connection.close()
