"""What a test run leaves behind when it is killed: nothing."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PARENT = """
import subprocess, sys, time
from tests.parent_death import die_with_parent
started = subprocess.Popen(["sleep", "60"], start_new_session=True, preexec_fn={how})
print(started.pid, flush=True)
time.sleep(60)
"""


def is_running(pid: int) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone tells children of their parent's end")
@pytest.mark.parametrize("how", ["die_with_parent", "None"])
def test_a_cluster_dies_with_the_run_that_started_it(how: str) -> None:
    """A child in a session of its own, as Spark's are, goes with its parent; the control outlives it."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT.format(how=how)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    if how == "None":
        assert is_running(child), "without it, an interrupted run leaves its processes"
        os.kill(child, signal.SIGKILL)
        return
    deadline = time.monotonic() + 20
    while is_running(child):
        assert time.monotonic() < deadline
        time.sleep(0.01)
