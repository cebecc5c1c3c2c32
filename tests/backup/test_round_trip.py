"""A backup taken while a shop is at work, restored elsewhere: it proves, and holds a state that there was."""

import json
import subprocess
import tarfile
import threading
import time
from pathlib import Path

import pytest

from tests.backup.consistency import find_faults
from tests.backup.shop import SIGNING_KEY, look, look_at_files
from tests.backup.till import Till
from tests.cli.terminal import Up, regulars
from tests.postgres.processes import list_postgres

pytestmark = pytest.mark.slow  # whole installations: one at work, one restored

TILLS = 6


def wait_for_orders(tills: list[Till], count: int) -> None:
    deadline = time.monotonic() + 60
    while sum(len(till.orders) for till in tills) < count:
        assert not any(till.failure for till in tills), [till.failure for till in tills]
        assert time.monotonic() < deadline, "the tills stand still"
        time.sleep(0.02)


def test_a_backup_under_load_is_a_state_that_there_was(shop: Path, place: Path) -> None:
    file, copy, over = place / "busy.backup", place / "copy", threading.Event()
    secret = regulars(shop, "key", "create", "till", "--scope", "orders:write").stdout.strip()
    with Up(shop, REGULARS_API_RATE="1000000") as up:
        tills = [Till(number, up.port, secret, over) for number in range(TILLS)]
        try:
            for till in tills:
                till.start()
            wait_for_orders(tills, 60)
            began_at = time.monotonic()
            done = regulars(shop, "backup", str(file))
            ended_with = sum(len(till.orders) for till in tills)
            wait_for_orders(tills, ended_with + 20)
        finally:
            over.set()
            for till in tills:
                till.join(30)
        assert up.end() == 0
    assert done.returncode == 0, done.stderr
    restored = regulars(copy, "restore", str(file))
    assert restored.returncode == 0, restored.stderr
    assert "A replay of the ledger's history gave every balance." in restored.stdout

    sent = [order for till in tills for order in till.orders]
    found = {line for line in look(copy)["activity_order"].replace("(", ",").split(",") if line[:1] == "T"}
    assert find_faults(sent, found, began_at=began_at) == []
    before = {order.name for order in sent if order.answered_at is not None and order.answered_at < began_at}
    assert 60 <= len(before) <= len(found) < len(sent), "nothing was going on"
    # Negative control: one that was acknowledged in time is taken away.
    assert find_faults(sent, found - {min(before)}, began_at=began_at)


def test_the_copy_is_the_original_and_goes_on(shop: Path, place: Path, backup_once: Path) -> None:
    copy = place / "copy"
    assert regulars(copy, "restore", str(backup_once)).returncode == 0
    assert look(copy) == look(shop)
    assert list_postgres(copy) == []
    files = look_at_files(copy)
    kept = {name for name in files if name.startswith("before-restore-")}
    assert {name.rsplit("/", 1)[1] for name in kept} == {"secret_key"}  # one that the command itself made
    assert {name: content for name, content in files.items() if name not in kept} == look_at_files(shop)
    assert (copy / SIGNING_KEY).stat().st_mode & 0o077 == 0
    orders = place / "more.csv"
    orders.write_text("order_id,member_id,occurred_at,sku,quantity,amount\nB1,m1,2026-09-09,bread,1,9.50\n")
    more = regulars(copy, "import", "orders", str(orders))
    assert "1 order new" in more.stdout, more.stdout + more.stderr
    proof = regulars(copy, "doctor", "--ledger")
    assert proof.returncode == 0, proof.stdout


def test_the_file_is_private_plain_and_whole(shop_once: Path, place: Path, backup_once: Path) -> None:
    done = regulars(shop_once, "backup", str(place))
    assert done.returncode == 0, done.stderr
    (file,) = place.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert "personal data and keys" in done.stdout
    listed = subprocess.run(["tar", "-tf", file], check=True, capture_output=True, text=True).stdout.split()
    assert listed[0] == "database.dump"
    assert listed[-2:] == ["manifest.json", "manifest.sha256"]
    with tarfile.open(file) as archive:
        manifest = json.load(archive.extractfile("manifest.json") or pytest.fail("no manifest"))
    assert manifest["contents"]["tables"]["activity_order"]["rows"] == 400
    assert manifest["contents"]["totals"]["points"]["issued"] > 0
    checked = regulars(place / "unused", "restore", "--check", str(file))
    assert (checked.returncode, "is whole" in checked.stdout) == (0, True), checked.stderr
    assert not (place / "unused/postgres").exists()
