"""What the doctor finds, one trouble at a time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import connection, connections
from procrastinate.contrib.django import procrastinate_app
from procrastinate.contrib.django.models import ProcrastinateJob

from regulars.cli import checks
from regulars.cli.checks import Finding
from regulars.cli.worker import ATTEMPTS_MAX, rescue_stalled_jobs
from regulars.kit.clock import utc_now
from regulars.recommend.models import TrainedModel

pytestmark = pytest.mark.django_db


def one(findings: Iterator[Finding]) -> Finding:
    (finding,) = findings
    assert finding.sentence.endswith(".")
    return finding


def execute(query: str, *values: object) -> int:
    """Run it and return the first column of the first row."""
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return int(cursor.fetchone()[0])


def add_worker(*, seconds_ago: int) -> int:
    return execute(
        "INSERT INTO procrastinate_workers (last_heartbeat) "
        "VALUES (now() - make_interval(secs => %s)) RETURNING id",
        seconds_ago,
    )


def add_job(*, status: str, worker: int | None = None, attempts: int = 0, lock: str | None = None) -> int:
    return execute(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, status, worker_id, attempts, queueing_lock) "
        "VALUES ('default', 'some.task', %s, %s, %s, %s) RETURNING id",
        status,
        worker,
        attempts,
        lock,
    )


def status_of(job: int) -> str:
    return ProcrastinateJob.objects.values_list("status", flat=True).get(id=job)


def test_a_sound_database() -> None:
    assert not one(checks.check_database()).is_problem
    assert not one(checks.check_migrations()).is_problem
    assert not one(checks.check_clock()).is_problem
    assert not one(checks.check_time_zones()).is_problem


def test_an_old_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "VERSION_MIN", 99)
    finding = one(checks.check_database())
    assert finding.is_problem
    assert "99" in finding.sentence


def test_a_migration_that_is_missing() -> None:
    execute("DELETE FROM django_migrations WHERE app = 'identity' AND name LIKE '0002%%' RETURNING id")
    finding = one(checks.check_migrations())
    assert finding.is_problem
    assert "regulars migrate" in finding.sentence


def test_a_database_that_a_newer_version_used() -> None:
    execute(
        "INSERT INTO django_migrations (app, name, applied) "
        "VALUES ('identity', '9999_later', now()) RETURNING id"
    )
    finding = one(checks.check_migrations())
    assert finding.is_problem
    assert "identity.9999_later" in finding.sentence


def test_a_clock_that_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    real = checks.time.time
    monkeypatch.setattr(checks.time, "time", lambda: real() - 90)
    finding = one(checks.check_clock())
    assert finding.is_problem
    assert "+90.0 s" in finding.sentence


def test_a_time_zone_that_python_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "SAMPLE_ZONES", ("Europe/Atlantis",))
    assert "tzdata" in one(checks.check_time_zones()).sentence


def test_a_disk_that_is_nearly_full(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not one(checks.check_disk()).is_problem
    monkeypatch.setattr(checks, "DISK_BYTES_MIN", 10**18)
    finding = one(checks.check_disk())
    assert finding.is_problem
    assert str(settings.DATA_DIR) in finding.sentence


def test_no_worker_is_a_problem_unless_nothing_runs() -> None:
    assert one(checks.check_worker(is_idle=False)).is_problem
    assert not one(checks.check_worker(is_idle=True)).is_problem
    add_worker(seconds_ago=600)
    finding = one(checks.check_worker(is_idle=False))
    assert finding.is_problem
    assert "10 min ago" in finding.sentence


def test_workers_at_work() -> None:
    add_worker(seconds_ago=5)
    assert not one(checks.check_worker(is_idle=False)).is_problem
    add_worker(seconds_ago=1)
    assert one(checks.check_worker(is_idle=False)).sentence.startswith("2 workers")


def test_jobs_that_failed_or_wait_too_long() -> None:
    assert not one(checks.check_jobs(is_idle=False)).is_problem
    late = add_job(status="todo")
    assert not one(checks.check_jobs(is_idle=False)).is_problem
    execute(
        "UPDATE procrastinate_events SET at = now() - interval '1 hour' WHERE job_id = %s RETURNING id", late
    )
    assert one(checks.check_jobs(is_idle=False)).is_problem
    assert not one(checks.check_jobs(is_idle=True)).is_problem
    add_job(status="failed")
    assert "1 failed" in one(checks.check_jobs(is_idle=True)).sentence


def test_an_empty_ledger_is_proved() -> None:
    assert [finding.is_problem for finding in checks.check_ledger()] == [False, False]


def test_models_that_know_nothing_new_are_complained_of() -> None:
    assert "what is popular" in one(checks.check_recommendations(is_idle=False)).sentence
    now = utc_now()
    told = {"trained_at": now, "seconds": 1, "served_from": now}
    TrainedModel.objects.create(task="new", kind="twostage", as_of=now.date(), **told)
    finding = one(checks.check_recommendations(is_idle=False))
    assert (finding.is_problem, "twostage for new" in finding.sentence) == (False, True)
    old = now.date() - timedelta(days=30)
    TrainedModel.objects.create(task="any", kind="ease", as_of=old, **told)
    assert one(checks.check_recommendations(is_idle=False)).is_problem
    # Where nothing runs, nobody is expected to train.
    assert not one(checks.check_recommendations(is_idle=True)).is_problem


def rescue() -> int:
    return async_to_sync(rescue_stalled_jobs)(procrastinate_app.current_app.job_manager)


def test_what_a_dead_worker_was_doing_is_put_back() -> None:
    dead, alive = add_worker(seconds_ago=3600), add_worker(seconds_ago=3)
    lost, orphan = add_job(status="doing", worker=dead), add_job(status="doing")
    running, waiting = add_job(status="doing", worker=alive), add_job(status="todo")
    assert rescue() == 2
    assert [status_of(job) for job in (lost, orphan, running, waiting)] == ["todo", "todo", "doing", "todo"]
    assert rescue() == 0


def test_a_job_that_kills_its_workers_is_given_up() -> None:
    lost = add_job(status="doing", worker=add_worker(seconds_ago=3600), attempts=ATTEMPTS_MAX)
    assert rescue() == 1
    assert status_of(lost) == "failed"


@pytest.mark.django_db(transaction=True)
def test_a_lost_job_whose_successor_waits_already_is_dropped() -> None:
    lost = add_job(status="doing", worker=add_worker(seconds_ago=3600), lock="once")
    successor = add_job(status="todo", lock="once")
    # In a thread: where a browser test ran before, this one has an event loop of Playwright's.
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(rescue).result() == 1
        thread.submit(connections.close_all).result()
    assert not ProcrastinateJob.objects.filter(id=lost).exists()
    assert status_of(successor) == "todo"
