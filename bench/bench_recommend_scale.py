"""Features and scores of 1 ×, 10 × and 100 × the members of the real year, in this process and on Spark.

    REGULARS_DATA=… .venv/bin/python -m bench.bench_recommend_scale [--times 1 10 100] [--blocks N]
        [--tenth] [--engines here spark] [--to DIRECTORY]

The data directory holds the loaded demonstration. Copies are members of their own, each of whom lacks another
fifth of what they buy; products stay, and are compared where as large a share of members bought them as ten
households of the year are. Rankers are learnt once, of the year, and kept beside the copies: learning them is
not in the figures, as it does not grow beyond 25,000 members. `--blocks` scores so many blocks of those there
are; all else is done for everybody. `--tenth` leaves each member a tenth of the orders, others in each copy.
Nothing is written to the database. Each point is a process of its own; Spark is a standalone cluster on the
loopback, with two workers of a processor each.
"""

import argparse
import hashlib
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

HOUSEHOLDS, BUYERS, KEPT_SHARE = 2_469, 10, 0.85
"""Of the year, and how many of an item's buyers a thinned copy has left, about."""
MEGABYTE = 1024 * 1024
FIFTH = {"order_lines": "copy.number = 0 OR hash(rows.member_id, rows.sku, copy.number) % 5 > 0"}
TENTH = {
    name: f"hash({key}, copy.number) % 10 = 0"
    for name, key in (
        ("order_lines", "rows.order_id"),
        ("orders", "rows.order_id"),
        ("ledger", "rows.member_id, rows.occurred_on"),
    )
}
"""Which rows of a copy are kept: all but a fifth of what a member buys; a tenth of orders and postings."""


