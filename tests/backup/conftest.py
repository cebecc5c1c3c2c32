"""A shop with members and orders, made once and copied."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from regulars.postgres import facade as postgres
from tests.backup.shop import MEMBERS, ORDERS, SIGNING_KEY, in_turn
from tests.cli.terminal import make_installed, regulars
from tests.once import make_once


@pytest.fixture(scope="session")
def shop_once(pytestconfig: pytest.Config) -> Path:
    """A data directory with members, orders, a picture and a key, and nothing running; to be copied."""
    return make_once(pytestconfig, "shop", partial(_open_shop, make_installed(pytestconfig))) / "data"


def _open_shop(installed: Path, place: Path) -> None:
    data, members, orders = place / "data", place / "members.csv", place / "orders.csv"
    subprocess.run(["cp", "-a", installed, data], check=True)
    members.write_text(MEMBERS)
    orders.write_text(ORDERS)
    done = in_turn(data, ["import", "members", str(members)], ["import", "orders", str(orders)])
    assert done.returncode == 0, done.stderr
    (data / "media/rewards").mkdir(parents=True)
    (data / "media/rewards/mug.png").write_bytes(b"\x89PNG " + bytes(range(256)) * 8_000)
    (data / SIGNING_KEY).write_text("a key that nobody can make again")


@pytest.fixture
def place() -> Iterator[Path]:
    """An empty directory; servers of data directories in it are stopped afterwards."""
    parent = Path(tempfile.mkdtemp(prefix="backup-"))
    yield parent
    for data in parent.iterdir():
        if data.is_dir() and postgres.is_running(data):
            postgres.attach(data).close()
    shutil.rmtree(parent)


@pytest.fixture
def shop(place: Path, shop_once: Path) -> Path:
    """A copy of the shop's data directory."""
    subprocess.run(["cp", "-a", shop_once, place / "shop"], check=True)
    return place / "shop"


@pytest.fixture(scope="session")
def backup_once(pytestconfig: pytest.Config, shop_once: Path) -> Path:
    """A backup of the shop, not to be changed."""
    return make_once(pytestconfig, "backup", partial(_back_up, shop_once)) / "shop.backup"


def _back_up(shop: Path, place: Path) -> None:
    file, copy = place / "shop.backup", place / "data"
    subprocess.run(["cp", "-a", shop, copy], check=True)
    done = regulars(copy, "backup", str(file))
    assert done.returncode == 0, done.stderr
    os.chmod(file, 0o400)  # noqa: PTH101
