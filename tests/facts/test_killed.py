"""A sync killed with all written and nothing swapped: the former state is read on, the next one cleans."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time

import psycopg
import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from regulars.facts.models import FactsFile
from tests.facts.worlds import buy, months_written, open_shop, read_all, sync

# A process of its own loads Django and Arrow: three seconds.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
SYNC = """
import sys, django
django.setup()
from django.db import connection
connection.settings_dict.update(NAME=sys.argv[1])
from regulars.facts.facade import sync_facts
from regulars.kit.clock import utc_now
sync_facts(now=utc_now())
"""


def files_on_disk(root) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def test_a_killed_sync_leaves_the_former_state_and_the_next_one_cleans_up(facts_dir):
    ada, *_ = open_shop()
    sync()
    before, kept = read_all(), files_on_disk(facts_dir)
    buy(ada, "new", dt.datetime(2026, 8, 8, tzinfo=dt.UTC))
    told = connection.get_connection_params()
    address = make_conninfo(
        **{name: told[name] for name in ("dbname", "user", "host", "port") if name in told}
    )
    with psycopg.connect(address) as holding:
        # It can read the manifest and write files, and waits where it would swap them.
        holding.execute("LOCK TABLE facts_factsfile IN SHARE MODE")
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", SYNC, told["dbname"]],
            env=os.environ
            | {"DJANGO_SETTINGS_MODULE": "regulars.config.settings", "REGULARS_FACTS_DIR": str(facts_dir)},
        )
        try:
            deadline = time.monotonic() + 60
            while not files_on_disk(facts_dir) > kept or _find_waiting(holding) != "waits":
                assert process.poll() is None and time.monotonic() < deadline
                time.sleep(0.05)
        finally:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        left = files_on_disk(facts_dir) - kept
        assert {file.split("/")[0] for file in left} >= {"orders", "order_lines", "ledger"}
        assert read_all() == before
    part = facts_dir / "orders" / "2026-08" / "1234-2026-08.part"
    part.write_bytes(b"half a file")
    assert "2026-08" in months_written(sync())["orders"]
    assert len(read_all()["orders"]) == len(before["orders"]) + 1
    assert not part.exists()
    known = set(FactsFile.objects.values_list("file", flat=True))
    assert files_on_disk(facts_dir) - known <= kept, "only what readers may still have open"


def _find_waiting(holding: psycopg.Connection) -> str:
    """Whether somebody waits for the table that is held."""
    row = holding.execute(
        "SELECT count(*) FROM pg_locks WHERE relation = 'facts_factsfile'::regclass AND NOT granted"
    ).fetchone()
    return "waits" if row and row[0] else ""
