"""Killing an import at any moment and running it again loses no points and doubles none."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.rules import facade as rules
from regulars.tiers import facade as tiers
from tests.addresses import url_of_the_database
from tests.imports.world import NOW, open_shop, run, write_csv

ORDERS = 600
MEMBERS = 40
KILLS = 6


def rows_of(tag: str) -> list[tuple[str, ...]]:
    chance = random.Random(7)
    rows = []
    for number in range(ORDERS):
        member, day = f"{tag}-m{chance.randrange(MEMBERS)}", chance.randrange(300)
        when = f"2026-{1 + day // 30:02}-{1 + day % 28:02} {chance.randrange(24):02}:00"
        for sku in chance.sample(["bread", "milk", "tea"], chance.randint(1, 3)):
            cents = chance.randrange(3000)
            rows.append((f"{tag}-{number}", member, when, sku, "1", f"{cents // 100}.{cents % 100:02}"))
    return rows


def start(path: Path) -> subprocess.Popen[str]:
    environment = os.environ | {
        "DATABASE_URL": url_of_the_database(),
        "DJANGO_SETTINGS_MODULE": "regulars.config.settings",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "tests.imports.killed", str(path)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )


def state_of(tag: str) -> dict[str, tuple[object, ...]]:
    programme = rules.get_current_programme(NOW)
    ids = members.find_member_ids(f"{tag}-m{number}" for number in range(MEMBERS))
    balances = ledger.get_balances(list(ids.values()), NOW)
    standings = tiers.get_standings(list(ids.values()), programme, NOW)
    return {
        name.removeprefix(tag): (balances[one].active, standings[one].qualified, standings[one].tier)
        for name, one in ids.items()
    }


@pytest.mark.slow  # starts seven processes, each of which loads Django
def test_an_import_killed_again_and_again_ends_where_an_undisturbed_one_does(
    transactional_db, tmp_path
) -> None:
    open_shop()
    # The journal is for ever: what other tests posted in transactions of their own is there still.
    before = ledger.get_totals(NOW)
    run("orders", write_csv(tmp_path / "calm.csv", rows_of("calm")), create_members=True)
    calm = ledger.get_totals(NOW)
    path = write_csv(tmp_path / "killed.csv", rows_of("killed"))
    chance = random.Random(11)
    interrupted = 0
    for _ in range(KILLS):
        process = start(path)
        assert process.stdout is not None
        process.stdout.readline()  # the first batch is in; now it may end anywhere
        time.sleep(chance.uniform(0, 0.4))
        process.send_signal(signal.SIGKILL)
        said = process.communicate()[0]
        interrupted += "new" not in said
    assert interrupted, "every run was over before it was killed: the test shows nothing"
    last = start(path)
    said = last.communicate(timeout=120)[0].splitlines()[-1]
    assert last.returncode == 0
    counted = dict(zip(said.split()[::2], map(int, said.split()[1::2]), strict=True))
    assert counted["new"] + counted["unchanged"] == ORDERS
    assert counted["rejected"] == 0
    assert state_of("killed") == state_of("calm")
    both = ledger.get_totals(NOW)
    assert both.issued - calm.issued == calm.issued - before.issued > 0
    assert both.entries - calm.entries == calm.entries - before.entries
    assert ledger.prove().ok
