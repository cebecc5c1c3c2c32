"""`regulars worker`: does the jobs that are due, and rescues those that a killed worker left.

Its heartbeat is the row that procrastinate keeps in `procrastinate_workers`; `regulars doctor` reads it.
"""

import logging
from typing import cast

import click
from procrastinate import App, JobContext
from procrastinate.contrib.django import procrastinate_app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

from regulars.cli.lifeline import follow_parent
from regulars.cli.startup import with_database
from regulars.kit.clock import utc_now

STALLED_SECONDS = 60
"""A worker whose last heartbeat (one every ten seconds) is older than this counts as dead."""
STOP_SECONDS = 20
ATTEMPTS_MAX = 10
"""A job that took its worker down this often is given up."""

log = logging.getLogger(__name__)


@click.command()
@click.option(
    "--concurrency",
    envvar="REGULARS_CONCURRENCY",
    default=2,
    show_default=True,
    show_envvar=True,
    type=click.IntRange(1, 64),
    help="Jobs done at once.",
)
@with_database
def worker(concurrency: int) -> None:
    """Do the jobs that are due, until asked to stop; a job that has begun is finished first."""
    follow_parent()
    app = procrastinate_app.current_app
    register_rescue(app)
    connector = cast(DjangoConnector, app.connector).get_worker_connector()
    with app.replace_connector(connector):
        app.run_worker(
            concurrency=concurrency,
            delete_jobs="successful",
            shutdown_graceful_timeout=STOP_SECONDS,
            stalled_worker_timeout=STALLED_SECONDS,
        )


def register_rescue(app: App) -> None:
    """Have every worker look for stalled jobs once a minute."""
    rescue = app.task(name="regulars.rescue_stalled_jobs", queueing_lock="rescue", pass_context=True)(_rescue)
    app.periodic(cron="* * * * *")(rescue)


async def _rescue(context: JobContext, timestamp: int) -> None:  # noqa: ARG001  (procrastinate hands it over)
    await rescue_stalled_jobs(context.app.job_manager)


async def rescue_stalled_jobs(manager: JobManager) -> int:
    """Put back what workers that died were doing; returns how many jobs.

    Tasks must bear being run twice: that is what their idempotency keys are for.
    """
    stalled = list(await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS))
    for job in stalled:
        await _put_back(manager, job)
    return len(stalled)


async def _put_back(manager: JobManager, job: Job) -> None:
    if job.attempts >= ATTEMPTS_MAX:
        log.error("Job %s (%s) was interrupted %s times and is given up", job.id, job.task_name, job.attempts)
        await manager.finish_job(job, status=Status.FAILED, delete_job=False)
        return
    try:
        await manager.retry_job(job, retry_at=utc_now())
    except UniqueViolation:
        # Another of its kind waits already, and will do the work of both.
        await manager.finish_job(job, status=Status.ABORTED, delete_job=True)
    log.warning("Job %s (%s) lost its worker and was put back", job.id, job.task_name)
