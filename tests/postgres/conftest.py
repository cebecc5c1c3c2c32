import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from regulars.postgres import facade as postgres
from tests.postgres.processes import FAST


@pytest.fixture(scope="session")
def made_once() -> Iterator[Path]:
    """A data directory with a stopped server, to be copied: making a cluster takes a second."""
    parent = Path(tempfile.mkdtemp(prefix="pg-"))
    postgres.attach(parent / "data", options=FAST).close()
    yield parent / "data"
    shutil.rmtree(parent)


@pytest.fixture
def fresh_dir() -> Iterator[Path]:
    """A data directory yet to be made, below a 0700 directory as in root's home."""
    parent = Path(tempfile.mkdtemp(prefix="pg-"))
    yield parent / "data"
    if postgres.is_running(parent / "data"):
        postgres.attach(parent / "data").close()
    shutil.rmtree(parent)


@pytest.fixture
def data_dir(fresh_dir: Path, made_once: Path) -> Path:
    """The same, with a cluster in it."""
    subprocess.run(["cp", "-a", made_once, fresh_dir], check=True)
    return fresh_dir


@pytest.fixture
def open_dir() -> Iterator[Path]:
    """A directory that every user may enter and write to."""
    directory = Path(tempfile.mkdtemp(prefix="pg-"))
    directory.chmod(0o1777)
    yield directory
    shutil.rmtree(directory)


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
