"""Posting with sealing on and off, in turn, in the same seconds.

    .venv/bin/python -m bench.bench_sealing [--seconds 2] [--rounds 30]

Sixteen pgbench clients post awards and spends, four to one, in short slices. A sealer works without end, at
the share of time of the nightly job: it seals what was posted, signs a checkpoint over all wallets, and
begins again; in every second slice it is stopped (SIGSTOP). The ratio is the median of all pairs of slices,
and beside it that of all postings; `cpu` is the CPU time of the server for each posting, the sealing's
included, which other work on the machine disturbs less. fsync is on.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import time

from bench.bench_ledger.house import connect, own_server, prepare, tell_settings
from bench.bench_ledger.scripts import MEMBERS, mix
from bench.pgbench import Server

CLIENTS = 16
SEALER = """
import django
django.setup()
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.ledger import facade as ledger
print("ready", flush=True)
while True:
    report = ledger.seal_ledger(actor=SYSTEM, now=utc_now(), share=ledger.QUIET_SHARE)
    print(report.checkpoint, report.entries, flush=True)
"""


class Sealer:
    """A process that seals without end, until it is told to stop."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SEALER],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "regulars.config.settings"},
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def work(self, is_on: bool) -> None:
        """Go on, or hold still."""
        self.process.send_signal(signal.SIGCONT if is_on else signal.SIGSTOP)

    def end(self) -> int:
        """How many checkpoints were made."""
        self.work(True)
        self.process.terminate()
        told, _ = self.process.communicate(timeout=60)
        return told.count("\n")


def main() -> None:
    """Start a server of our own, post in turn with and without the sealer, print the ratio."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=30)
    given = parser.parse_args()
    with own_server(given.seconds) as server:
        tell_settings(server)
        with connect(server) as connection:
            prepare(connection.execute, lots=0, wanted=set())  # type: ignore[arg-type]
        server.run(mix(1, MEMBERS), CLIENTS, 2)  # warm
        _compare(server, given.rounds)
        _verify()


def _compare(server: Server, rounds: int) -> None:
    pairs, used, sealer, before = [], [], Sealer(), _count_sealed(server)
    for number in range(rounds):
        pair = {}
        # Who comes first changes from round to round: the second finds larger tables.
        for is_on in (True, False) if number % 2 else (False, True):
            sealer.work(is_on)
            pair[is_on] = server.run(mix(1, MEMBERS), CLIENTS)
        pairs.append((pair[False][0], pair[True][0]))
        used.append(pair[False][1] / pair[True][1])
        if number % 5 == 4:
            print(f"  {number + 1} pairs: {statistics.median(on / off for off, on in pairs):.3f}", flush=True)
    checkpoints, sealed = sealer.end(), _count_sealed(server) - before
    off, on = sum(off for off, _ in pairs), sum(on for _, on in pairs)
    middle = statistics.median(late / early for early, late in pairs)
    print(
        f"off {off / rounds:,.0f}/s, on {on / rounds:,.0f}/s; on to off: median of pairs {middle:.3f}, of "
        f"all postings {on / off:.3f} (bar 0.95), by cpu {statistics.median(used):.3f}; "
        f"{sealed / rounds / server.seconds:,.0f} entries a second sealed, {checkpoints} checkpoints signed"
    )


def _count_sealed(server: Server) -> int:
    with connect(server) as connection:
        return int(connection.execute("SELECT coalesce(sum(seq), 0) FROM ledger_head").fetchone()[0])  # type: ignore[index]


def _verify() -> None:
    # Rooms can be imported only when Django is set up.
    from regulars.kit.actor import SYSTEM
    from regulars.kit.clock import utc_now
    from regulars.ledger import facade as ledger

    ledger.seal_ledger(actor=SYSTEM, now=utc_now())
    begun = time.perf_counter()
    replay, seals = ledger.prove(workers=2), ledger.prove_seals()
    spent = time.perf_counter() - begun
    assert replay.ok and seals.ok, (replay.problems, seals.problems)
    print(
        f"{replay.entries:,} entries and {seals.checkpoints} checkpoints verified in {spent:.1f} s: all well"
    )


if __name__ == "__main__":
    main()
