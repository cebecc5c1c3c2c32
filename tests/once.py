"""What is costly to make and then only copied: made once for a run, by whichever of its processes asks first.

Loaded with `-p tests.once` (see pyproject.toml): the process that began the run tells the others the place.
"""

import fcntl
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PREFIX = "regulars-once-"
PLACE = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    told = getattr(config, "workerinput", {}).get(PREFIX)
    config.stash[PLACE] = Path(told or tempfile.mkdtemp(prefix=PREFIX))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput[PREFIX] = str(node.config.stash[PLACE])


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(config.stash[PLACE], ignore_errors=True)


def make_once(config: pytest.Config, name: str, make: Callable[[Path], None]) -> Path:
    """The directory that `make` filled, now or in another process before: to be copied, not to be changed."""
    made, making = config.stash[PLACE] / name, config.stash[PLACE] / f"{name}.making"
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(making, ignore_errors=True)  # of one that failed
            making.mkdir()
            make(making)
            making.rename(made)
    return made
