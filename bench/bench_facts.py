"""Copying the real year to Parquet, and the overview over it and over synthetic copies of it.

    REGULARS_DATA=… .venv/bin/python -m bench.bench_facts [--times 1 10] [--to DIRECTORY]

The data directory holds the loaded demonstration (`bench.bench_import --data` leaves one). Prints rows a
second of a whole sync by ADBC and by COPY, beside a bare COPY of the lines; a sync with nothing to do; then,
each in a process of its own, the overview of the last 365 days over the year and over copies of it, with
time, peak memory and the rows it stands on. Copies stay in `--to` (default: a temporary directory).
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import django
from django.conf import settings
from django.db import connection

PEER = """
    SELECT l.*, o.occurred_at FROM activity_orderline l JOIN activity_order o ON o.id = l.order_id
"""
YEAR = 365


def main() -> None:
    """Sync, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, nargs="*", default=[1, 10], help="copies of the year")
    parser.add_argument("--to", help="keep the copies here")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    given = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "regulars.config.settings"
    django.setup()
    from regulars.postgres import facade as postgres

    with tempfile.TemporaryDirectory(prefix="regulars-facts-") as temporary:
        target = Path(given.to or temporary)
        with postgres.attach(settings.DATA_DIR):
            if given.step:
                _run_step(given.step, target)
                return
            _bench_peer()
            for step in ("adbc", "copy", "again", *(f"overview:{times}" for times in given.times)):
                command = [sys.executable, "-W", "ignore", "-m", "bench.bench_facts", "--step", step]
                subprocess.run([*command, "--to", str(target)], check=True)


def _run_step(step: str, target: Path) -> None:
    name, _, argument = step.partition(":")
    if name == "overview":
        _bench_overview(int(argument), target)
    else:
        _bench_sync(name)


def _bench_peer() -> None:
    """The lines alone, as PostgreSQL sends them to somebody who throws them away."""
    with connection.cursor() as cursor:
        begun = time.perf_counter()
        with cursor.copy(f"COPY ({PEER}) TO STDOUT (FORMAT binary)") as copy:
            rows = sum(1 for _block in copy)
        _say("bare COPY of the lines", rows, time.perf_counter() - begun)


def _bench_sync(way: str) -> None:
    from regulars.facts.facade import sync_facts
    from regulars.kit.clock import utc_now

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    begun, cpu = time.perf_counter(), time.process_time()
    read = [0]
    report = sync_facts(
        now=utc_now(),
        whole=way != "again",
        adbc=way != "copy",
        on_progress=lambda progress: read.append(progress.rows),
    )
    took, cpu = time.perf_counter() - begun, time.process_time() - cpu
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if way == "again":
        print(f"sync with nothing to do      {took:7.2f} s, {read[-1]} rows read, {cpu:.1f} s of CPU here")
    else:
        _say(f"whole sync by {report.transport}", read[-1], took)
        print(f"    {cpu:.1f} s of CPU here; {after} MB at most, {before} MB before it began")


def _bench_overview(times: int, target: Path) -> None:
    from bench.copies import hold_copies
    from regulars.analytics.declared import find_outline
    from regulars.analytics.making.overview import make_overview
    from regulars.analytics.measures.basis import settle_facts
    from regulars.analytics.measures.limits import find_limits
    from regulars.analytics.types import Period
    from regulars.kit.clock import utc_now

    begun = time.perf_counter()
    with hold_copies(times, target) as facts:
        lines = facts.order_lines.count().to_pyarrow().as_py()
        orders = facts.orders.count().to_pyarrow().as_py()
        held = time.perf_counter()
        cpu = time.process_time()
        settled = settle_facts(facts)
        limits = find_limits(settled, find_outline(utc_now()))
        known = time.perf_counter()
        after = facts.as_of + timedelta(days=1)
        report = make_overview(settled, Period(after - timedelta(days=YEAR), after), limits)
        done, cpu = time.perf_counter(), time.process_time() - cpu
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"overview over {times:>3} ×           {done - held:7.1f} s, {cpu:.1f} s of CPU, "
        f"{memory} MB at most\n"
        f"    {orders:,} orders, {lines:,} lines; {len(report.figures)} figures; {known - held:.1f} s of it "
        f"for what all reports share; files opened or written in {held - begun:.1f} s"
    )


def _say(what: str, rows: int, seconds: float) -> None:
    print(f"{what:<28} {seconds:7.2f} s, {rows:,} rows, {rows / seconds:,.0f} a second", flush=True)


if __name__ == "__main__":
    main()
