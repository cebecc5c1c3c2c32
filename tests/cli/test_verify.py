"""Sealing, statements, verification, from the terminal; the checker runs where there is nothing else."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from regulars.postgres import facade as postgres
from tests.cli.terminal import COMMAND, is_one_sentence, regulars

pytestmark = pytest.mark.slow  # each starts an interpreter, most of them Django and a database

ORDER = """order_id,member_id,occurred_at,sku,quantity,amount
web-1,ann,2026-11-20T10:15:00,ESPRESSO,2,18.50
web-2,ben,2026-11-20T11:15:00,MUG,1,12.00
"""


def verify(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The checker, on a machine without data directory, database and settings."""
    environment = {name: value for name, value in os.environ.items() if "REGULARS" not in name}
    environment |= {"REGULARS_DATA": "/proc/none", "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    return subprocess.run(
        [*COMMAND, "verify", *map(str, arguments)],
        env=environment | {"DJANGO_SETTINGS_MODULE": "no.such.settings"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_member_checks_a_statement_without_us(data_dir: Path, tmp_path: Path) -> None:
    orders, key = tmp_path / "orders.csv", tmp_path / "key.json"
    statement, published = tmp_path / "statement.json", tmp_path / "published"
    orders.write_text(ORDER)

    def run(*arguments: object) -> str:
        done = regulars(data_dir, *map(str, arguments))
        assert done.returncode == 0, done.stderr
        return done.stdout

    with postgres.attach(data_dir):  # so that not every command starts the server
        run("import", "orders", orders, "--create-members")
        assert run("ledger", "seal").startswith("Checkpoint 1: ")
        run("ledger", "key", "export", "-o", key)
        run("ledger", "key", "rotate", "--reason", "A year has passed")
        assert run("ledger", "seal").startswith("Checkpoint 2: 0 entries")
        run("ledger", "statement", "ann", "-o", statement)
        assert run("ledger", "checkpoints", "--export", published) == f"4 files written to {published}.\n"
        merged = run("member", "merge", "ben", "ann", "--reason", "one person")
        assert "Member #2 is merged into #1." in merged
        assert "stands for themselves" in run("member", "unmerge", "#2", "--reason", "two after all")
    assert "sealed by 2 signed checkpoints" in run("doctor", "--ledger")

    # The first key vouches for the second, and the checkpoint is the one that was published.
    done = verify(statement, statement, "--public-key", key, "--checkpoints", published)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "good  Checkpoints 1 to 2 are one chain" in done.stdout
    assert "good  statement.json: member 1, points: 1 entry up to" in done.stdout
    assert "the later statement continues the earlier one" in done.stdout
    assert done.stdout.count("is the one that was published") == 2


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A statement and its key, without a database: the example of the documentation."""
    directory = tmp_path_factory.mktemp("documents")
    from tests.proofs.example import write_example

    write_example(directory)
    yield directory


def test_each_thing_that_does_not_hold_is_a_sentence(documents: Path, tmp_path: Path) -> None:
    statement, key = documents / "statement.json", documents / "key.json"
    assert verify(statement, "--public-key", key).returncode == 0
    forged = tmp_path / "forged.json"
    forged.write_text(statement.read_text().replace('"amount": 100', '"amount": 900'))
    done = verify(forged, "--public-key", key)
    assert (done.returncode, done.stderr) == (1, "One thing does not hold.\n")
    assert "BAD   forged.json: member 7, points, entry 1: the balances" in done.stdout

    checkpoints = tmp_path / "checkpoints"
    checkpoints.mkdir()
    done = verify("--checkpoints", checkpoints, "--public-key", key)
    assert (done.returncode, done.stdout) == (1, "BAD   There are no checkpoints to look at.\n")


def test_what_cannot_be_read_is_told_in_a_sentence(documents: Path, tmp_path: Path) -> None:
    statement, key, broken = documents / "statement.json", documents / "key.json", tmp_path / "broken.json"
    broken.write_bytes(b"\xff")
    for arguments in ((broken, "--public-key", key), (statement, "--public-key", "no-such-file.pem")):
        done = verify(*arguments)
        assert (done.returncode, done.stdout, is_one_sentence(done.stderr)) == (2, "", True), done.stderr


def test_nothing_to_verify_is_wrong_usage(documents: Path) -> None:
    done = verify("--public-key", documents / "key.json")
    assert (done.returncode, is_one_sentence(done.stderr)) == (2, True)


def test_the_checker_loads_no_django() -> None:
    script = "import sys, regulars.proofs.facade; print([name for name in sys.modules if 'django' in name])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
