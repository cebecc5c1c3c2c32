"""What `regulars doctor` looks at. Each check answers in words, and none changes anything."""

import importlib.util
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from regulars.cli.migrate import count_missing
from regulars.cli.startup import VERSION_MIN
from regulars.facts import facade as facts
from regulars.kit.clock import utc_now
from regulars.ledger import facade as ledger
from regulars.recommend import facade as recommend
from regulars.segments import facade as segments

SKEW_SECONDS_MAX = 2.0
DISK_BYTES_MIN = 1_000_000_000
DISK_SHARE_MIN = 0.03
HEARTBEAT_SECONDS_MAX = 60
PROOF_WORKERS_MAX = 4
WAITING_MINUTES_MAX = 10
SEALING_AGE_MAX = timedelta(hours=50)
MODEL_DAYS_MAX = 14
BUILT = datetime(2026, 1, 1, tzinfo=UTC)
SAMPLE_ZONES = ("Europe/London", "Asia/Shanghai", "America/New_York")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at, how it is, and whether someone must act."""

    subject: str
    is_problem: bool
    sentence: str


def good(subject: str, sentence: str) -> Finding:
    """All is well."""
    return Finding(subject, is_problem=False, sentence=sentence)


def bad(subject: str, sentence: str) -> Finding:
    """Someone must act; the sentence says how."""
    return Finding(subject, is_problem=True, sentence=sentence)


def check_database() -> Iterator[Finding]:
    """It answers, is new enough, and stores every letter."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int, current_setting('server_version'), "
            "current_setting('server_encoding')"
        )
        number, version, encoding = cursor.fetchone()
    where = "embedded" if settings.EMBEDDED_POSTGRES else "the server that DATABASE_URL names"
    if number // 10_000 < VERSION_MIN:
        yield bad("database", f"PostgreSQL {version} is too old: upgrade it to {VERSION_MIN} or newer.")
    elif encoding != "UTF8":
        yield bad("database", f"It stores {encoding}, not UTF8: create the database with ENCODING 'UTF8'.")
    else:
        yield good("database", f"PostgreSQL {version} answers ({where}).")


def check_migrations() -> Iterator[Finding]:
    """The tables are those of this version."""
    missing = count_missing()
    loader = MigrationLoader(connection)
    rooms = {name for name, _ in loader.disk_migrations}
    unknown = [
        key for key in loader.applied_migrations if key[0] in rooms and key not in loader.disk_migrations
    ]
    unknown = [key for key in unknown if key not in loader.replacements]
    if missing:
        yield bad("migrations", f"{missing} are not applied: run `regulars migrate`.")
    elif unknown:
        name = ".".join(unknown[0])
        yield bad(
            "migrations",
            f"The database knows {name}, which this version does not: a newer Regulars used it; upgrade.",
        )
    else:
        yield good("migrations", "All are applied.")


def check_clock() -> Iterator[Finding]:
    """Expiry and tiers go by the clock: it must be right, and the database must agree."""
    if utc_now() < BUILT:
        yield bad("clock", f"The system says {utc_now():%d %B %Y}, which is past: set the clock.")
        return
    with connection.cursor() as cursor:
        before = time.time()
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        skew = float(cursor.fetchone()[0]) - (before + time.time()) / 2
    if abs(skew) > SKEW_SECONDS_MAX:
        yield bad("clock", f"The database's clock is {skew:+.1f} s from ours: set both by NTP.")
    else:
        yield good("clock", f"{utc_now():%Y-%m-%d %H:%M:%S} UTC; the database agrees to {abs(skew):.2f} s.")


def check_time_zones() -> Iterator[Finding]:
    """Dates are resolved in the programme's zone: Python and the database must know the same rules."""
    now = utc_now()
    for name in SAMPLE_ZONES:
        try:
            ours = now.astimezone(ZoneInfo(name)).replace(tzinfo=None)
        except ZoneInfoNotFoundError:
            yield bad("time zones", f"Python does not know {name}: install the package tzdata.")
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::timestamptz AT TIME ZONE %s", [now, name])
            theirs = cursor.fetchone()[0]
        if ours != theirs:
            yield bad("time zones", f"Python and the database disagree about {name}: update tzdata on both.")
            return
    yield good("time zones", "Python and the database agree.")


def check_disk() -> Iterator[Finding]:
    """There is room to grow."""
    data_dir = Path(settings.DATA_DIR)
    usage = shutil.disk_usage(data_dir)
    free = f"{usage.free / 1e9:.1f} GB of {usage.total / 1e9:.0f} GB are free at {data_dir}"
    if usage.free < DISK_BYTES_MIN or usage.free < usage.total * DISK_SHARE_MIN:
        yield bad("disk", f"Only {free}: make room, or move the data directory.")
    else:
        yield good("disk", f"{free}.")


