"""kill -9 while rewards are redeemed, of the client or the database: nothing is lost, nothing there twice."""

import contextlib
import copy
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from regulars.postgres import facade as postgres
from tests.cli.terminal import environment, wait_until
from tests.faults.books import find_faults
from tests.faults.wishes import SEED, WISHES
from tests.postgres.processes import ask, connect, postmaster_pid

# One world for all tests here: a fresh database, and eight tills, six of them killed at work.
pytestmark = pytest.mark.slow

Day = tuple[list[dict[str, Any]], dict[str, Any]]
KILLS = 3
ROWS = "SELECT count(*) FROM redemption_redemption"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%ledger_%'"
SESSIONS = (
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE backend_type = 'client backend' AND application_name <> 'watcher' AND pid <> pg_backend_pid()"
)


@dataclass(slots=True)
class World:
    """A data directory of its own, and the file of what the till was told."""

    data_dir: Path

    @property
    def file(self) -> Path:
        return self.data_dir.parent / "told.jsonl"

    def told(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.file.read_text().splitlines()]

    def till(self, command: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "tests.faults.till", command, str(self.file)],
            cwd=Path(__file__).parents[2],
            env=environment(self.data_dir, DJANGO_SETTINGS_MODULE="regulars.config.settings"),
            stdout=subprocess.PIPE,
            text=True,
        )

    def finish(self, command: str) -> str:
        with self.till(command) as process:
            said, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        return said

    @contextlib.contextmanager
    def killed(self, command: str = "work") -> "Iterator[subprocess.Popen[str]]":
        """A till at work, killed at the end of the block, where it still has work to do."""
        process = self.till(command)
        try:
            yield process
            assert process.poll() is None, "it was over before it was killed"
        finally:
            process.kill()
            process.communicate()

    def wait_for_answers(self, process: "subprocess.Popen[str]", count: int) -> None:
        until = len(self.told()) + count

        def is_there() -> bool:
            assert process.poll() is None, "it ended by itself"
            return len(self.told()) >= until

        wait_until(is_there)


def kill_the_till(world: World, chance: random.Random) -> None:
    """After some answers, at any moment on the way to the next ones."""
    with world.killed() as process:
        world.wait_for_answers(process, chance.randrange(1, 25))
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(chance.uniform(0, 0.05))


def kill_the_till_in_the_midst(world: World) -> None:
    """With the unit taken and the points not yet: every wallet is kept from it. Nothing of it may stay."""
    # What the till killed before was doing may just be coming to its end.
    wait_until(lambda: ask(world.data_dir, SESSIONS) == 0)
    done = ask(world.data_dir, ROWS)
    with connect(world.data_dir) as watcher:
        watcher.execute("SET application_name = 'watcher'")
        with watcher.transaction():
            watcher.execute("SELECT 1 FROM ledger_wallet FOR UPDATE")
            with world.killed():
                wait_until(lambda: ask(world.data_dir, WAITING) >= 1)
        wait_until(lambda: ask(world.data_dir, SESSIONS) == 0)
    assert ask(world.data_dir, ROWS) == done


def kill_the_server(world: World) -> None:
    """The till starts it again and goes on; in the end the till is killed as well."""
    with world.killed() as process:
        world.wait_for_answers(process, 10)
        before = postmaster_pid(world.data_dir)
        os.kill(before, signal.SIGKILL)
        world.wait_for_answers(process, 20)
        assert postmaster_pid(world.data_dir) != before


def kill_the_till_before_it_hears(world: World) -> None:
    """Redeemed, and the answers lost on the way."""
    done = ask(world.data_dir, ROWS)
    with world.killed("mute"):
        wait_until(lambda: ask(world.data_dir, ROWS) >= done + 5)


