import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from regulars.postgres import facade as postgres
from tests.cli.terminal import make_installed


@pytest.fixture(scope="session")
def installed_once(pytestconfig: pytest.Config) -> Path:
    """A data directory after `regulars migrate`, with nothing running; to be copied."""
    return make_installed(pytestconfig)


@pytest.fixture
def fresh_dir() -> Iterator[Path]:
    """A data directory yet to be made; what still runs in it is stopped."""
    parent = Path(tempfile.mkdtemp(prefix="cli-"))
    yield parent / "data"
    if postgres.is_running(parent / "data"):
        postgres.attach(parent / "data").close()
    shutil.rmtree(parent)


@pytest.fixture
def data_dir(fresh_dir: Path, installed_once: Path) -> Path:
    """A data directory ready for work."""
    subprocess.run(["cp", "-a", installed_once, fresh_dir], check=True)
    return fresh_dir


@pytest.fixture
def served_dir(data_dir: Path) -> Iterator[Path]:
    """The same with its server running, so that not every one of many commands starts and stops it."""
    with postgres.attach(data_dir):
        yield data_dir
