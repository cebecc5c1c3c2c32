"""Someone who imports files of orders with `regulars import`, one after the other; killed now and then."""

import csv
import random
import re
import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.asks import Ask, Kind, Notebook, Told
from tests.faults.clients import MEMBERS

COLUMNS = ("order_id", "member_id", "occurred_at", "sku", "quantity", "amount")
PATIENCE_SECONDS = 300
_SAID = re.compile(r"([\d,]+) orders? new, ([\d,]+) there already")
IMPORTED, SOME_REJECTED = 0, 1
CREATED, NOT_TAKEN = 201, 422
BAD = "bad"


@dataclass(frozen=True, slots=True)
class Batch:
    """A file, the orders in it that are good, and those that are not."""

    file: Path
    good: list[str]
    bad: list[str]


@dataclass(frozen=True, slots=True)
class Report:
    """What an import says at its end."""

    new: int
    there_already: int


class Importer(threading.Thread):
    """Imports until told to stop. The exit code is what it is told; of a killed import it knows nothing."""

    def __init__(
        self,
        directory: Path,
        environment: dict[str, str],
        notebook: Notebook,
        over: threading.Event,
        seed: int,
    ) -> None:
        super().__init__(name="importer", daemon=True)
        self.running: subprocess.Popen[str] | None = None
        self.files = 0
        self._directory = directory
        self._environment = environment
        self._notebook = notebook
        self._over = over
        self._chance = random.Random(f"{seed}:importer")
        self._rows: list[tuple[str, ...]] = []

    def run(self) -> None:
        while not self._over.wait(self._chance.uniform(0.2, 1.0)):
            batch = self._write()
            # A killed one is run again with the same file, or never.
            for _ in range(self._chance.randint(1, 2)):
                if self._import(batch) or self._over.is_set():
                    break

    def import_again(self) -> tuple[Report | None, set[str]]:
        """All files in one, and which orders were rejected; None where it did not come to its end."""
        file = self._directory / "again.csv"
        _write(file, self._rows)
        return _read_report(self._run(file)), read_rejected(file)

    def _write(self) -> Batch:
        self.files += 1
        number, label = self.files, self._notebook.label
        good = [f"{label}i-{number}-{n}" for n in range(self._chance.choice((5, 40, 150)))]
        bad = [f"{label}i-{number}-{BAD}"] if self._chance.random() < 0.3 else []
        rows = []
        for key in good + bad:
            member = self._chance.choice(MEMBERS) if key in good else "nobody"
            when = datetime.now(UTC).isoformat()
            for sku in self._chance.sample(["bread", "milk", "tea"], self._chance.randint(1, 2)):
                cents = self._chance.randrange(3_000)
                rows.append((key, member, when, sku, "1", f"{cents // 100}.{cents % 100:02}"))
            self._notebook.ask(Ask(key, Kind.IMPORT, member, "", {}))
        self._rows += rows
        file = self._directory / f"orders-{label}{number}.csv"
        _write(file, rows)
        return Batch(file, good, bad)

    def _import(self, batch: Batch) -> bool:
        """True where it was told how it went."""
        report = _read_report(self._run(batch.file))
        rejected = read_rejected(batch.file)
        for key in batch.good + batch.bad:
            self._notebook.tell(Told(key, 0, 0, report and status_of(key, rejected)))
        return report is not None

    def _run(self, file: Path) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "regulars.cli", "import", "orders", str(file)]
        with (self._directory / "import.err").open("a") as errors:
            self.running = subprocess.Popen(
                command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        try:
            self.running.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.running.kill()
            self.running.wait()
        done, self.running = self.running, None
        return done


def status_of(key: str, rejected: set[str]) -> int:
    """What an import that came to its end says of one order: that it is in, or that it is rejected."""
    return NOT_TAKEN if key in rejected else CREATED


def read_rejected(file: Path) -> set[str]:
    """Orders in the rejects file: of an unknown member, or yet to come where the clock was set back."""
    rejects = file.with_name(f"{file.stem}.rejects.csv")
    if not rejects.exists():
        return set()
    with rejects.open(newline="") as opened:
        return {row["order_id"] for row in csv.DictReader(opened)}


def _read_report(done: "subprocess.Popen[str]") -> Report | None:
    # Exit code 1 also says that the database was away; only the report says that rows were rejected.
    said = _SAID.search(done.stdout.read()) if done.stdout else None
    if done.returncode not in {IMPORTED, SOME_REJECTED} or said is None:
        return None
    return Report(*(int(count.replace(",", "")) for count in said.groups()))


def _write(file: Path, rows: list[tuple[str, ...]]) -> None:
    with file.open("w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(COLUMNS)
        writer.writerows(rows)
