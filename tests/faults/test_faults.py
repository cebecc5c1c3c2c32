"""A short campaign (`make soak` runs long ones): all is broken once, and nothing is lost or doubled."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.faults.asks import Kind
from tests.faults.injuries import INJURIES
from tests.faults.sabotage import GUARDS

# One campaign for all tests here: an installation, started three times and hurt fifteen times.
pytestmark = pytest.mark.slow

SHORT = ["--seconds", "10", "--gap", "0.3", "--pause", "0.2", "--again", "15"]
SECONDS_MAX = 900


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What was counted. The harness says in its table what else there is to say."""
    file = tmp_path_factory.mktemp("faults") / "figures.json"
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults", *SHORT, "--figures", str(file)],
        cwd=Path(__file__).parents[2],
        env={
            name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "PORT", "HOST"}
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as harness:
        try:
            said, _ = harness.communicate(timeout=SECONDS_MAX)
        except subprocess.TimeoutExpired:
            harness.terminate()  # it tidies up
            said, _ = harness.communicate(timeout=120)
    print(said)
    assert file.exists(), "the harness itself is broken"
    counted: dict[str, Any] = json.loads(file.read_text())
    return counted


def test_nothing_is_lost_nothing_doubled_and_all_sums_agree(figures: dict[str, Any]) -> None:
    assert figures["sentences"] == []
    assert set(figures["faults"].values()) == {0}


def test_everything_was_broken_and_everything_was_asked(figures: dict[str, Any]) -> None:
    """Zeros say little where little was done."""
    assert all(figures["injuries"][name] >= 1 for name in INJURIES if name not in figures["skipped"])
    operations = figures["operations"]
    assert set(operations) == set(Kind)
    assert all(operations[kind]["asked again"] >= 1 for kind in operations)
    for group in ("earn", "spend", "reverse", "hold", "bulk import"):
        assert sum(n["acknowledged"] for kind, n in operations.items() if kind.startswith(group)) >= 1
    for verdict in ("acknowledged", "refused", "unknown"):
        assert sum(counts[verdict] for counts in operations.values()) >= 1
    assert figures["files"] >= 1
    assert figures["sweeps"] >= 1
    assert figures["held_meanwhile"] >= 1


def test_a_full_disk_was_among_it(figures: dict[str, Any]) -> None:
    if reason := figures["skipped"].get("disk filled"):
        pytest.skip(f"the disk could not be filled: {reason}")
    assert figures["injuries"]["disk filled"] >= 1


@pytest.mark.parametrize("guard", GUARDS)
def test_without_a_guard_the_judge_finds_what_it_keeps_away(figures: dict[str, Any], guard: str) -> None:
    """Negative control: the same clients and the same judge, one guard of the database taken away."""
    assert figures["controls"][guard]["found"] >= 1
