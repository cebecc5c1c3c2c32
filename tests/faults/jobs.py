"""The sweeps, given to the worker by the second: its own calendar does so by the minute."""

import contextlib
import threading
import time

from django.db import Error as DatabaseError
from django.db import connection
from procrastinate.contrib.django import procrastinate_app
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

from regulars.ledger import tasks as ledger_tasks
from regulars.redemption import tasks as redemption_tasks
from tests.faults.world import World

SWEEPS = (
    ledger_tasks.expire_lots,
    ledger_tasks.activate_lots,
    ledger_tasks.release_holds,
    redemption_tasks.time_out,
)
RESCUE = "regulars.rescue_stalled_jobs"
PERIOD_SECONDS = 1.5


class Calendar(threading.Thread):
    """Enqueues the sweeps again and again until told to stop. The worker does them, whenever it is there."""

    def __init__(self, over: threading.Event) -> None:
        super().__init__(name="calendar", daemon=True)
        self.enqueued = 0
        self._over = over

    def run(self) -> None:
        while not self._over.wait(PERIOD_SECONDS):
            with contextlib.suppress(DatabaseError, ConnectorException):
                self.enqueued += enqueue_sweeps()
        connection.close()


def enqueue_sweeps() -> int:
    """One of each, where none waits already; gives how many."""
    count = 0
    for task in SWEEPS:
        try:
            task.defer(timestamp=int(time.time()))
            count += 1
        except AlreadyEnqueued:
            pass
        except (DatabaseError, ConnectorException):
            connection.close()
            raise
    return count


def let_two_minutes_pass(world: World) -> None:
    """For workers that died: the database believes that it heard of them two minutes ago.

    One that lives tells it every ten seconds, so who has been silent for longer is dead. The rescue, which
    runs by the minute and takes back what they were doing, is enqueued at once.
    """
    with world.database() as opened:
        opened.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '2 minutes'"
            " WHERE last_heartbeat < now() - interval '12 seconds'"
        )
    rescue = procrastinate_app.current_app.configure_task(RESCUE, queueing_lock="rescue", allow_unknown=True)
    with contextlib.suppress(AlreadyEnqueued):
        rescue.defer(timestamp=int(time.time()))
