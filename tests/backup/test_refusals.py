"""What restoring refuses, and what a restore that breaks off leaves: everything as it was."""

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from regulars.postgres import facade as postgres
from tests.backup.shop import look, look_at_files
from tests.cli.terminal import COMMAND, environment, regulars
from tests.postgres.processes import connect

pytestmark = pytest.mark.slow  # processes that load Django, and databases of their own


@pytest.fixture(scope="module")
def tried(shop_once: Path, backup_once: Path) -> Iterator[dict[str, Any]]:
    """What came of every attempt. In one process: each start of an interpreter takes two seconds."""
    parent = Path(tempfile.mkdtemp(prefix="backup-"))
    subprocess.run(["cp", "-a", shop_once, parent / "shop"], check=True)
    shutil.copy(backup_once, parent / "given.backup")
    done = subprocess.run(
        [sys.executable, "-m", "tests.backup.refusing", parent / "given.backup"],
        cwd=Path(__file__).parents[2],
        env=environment(parent / "shop", DJANGO_SETTINGS_MODULE="regulars.config.settings"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    yield json.loads(done.stdout)
    shutil.rmtree(parent)


@pytest.mark.parametrize(
    ("attempt", "said"),
    [
        ("not asked to replace", "say --replace to lose what is there"),
        ("not alone", "Someone is at work on this database"),
        ("someone connected", "Someone is at work on this database"),
        ("newer", "made by a newer Regulars (0.1.0, with ledger.0999_from_the_future)"),
        ("another_sum", "The table ledger_wallet came out otherwise"),
        ("other_totals", "the totals of points are not those of the backup"),
        ("another_schema", "of the schema 'elsewhere'"),
        ("damaged", ""),
        ("tampered", "does not prove (member 1, points"),
        ("not ours", "not_ours, which is not of Regulars"),
    ],
)
def test_what_is_refused_changes_nothing(tried: dict[str, Any], attempt: str, said: str) -> None:
    result = tried[attempt]
    assert result["said"].endswith(".")
    assert said in result["said"]
    assert result["unchanged"]


def test_a_ledger_that_does_not_prove_is_taken_when_that_is_accepted(tried: dict[str, Any]) -> None:
    assert tried["tampered"]["accepted"]
    assert all(problem.startswith("member 1, points") for problem in tried["tampered"]["accepted"])
    assert not tried["tampered"]["is_proved"]


def test_tables_of_others_are_left_out_and_named(tried: dict[str, Any]) -> None:
    assert tried["left out"] == ["not_ours"]
    assert "not_ours" not in tried["kept"]
    assert "ledger_journal" in tried["kept"]


def test_a_backup_overwrites_nothing(tried: dict[str, Any]) -> None:
    assert tried["overwriting"] == {"said": tried["overwriting"]["said"], "unchanged": True}
    assert "a backup overwrites nothing" in tried["overwriting"]["said"]


def test_a_restore_that_is_killed_midway_leaves_what_was_there(
    shop: Path, place: Path, backup_once: Path
) -> None:
    with postgres.attach(shop), connect(shop) as connection:
        connection.execute("INSERT INTO django_session VALUES ('of today', '', now())")
    before, files = look(shop), look_at_files(shop)
    process = subprocess.Popen(
        [*COMMAND, "restore", "--replace", str(backup_once)],
        env=environment(shop),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_it_writes(shop, process)
    finally:
        process.kill()
        process.wait()
    assert look(shop) == before
    left = {name: content for name, content in look_at_files(shop).items() if ".restoring" not in name}
    assert left == files
    again = regulars(shop, "restore", "--replace", str(backup_once))
    assert again.returncode == 0, again.stderr
    assert look(shop)["django_session"] == ""
    assert look_at_files(shop) == files


def wait_until_it_writes(data_dir: Path, process: "subprocess.Popen[bytes]") -> None:
    """Until a transaction has begun to change the database. Watched from another database of the server."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, "it was over before it was killed"
        with (
            contextlib.suppress(psycopg.OperationalError),
            psycopg.connect(
                host=str(postgres.socket_dir(data_dir)),
                user=postgres.SUPERUSER,
                dbname="postgres",
                autocommit=True,
            ) as watcher,
        ):
            query = "SELECT 1 FROM pg_stat_activity WHERE datname = %s AND backend_xid IS NOT NULL"
            while process.poll() is None:
                if watcher.execute(query, [postgres.DATABASE]).fetchone():
                    return
        time.sleep(0.01)
    raise AssertionError("it never began")