def check_worker(*, is_idle: bool) -> Iterator[Finding]:
    """Someone does the jobs. Where nothing runs at all (`is_idle`), nobody is expected to."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE age < %(max)s), min(age) FROM "
            "(SELECT extract(epoch FROM now() - last_heartbeat)::float8 AS age FROM procrastinate_workers) w",
            {"max": HEARTBEAT_SECONDS_MAX},
        )
        alive, age = cursor.fetchone()
    if alive:
        workers = "A worker is" if alive == 1 else f"{alive} workers are"
        yield good("worker", f"{workers} at work; the last heartbeat was {age:.0f} s ago.")
    elif is_idle:
        yield good("worker", "Regulars is not running; `regulars up` starts web server and worker.")
    else:
        last = (
            f"the last heartbeat was {age / 60:.0f} min ago" if age is not None else "there is no heartbeat"
        )
        yield bad("worker", f"None is at work ({last}): start `regulars worker`, or `regulars up`.")


def check_jobs(*, is_idle: bool) -> Iterator[Finding]:
    """What was asked for gets done."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FILTER (WHERE status = 'todo' AND due < now() - make_interval(mins => %s)),
                   count(*) FILTER (WHERE status = 'failed')
            FROM (
                SELECT status, coalesce(scheduled_at, (
                    SELECT min(at) FROM procrastinate_events WHERE job_id = procrastinate_jobs.id
                )) AS due
                FROM procrastinate_jobs WHERE status IN ('todo', 'failed')
            ) AS open_jobs
            """,
            [WAITING_MINUTES_MAX],
        )
        late, failed = cursor.fetchone()
    if late and not is_idle:
        yield bad("jobs", f"{late} wait longer than {WAITING_MINUTES_MAX} minutes: run more workers.")
    elif failed:
        advice = "read the worker's log, then retry or delete them in the table procrastinate_jobs"
        yield bad("jobs", f"{failed} failed for good: {advice}.")
    else:
        yield good("jobs", f"{late} are waiting." if late else "None is late, none has failed.")


def check_segments() -> Iterator[Finding]:
    """Whether every segment is what its definition says."""
    known = segments.list_segments()
    failing = [one for one in known if one.state is segments.SegmentState.FAILING]
    for one in failing:
        yield bad("segments", f"{one.code} keeps its last members: {one.error}")
    if not failing:
        yield good("segments", f"{len(known)} segments, none is failing.")


def check_recommendations(*, is_idle: bool) -> Iterator[Finding]:
    """Whether a model serves, and how old what it knows is. Without one shelves show what is popular."""
    now = utc_now()
    serving = recommend.list_serving_models()
    if not serving:
        yield good("recommend", "No model serves yet: shelves show what is popular, and what is new.")
        return
    told = ", ".join(f"{one.kind} for {one.task}" for one in serving)
    as_of = min(one.as_of for one in serving)
    days = (now.date() - as_of).days
    if days > MODEL_DAYS_MAX and not is_idle:
        yield bad("recommend", f"{told} knows nothing after {as_of}: look for the job that trains models.")
    else:
        yield good("recommend", f"{told}, which knows all up to {as_of}.")


def check_facts(*, is_idle: bool) -> Iterator[Finding]:
    """Measures are taken from a copy that somebody must keep fresh. Without their packages nobody does."""
    if any(importlib.util.find_spec(name) is None for name in ("ibis", "duckdb", "pyarrow")):
        yield good("facts", "Measures are not installed: pip install 'regulars[analytics]' brings them.")
        return
    fresh = facts.get_freshness(utc_now())
    if fresh is None:
        yield good("facts", "Nothing was copied yet: a worker does it, `regulars facts sync` does it now.")
        return
    told = f"copied {fresh.synced_at:%Y-%m-%d %H:%M} UTC, complete to {fresh.as_of}"
    missing = facts.count_missing_files()
    if missing:
        yield bad("facts", f"{missing} files are gone: `regulars facts sync` writes them again.")
    elif fresh.is_stale and not is_idle:
        yield bad("facts", f"They are stale, {told}: look for the job facts.sync_facts in the worker's log.")
    else:
        yield good("facts", f"{told[0].upper()}{told[1:]}; `regulars facts verify` compares them.")


def check_ledger() -> Iterator[Finding]:
    """History is the balance: a replay of all of it must give every stored wallet, lot and hold."""
    report = ledger.prove(workers=min(os.cpu_count() or 1, PROOF_WORKERS_MAX))
    lots = report.open_lots + report.pending_lots
    for problem in report.problems:
        yield bad("ledger", f"Stored state and history part: {problem}.")
    totals = ledger.get_totals(now=utc_now())
    if not totals.adds_up:
        yield bad("ledger", "What was issued and what became of it do not add up.")
    elif report.ok:
        yield good(
            "ledger",
            f"A replay of {report.entries:,} entries gives all {report.wallets:,} wallets, {lots:,} lots "
            f"and {report.open_holds:,} holds as they are stored.",
        )
        yield good(
            "points",
            f"{totals.issued:,} issued, {totals.spent:,} spent, {totals.expired:,} expired, "
            f"{totals.reversed:,} taken back; {totals.outstanding:,} outstanding.",
        )


def check_seals(*, trusted: Sequence[bytes] = (), is_idle: bool) -> Iterator[Finding]:
    """Every signed root must follow from what is sealed; the replay has seen to the links."""
    proof = ledger.prove_seals(trusted=trusted)
    for problem in proof.problems:
        yield bad("seals", problem)
    for notice in proof.notices:
        yield good("seals", notice)
    sealed_at = ledger.last_sealed_at()
    if sealed_at is None:
        yield good(
            "seals", "Nothing is sealed yet: the worker does it every night, `regulars ledger seal` now."
        )
    elif proof.ok:
        yield good(
            "seals",
            f"{proof.entries:,} entries of {proof.wallets:,} wallets are sealed by {proof.checkpoints:,} "
            f"signed checkpoints, the last of {sealed_at:%Y-%m-%d %H:%M} UTC.",
        )
    if sealed_at is not None and not is_idle and utc_now() - sealed_at > SEALING_AGE_MAX:
        yield bad("seals", f"The last checkpoint is of {sealed_at:%Y-%m-%d}: look for the nightly job.")
