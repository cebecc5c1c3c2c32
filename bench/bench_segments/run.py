"""Rebuild all in one process; in another, have members buy and wait until their segments know it."""

import random
import subprocess
import sys
import time
from datetime import UTC, datetime

import psutil
from django.core.management import call_command
from django.db import connection

from bench.bench_segments.fill import fill
from bench.bench_segments.trees import list_trees
from bench.pgbench import Server
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.members.models import Member
from regulars.segments import facade as segments
from regulars.segments.facade import SegmentInput

_BUY = """
    INSERT INTO activity_order (
        member_id, external_id, occurred_at, recorded_at, recorded_by, currency, amount, lines_count, store,
        channel, attributes, simulated, fingerprint, returned_amount, returned_whole
    ) VALUES (%s, %s, now(), now(), 'bench', 'EUR', 9000, 0, 'web', '', '{}', false, '', 0, false)
"""


def prepare(server: Server, members: int) -> None:
    """Tables, members and fifty segments."""
    call_command("migrate", verbosity=0)
    if not Member.objects.exists():
        print(f"filling a shop with {members:,} members", flush=True)
        fill(server, members)
    segments.keep_built_in(actor=SYSTEM, now=utc_now())
    known = {one.name for one in segments.list_segments()}
    for name, match in list_trees():
        if name not in known:
            told = SegmentInput(name, {"version": 1, "match": match})
            segments.create_segment(actor=SYSTEM, now=utc_now(), told=told)


def rebuild_all() -> None:
    """Every segment, one after the other, as the nightly job does."""
    total = 0.0
    for one in segments.list_segments():
        done = segments.rebuild_segment(code=one.code, now=utc_now())
        total += done.seconds
        print(
            f"{one.code:<34} {done.members_count:>9,} members {done.entered:>9,} in {done.left:>8,} out"
            f" {done.seconds:>6.2f} s {done.error}",
            flush=True,
        )
    print(f"all: {total:.1f} s", flush=True)


def measure(members: int) -> None:
    """The first rebuild; the second, with events meanwhile; the events alone."""
    print("first rebuild: everybody enters")
    rebuild_all()
    segments.follow_changes(now=utc_now())
    quiet = [_feel(members) for _ in range(40)]
    print("second rebuild, with events meanwhile")
    worker = subprocess.Popen([sys.executable, "-m", "bench.bench_segments", "--rebuild-only"])
    busy = []
    while worker.poll() is None:
        busy.append(_feel(members))
    _print("nothing else", quiet)
    _print("while all are rebuilt", busy)
    print(f"load {psutil.getloadavg()[0]:.1f}")


def _feel(members: int) -> float:
    """Seconds from the commit of an order until every segment it concerns has tested the member."""
    member_id = random.randint(1, members)
    with connection.cursor() as cursor:
        cursor.execute(_BUY, [member_id, f"b{random.getrandbits(60)}"])
    began = time.perf_counter()
    while not segments.follow_changes(now=datetime.now(UTC)).members:
        pass
    return time.perf_counter() - began


def _print(name: str, seconds: list[float]) -> None:
    ordered = sorted(seconds)
    p50, p99 = ordered[len(ordered) // 2], ordered[min(int(len(ordered) * 0.99), len(ordered) - 1)]
    print(f"event felt, {name}: {len(ordered)} events, p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms")
