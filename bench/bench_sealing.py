"""Posting with sealing on and off, in turn, in the same minutes.

    .venv/bin/python -m bench.bench_sealing [--seconds 10] [--rounds 5] [--share 0.25]

Sixteen pgbench clients post awards and spends, four to one. In each second run a sealer works beside them, as the
nightly job does (a quarter of its time, resting between) but without end: what is posted is sealed while more is
posted, and a checkpoint is signed whenever it has caught up. The ratio is the median of the pairs' ratios;
`left` is what still waited to be sealed when a run was over. fsync is on.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.bench_ledger import MEMBERS, earn, prepare, spend
from bench.pgbench import Script, Server
from regulars.postgres import facade as postgres

CLIENTS = 16
MIX = Script(((earn(1, MEMBERS), 4), (spend(1, MEMBERS), 1)))
SEALER = """
import django
django.setup()
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.ledger import facade as ledger
print("ready", flush=True)
while True:
    report = ledger.seal_ledger(actor=SYSTEM, now=utc_now(), share={share})
    print(report.checkpoint, report.entries, flush=True)
"""


class Sealer:
    """A process that seals without end, until it is told to stop."""

    def __init__(self, share: float) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SEALER.format(share=share)],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "regulars.config.settings"},
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def stop(self) -> tuple[int, int]:
        """How many checkpoints were made, and entries sealed for them."""
        self.process.terminate()
        told, _ = self.process.communicate(timeout=60)
        rows = [line.split() for line in told.splitlines() if line.count(" ") == 1]
        return len(rows), sum(int(entries) for _, entries in rows)


def main() -> None:
    """Start a server of our own, post in turn with and without the sealer, print the ratio."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--share", type=float, default=0.25)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as directory:
        os.environ["REGULARS_DATA"] = directory
        os.environ.pop("DATABASE_URL", None)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.config.settings")
        with postgres.attach(Path(directory)) as attachment:
            _measure(attachment, Path(directory), options)


def _measure(attachment: postgres.Attachment, data_dir: Path, options: argparse.Namespace) -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    from django.db import connection

    from regulars.kit.actor import SYSTEM
    from regulars.kit.clock import utc_now
    from regulars.ledger import facade as ledger

    with connection.cursor() as cursor:
        prepare(cursor.execute, lots=0, wanted=set())
    server = Server(str(attachment.socket_dir), data_dir / "postgres/cluster", options.seconds)
    server.run(MIX, CLIENTS, 2)  # warm
    ratios, offs, ons, left, sealed = [], [], [], [], 0
    for number in range(options.rounds):
        rates = {}
        # Who comes first changes from round to round: the second finds larger tables.
        for is_on in (False, True) if number % 2 else (True, False):
            ledger.seal_ledger(
                actor=SYSTEM, now=utc_now()
            )  # nothing waits at the beginning, whoever comes first
            sealer = Sealer(options.share) if is_on else None
            rates[is_on], _ = server.run(MIX, CLIENTS)
            if sealer is not None:
                sealed += sealer.stop()[1]
                left.append(_count_waiting())
        ratios.append(rates[True] / rates[False])
        offs.append(rates[False])
        ons.append(rates[True])
        print(
            f"  off {rates[False]:>7,.0f}/s   on {rates[True]:>7,.0f}/s   ratio {ratios[-1]:.3f}", flush=True
        )
    begun = time.perf_counter()
    proof, seals = ledger.prove(workers=2), ledger.prove_seals()
    spent = time.perf_counter() - begun
    assert proof.ok and seals.ok, (proof.problems, seals.problems)
    print(
        f"sealing off {statistics.median(offs):,.0f}/s, on {statistics.median(ons):,.0f}/s: "
        f"ratio {statistics.median(ratios):.3f} (bar 0.95, at least {min(ratios):.3f}); "
        f"{sealed:,} entries sealed meanwhile, {statistics.median(left):,.0f} left at a round's end"
    )
    print(
        f"replay and proof of {proof.entries:,} entries, {seals.checkpoints} checkpoints: {spent:.1f} s, all well"
    )


def _count_waiting() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT sum(version) FROM ledger_wallet) - (SELECT coalesce(sum(seq), 0) FROM ledger_head)"
        )
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    main()