@pytest.fixture(scope="module")
def day() -> Iterator[Day]:
    """What a till was told between its kills, and what a review found afterwards."""
    parent = Path(tempfile.mkdtemp(prefix="faults-"))
    world = World(parent / "data")
    chance = random.Random(SEED)
    try:
        with postgres.attach(world.data_dir):
            world.finish("open")
            world.file.touch()
            for _ in range(KILLS):
                kill_the_till(world, chance)
            kill_the_till_in_the_midst(world)
            kill_the_server(world)
            kill_the_till_before_it_hears(world)
            yield world.told(), json.loads(world.finish("review"))
    finally:
        shutil.rmtree(parent)


def test_every_answer_holds_and_nothing_is_there_twice(day: Day) -> None:
    told, review = day
    assert find_faults(told, review) == []


def test_the_day_shows_what_it_should(day: Day) -> None:
    """Answered, done without an answer, and never begun: keys of each kind were asked again."""
    told, review = day
    heard = {line["key"] for line in told}
    done = {row["key"] for row in review["before"]["rows"]}
    assert len(done & heard) >= KILLS
    assert len(done - heard) >= 1
    assert 1 <= len({answer["key"] for answer in review["asked"]} - heard - done) < WISHES
    states = {row["state"] for row in review["before"]["rows"]}
    assert {"confirmed", "cancelled"} <= states
    assert any("refused" in answer for answer in review["asked"])


def test_one_paid_for_twice_is_found_out(day: Day) -> None:
    """Negative control: a second spend under another key. The ledger agrees with itself; the books do not."""
    told, review = day
    assert review["doubled"]["proved"]
    faults = find_faults(told, review | {"after": review["doubled"]})
    assert any("moved without a redemption" in fault for fault in faults)
    assert any("follow" in fault for fault in faults)


def lose_an_answered_one(told: list[dict[str, Any]], review: dict[str, Any]) -> None:
    answered = next(line["key"] for line in told if "id" in line)
    rows = review["before"]["rows"]
    rows.remove(next(row for row in rows if row["key"] == answered))


def redeem_again_under_a_key(told: list[dict[str, Any]], review: dict[str, Any]) -> None:
    row = review["after"]["rows"][0]
    review["after"]["rows"].append(row | {"id": row["id"] + 10_000, "reference": "ANOTHER"})


def answer_a_key_anew(told: list[dict[str, Any]], review: dict[str, Any]) -> None:
    answered = {line["key"] for line in told if "id" in line}
    next(answer for answer in review["asked"] if answer["key"] in answered)["replayed"] = False


def hand_a_code_out_twice(told: list[dict[str, Any]], review: dict[str, Any]) -> None:
    first, second, *_ = (row for row in review["after"]["rows"] if row["code"])
    second["code"] = first["code"]


def take_a_unit_for_nothing(told: list[dict[str, Any]], review: dict[str, Any]) -> None:
    review["after"]["taken"]["mug"] += 1


def give_one_for_nothing(told: list[dict[str, Any]], review: dict[str, Any]) -> None:
    moves = review["after"]["moves"]
    moves.remove(next(move for move in moves if move[1] == "spend"))


def go_back_on_an_answer(told: list[dict[str, Any]], review: dict[str, Any]) -> None:
    confirmed = {line["key"] for line in told if line.get("state") == "confirmed"}
    next(row for row in review["before"]["rows"] if row["key"] in confirmed)["state"] = "reserved"


@pytest.mark.parametrize(
    "spoil",
    [
        lose_an_answered_one,
        redeem_again_under_a_key,
        answer_a_key_anew,
        hand_a_code_out_twice,
        take_a_unit_for_nothing,
        give_one_for_nothing,
        go_back_on_an_answer,
    ],
)
def test_every_kind_of_fault_is_found(
    day: Day, spoil: Callable[[list[dict[str, Any]], dict[str, Any]], None]
) -> None:
    """Negative control: the same books, spoilt in one place."""
    told, review = copy.deepcopy(day)
    spoil(told, review)
    assert find_faults(told, review)