def main() -> None:
    """A process for each point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, nargs="*", default=[1, 10, 100])
    parser.add_argument("--engines", nargs="*", default=["here", "spark"])
    parser.add_argument("--blocks", type=int, help="score so many blocks only")
    parser.add_argument("--tenth", action="store_true", help="with a tenth of each member's orders")
    parser.add_argument("--to", help="keep the copies here")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    given = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "regulars.config.settings"
    import django

    django.setup()
    from regulars.cli.startup import database

    with tempfile.TemporaryDirectory(prefix="regulars-scale-") as temporary, database():
        target = Path(given.to or temporary) / ("tenth" if given.tenth else "whole")
        if given.step:
            engine, times = given.step.split(":")
            measure(engine, int(times), target, given.blocks, kept=TENTH if given.tenth else FIFTH)
            return
        for step in ("learn:1", *(f"{engine}:{times}" for times in given.times for engine in given.engines)):
            command = [sys.executable, "-W", "ignore", "-m", "bench.bench_recommend_scale", "--step", step]
            more = ["--blocks", str(given.blocks)] if given.blocks else []
            more += ["--tenth"] if given.tenth else []
            subprocess.run([*command, "--to", given.to or temporary, *more], check=True)


def measure(engine: str, times: int, target: Path, blocks: int | None, kept: dict[str, str]) -> None:
    """One point: read, learn what is shared, count, score."""
    from bench.copies import hold_copies

    target.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        watched = stack.enter_context(_open_cluster()) if engine == "spark" else None
        there = watched.backend if watched else None
        facts = stack.enter_context(hold_copies(times, target, kept=kept, there=there))
        if engine == "learn":
            learn_rankers(facts, target)
        else:
            Point(facts, target, watched).run(times, blocks)


def learn_rankers(facts: Any, target: Path) -> None:
    """Rankers of the year, as text, unless they are there."""
    from regulars.recommend.codes import Task
    from regulars.recommend.learning.models.twostage.ranker import train_rankers
    from regulars.recommend.learning.splits import Split
    from regulars.recommend.learning.trial import place_lessons
    from regulars.recommend.operations.purchases import read_shop

    if all((target / f"{task.value}.trees").exists() for task in Task):
        return
    dataset = read_shop(facts, datetime.now(UTC)).dataset
    lessons = place_lessons(dataset, Split(dataset.after, dataset.after + 56), 56)
    for task, trees in train_rankers(dataset, lessons, buyers_min=BUYERS).items():
        (target / f"{task.value}.trees").write_text(trees.model_to_string(), encoding="utf-8")


@dataclass
class Watched:
    """A cluster, and what its processes take: seconds of CPU, and megabytes at most, in all and of the
    largest process of Python.
    """

    backend: Any
    master: int
    cpu: dict[int, float] = field(default_factory=dict)
    memory: int = 0
    largest: int = 0

    def look(self) -> None:
        """Note what they take now."""
        total = 0
        for process in psutil.Process(self.master).children(recursive=True):
            try:
                taken, times = process.memory_info().rss, process.cpu_times()
                is_python = "python" in process.name()
            except psutil.Error:
                continue
            self.cpu[process.pid] = times.user + times.system
            total += taken
            self.largest = max(self.largest, taken if is_python else 0)
        self.memory = max(self.memory, total)


@contextmanager
def _open_cluster() -> Iterator[Watched]:
    from tests.spark_cluster import SMALL, run_cluster

    from regulars.facts.facade import open_spark

    options = {
        name: value for name, value in SMALL.items() if "codegen" not in name and "Options" not in name
    }
    with run_cluster() as address:
        more = {
            "spark.executor.memory": "1g",
            "spark.driver.memory": "2g",
            "spark.driver.maxResultSize": "2g",
        }
        backend = open_spark(address, options=options | more)
        watched = Watched(backend, os.getpid())
        done = threading.Event()

        def watch() -> None:
            while not done.wait(0.5):
                watched.look()

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield watched
        finally:
            done.set()
            thread.join()
            backend.disconnect()


class Point:
    """What is timed, phase by phase."""

    def __init__(self, facts: Any, target: Path, watched: Watched | None) -> None:
        self.facts, self.target, self.watched = facts, target, watched
        self.told: list[str] = []

    @contextmanager
    def _time(self, name: str) -> Iterator[None]:
        begun, worked = time.monotonic(), self._cpu()
        yield
        self.told.append(f"{name} {time.monotonic() - begun:.0f} s (CPU {self._cpu() - worked:.0f} s)")
        print(f"  … {self.told[-1]}, {_memory():,} MB at most so far", flush=True)

    def _cpu(self) -> float:
        if self.watched:
            self.watched.look()
        return time.process_time() + (sum(self.watched.cpu.values()) if self.watched else 0)

    def run(self, times: int, most: int | None) -> None:
        """Do it, and print a line."""
        import lightgbm

        from regulars.recommend.codes import Task
        from regulars.recommend.learning.blocks import count_blocks, mix
        from regulars.recommend.operations import scoring
        from regulars.recommend.operations.purchases import read_shop
        from regulars.recommend.operations.rows import list_sources
        from regulars.recommend.operations.running.blocks import choose_first, hold_blocks

        load, begun = os.getloadavg()[0], time.monotonic()
        trees = {task: (self.target / f"{task.value}.trees").read_text("utf-8") for task in Task}
        rankers = {task: lightgbm.Booster(model_str=text) for task, text in trees.items()}
        scoring._read_rankers = lambda *_: rankers
        scoring.choose_buyers_min = _choose_buyers_min
        with self._time("read"):
            shop = read_shop(self.facts, datetime.now(UTC))
        members, blocks = len(shop.members), count_blocks(len(shop.members))
        some = min(blocks, most or blocks)
        sources = list_sources(shop.facts, shop.as_of)
        with self._time("learn"):
            rows = {task: _Row(1, "two_stage") for task in Task}
            learning = scoring.Learning(shop, rows, choose_first(self.facts), datetime.now(UTC))
        items = learning.history.shape[1]
        print(f"  … {members:,} members, {len(shop.dataset.member_ids):,} teach, {items:,} items", flush=True)
        with ExitStack() as stack:
            with self._time("hold"):
                runner = stack.enter_context(hold_blocks(self.facts, sources, blocks))
            with self._time("count"):
                counted = learning.count(runner)
            job = learning.make_job(counted)
            del learning, shop
            if some < blocks:
                sources = [one.filter(mix(one.member_id) % blocks < some) for one in sources]
                runner = stack.enter_context(hold_blocks(self.facts, sources, blocks))
            with self._time(f"score {some} of {blocks} blocks"):
                rows_count, digest = _sum_up(runner.run(job))
        where = "Spark" if self.watched else "here"
        cluster = (
            f"; its processes {self.watched.memory // MEGABYTE:,} MB, the largest of Python"
            f" {self.watched.largest // MEGABYTE:,} MB"
            if self.watched
            else ""
        )
        print(
            f"{times} ×, {where}: {members:,} members, {items:,} items, {rows_count:,} rows ({digest}); "
            f"{'; '.join(self.told)}; all {time.monotonic() - begun:.0f} s at a load of {load:.0f}; "
            f"driver {_memory():,} MB{cluster}",
            flush=True,
        )


def _sum_up(batches: Iterator[Any]) -> tuple[int, str]:
    """How many rows came, and what all of them are, whatever their order."""
    count = total = 0
    for batch in batches:
        for row in batch.to_pylist():
            count += 1
            total += int.from_bytes(hashlib.blake2b(repr(row).encode(), digest_size=8).digest())
    return count, f"{total % 2**64:016x}"


@dataclass
class _Row:
    pk: int
    kind: str


def _choose_buyers_min(dataset: Any) -> int:
    """As large a share of who teaches as ten households are of the year's."""
    more = len(dataset.member_ids) / HOUSEHOLDS
    return BUYERS if more < 2 else round(BUYERS * more * KEPT_SHARE)


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
