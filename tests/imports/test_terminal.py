"""`regulars import` as people use it: what it says, and with which exit code it leaves."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from regulars.cli import importing
from regulars.ledger import facade as ledger
from tests.imports.world import GOOD_ROWS, NOW, open_shop, write_csv

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def entries() -> int:
    """How many there were before: the ledger keeps those of other tests, as it keeps everything."""
    return ledger.get_totals(NOW).entries


@pytest.fixture(autouse=True)
def shop(transactional_db, monkeypatch, settings) -> None:
    settings.EMBEDDED_POSTGRES = False  # the tests' own server runs already
    open_shop("ada", "bo")
    monkeypatch.setattr(importing, "utc_now", lambda: NOW)


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(importing.import_, [str(one) for one in arguments], catch_exceptions=False)


def test_it_says_what_came_in_and_the_second_time_that_nothing_changed(tmp_path) -> None:
    path = write_csv(tmp_path / "o.csv", GOOD_ROWS)
    first = call("orders", path)
    assert first.exit_code == 0
    assert "o.csv: 3 rows; 2 orders new, 0 there already." in first.output
    assert "gave 22 points" in first.output
    second = call("orders", path)
    assert second.exit_code == 0
    assert "0 orders new, 2 there already" in second.output
    assert "Nothing changed" in second.output


def test_rejected_rows_make_exit_code_1_and_say_where_they_are(tmp_path) -> None:
    rows = [*GOOD_ROWS, ("X", "ada", "never", "bread", "1", "1.00")]
    rejects = tmp_path / "elsewhere.csv"
    done = call("orders", write_csv(tmp_path / "o.csv", rows), "--rejects", rejects)
    assert done.exit_code == 1
    assert "2 orders new, 0 there already, 1 rejected." in done.output
    assert str(rejects) in done.output
    assert "never" in rejects.read_text()


@pytest.mark.parametrize("name", ["missing.csv", "empty.csv", "headless.csv", "unknown.doc"])
def test_an_unusable_file_makes_exit_code_2_and_one_sentence(tmp_path, name, entries) -> None:
    (tmp_path / "empty.csv").touch()
    (tmp_path / "headless.csv").write_text("A1,ada,2026-03-04,bread,1,1.00\n")
    (tmp_path / "unknown.doc").write_text("x")
    done = call("orders", tmp_path / name)
    assert done.exit_code == 2
    assert "Traceback" not in done.output
    assert ledger.get_totals(NOW).entries == entries


@pytest.mark.parametrize(
    "options",
    [
        ("--map", "amount"),
        ("--map", "amount=a", "--map", "amount=b"),
        ("--time-zone", "Mars"),
        ("--delimiter", "ab"),
        ("--format", "xls"),
    ],
)
def test_an_option_that_makes_no_sense_makes_exit_code_2(tmp_path, options, entries) -> None:
    assert call("orders", write_csv(tmp_path / "o.csv", GOOD_ROWS), *options).exit_code == 2
    assert ledger.get_totals(NOW).entries == entries


def test_a_dry_run_says_that_it_is_one(tmp_path, entries) -> None:
    done = call("orders", write_csv(tmp_path / "o.csv", GOOD_ROWS), "--dry-run")
    assert done.exit_code == 0
    assert "A dry run" in done.output
    assert "2 orders new" in done.output
    assert ledger.get_totals(NOW).entries == entries


def test_options_reach_the_reader(tmp_path) -> None:
    path = tmp_path / "export.data"
    path.write_text(
        "Nr\tmember_id\toccurred_at\tsku\tquantity\tamount\nA1\tnew\t2026-03-04 10:00\tbread\t1\t12,50\n"
    )
    done = call(
        *("orders", path, "--format", "csv", "--map", "order_id=Nr", "--create-members", "--decimal-comma"),
        *("--delimiter", "tab", "--encoding", "utf-8", "--time-zone", "America/New_York"),
    )
    assert done.exit_code == 0, done.output
    assert "Members created: 1." in done.output
    rows = tmp_path / "e.jsonl"
    event = {"event_id": "e1", "member_id": "ada", "kind": "review", "occurred_at": "2026-03-05"}
    rows.write_text(json.dumps(event) + os.linesep)
    assert "1 event new" in call("events", rows).output
