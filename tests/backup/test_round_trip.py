"""A backup taken while a shop is at work, restored elsewhere: it proves, and holds a state that there was."""

import json
import re
import shutil
import subprocess
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.backup.consistency import Order, find_faults
from tests.backup.shop import MORE, SIGNING_KEY, in_turn, look, look_at_files
from tests.backup.till import Till
from tests.cli.terminal import Up, regulars
from tests.postgres.processes import list_postgres

pytestmark = pytest.mark.slow  # whole installations: one at work, one restored

TILLS = 6
ORDER = re.compile(r"[(,](T\d+-\d+),")


def wait_for_orders(tills: list[Till], count: int) -> None:
    deadline = time.monotonic() + 60
    while sum(len(till.orders) for till in tills) < count:
        assert not any(till.failure for till in tills), [till.failure for till in tills]
        assert time.monotonic() < deadline, "the tills stand still"
        time.sleep(0.02)


@dataclass(frozen=True, slots=True)
class Day:
    """A shop at work while it was backed up, and the copy that was restored from it."""

    file: Path
    said: str
    copy: Path
    began_at: float
    sent: list[Order]
    files: dict[str, bytes]


@pytest.fixture(scope="module")
def day(shop_once: Path) -> Iterator[Day]:
    parent = Path(tempfile.mkdtemp(prefix="backup-"))
    shop, copy, file, over = parent / "shop", parent / "copy", parent / "busy.backup", threading.Event()
    subprocess.run(["cp", "-a", shop_once, shop], check=True)
    files = look_at_files(shop)
    secret = regulars(shop, "key", "create", "till", "--scope", "orders:write").stdout.strip()
    with Up(shop, REGULARS_API_RATE="1000000") as up:
        tills = [Till(number, up.port, secret, over) for number in range(TILLS)]
        try:
            for till in tills:
                till.start()
            wait_for_orders(tills, 60)
            began_at = time.monotonic()
            done = regulars(shop, "backup", str(file))
            wait_for_orders(tills, sum(len(till.orders) for till in tills) + 20)
        finally:
            over.set()
            for till in tills:
                till.join(30)
        assert up.end() == 0
    assert done.returncode == 0, done.stderr
    restored = regulars(copy, "restore", str(file))
    assert restored.returncode == 0, restored.stderr
    assert "A replay of the ledger's history gave every balance." in restored.stdout
    yield Day(file, done.stdout, copy, began_at, [order for till in tills for order in till.orders], files)
    shutil.rmtree(parent)


def test_a_backup_under_load_is_a_state_that_there_was(day: Day) -> None:
    found = set(ORDER.findall(look(day.copy)["activity_order"]))
    assert find_faults(day.sent, found, began_at=day.began_at) == []
    before = {o.name for o in day.sent if o.answered_at is not None and o.answered_at < day.began_at}
    assert 60 <= len(before) <= len(found) < len(day.sent), "nothing was going on"
    # Negative control: one that was acknowledged in time is taken away.
    assert find_faults(day.sent, found - {min(before)}, began_at=day.began_at)


def test_files_come_back_and_keys_stay_private(day: Day) -> None:
    files = look_at_files(day.copy)
    kept = {name for name in files if name.startswith("before-restore-")}
    assert {name.rsplit("/", 1)[1] for name in kept} == {"secret_key"}  # one that the command itself made
    assert {name: content for name, content in files.items() if name not in kept} == day.files
    assert (day.copy / SIGNING_KEY).stat().st_mode & 0o077 == 0
    assert list_postgres(day.copy) == []


def test_the_file_is_private_plain_and_whole(day: Day) -> None:
    assert day.file.stat().st_mode & 0o777 == 0o600
    assert "personal data and keys" in day.said
    assert not list(day.file.parent.glob(".*"))
    listed = subprocess.run(["tar", "-tf", day.file], check=True, capture_output=True, text=True)
    names = listed.stdout.split()
    assert (names[0], names[-2:]) == ("database.dump", ["manifest.json", "manifest.sha256"])
    with tarfile.open(day.file) as archive:
        manifest = json.load(archive.extractfile("manifest.json") or pytest.fail("no manifest"))
    assert manifest["contents"]["tables"]["activity_order"]["rows"] > 400
    assert manifest["contents"]["totals"]["points"]["issued"] > 0


def test_what_was_restored_goes_on_and_the_file_is_read_without_a_database(day: Day) -> None:
    orders = day.copy.parent / "more.csv"
    orders.write_text(MORE)
    more = in_turn(day.copy, ["restore", "--check", str(day.file)], ["import", "orders", str(orders)])
    assert more.returncode == 0, more.stderr
    assert "is whole" in more.stdout
    assert "1 order new" in more.stdout
