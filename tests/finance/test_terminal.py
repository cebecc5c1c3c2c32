"""`regulars finance` as people use it: what it says, and with which exit code it leaves."""

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from regulars.cli import finance as command
from regulars.finance import facade as finance
from tests.finance.books import NOW, live, publish
from tests.ledger.reading import run

LATER = NOW + timedelta(days=20)
pytestmark = pytest.mark.usefixtures("books")


@pytest.fixture
def books(committed_ledger: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Committed: the export's cursor and its snapshot are a transaction of their own."""
    settings.EMBEDDED_POSTGRES = False  # the tests' own server runs already
    monkeypatch.setattr(command, "utc_now", lambda: LATER)
    publish()
    live()


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command.finance_, [str(one) for one in arguments], catch_exceptions=False)


def test_the_liability_is_told_with_its_sum_and_whether_it_agrees() -> None:
    done = call("liability")
    assert done.exit_code == 0
    assert "members can claim             150" in done.output
    assert "Agrees with the ledger to the point (11 comparisons)." in done.output
    assert "never" in done.output
    assert "never" not in call("liability", "--by", "tier").output
    closed = call("liability", "--as-of", "2026-06-14")
    assert "members can claim               0" in closed.output


def test_as_csv_it_is_a_table_and_nothing_else() -> None:
    rows = list(csv.reader(io.StringIO(call("liability", "--csv").output)))
    assert rows[0][:3] == ["expiry", "claimable", "active"]
    assert rows[-1][:2] == ["total", "150"]
    assert sum(int(row[1]) for row in rows[1:-1]) == 150


def test_movements_add_up_line_by_line() -> None:
    done = call("movements", "--from", "2026-06-01", "--to", "2026-06-30", "--csv")
    rows = list(csv.DictReader(io.StringIO(done.output)))
    assert done.exit_code == 0
    assert (rows[0]["line"], rows[-1]["line"]) == ("opening", "closing")
    for column in ("active", "pending", "held", "debt", "net"):
        assert sum(int(row[column]) for row in rows[:-1]) == int(rows[-1][column])
    shown = call("movements", "--from", "2026-06-01", "--to", "2026-06-30", "--by", "month").output
    assert "Given back" in shown
    assert "Agrees with the ledger" in shown


def test_what_does_not_agree_is_named_with_exit_code_1() -> None:
    run("UPDATE ledger_wallet SET balance = balance + 3 WHERE member_id = 2")
    for arguments in (["liability"], ["movements", "--from", "2026-06-01", "--to", "2026-06-30"]):
        done = call(*arguments)
        assert done.exit_code == 1
        assert "Does not agree: all entries against stored wallets, active" in done.output
        assert "regulars doctor --ledger" in done.output


def test_the_export_says_what_it_wrote(tmp_path: Path) -> None:
    done = call("export", "--from", "2026-06-01", "--to", "2026-06-14", tmp_path / "books")
    assert done.exit_code == 0
    assert "0 entries in 0 lines; debits 0, credits 0" in done.output
    done = call("export", "--from", "2026-06-01", "--to", "2026-06-30", "--format", "parquet", tmp_path)
    assert (tmp_path / "regulars-journal_2026-06-01_2026-06-30.parquet").exists()
    assert "the accounts add up to zero and agree with the ledger." in done.output
    assert "not over yet" not in done.output


def test_a_cost_is_set_and_shown() -> None:
    assert "not reckoned at anything" in call("cost").output
    done = call("cost", "0.005", "--from", "2026-01-01")
    assert done.output == "0.005 EUR a point from 2026-01-01 on\n"
    assert "  €0.75 at 0.005 EUR a point" in call("liability").output
    with pytest.raises(finance.CostNotAhead):
        call("cost", "0.006", "--from", "2026-02-01")
    assert call("cost").output == done.output


@pytest.mark.parametrize(
    "arguments",
    [
        ["liability", "--as-of", "yesterday"],
        ["movements", "--from", "2026-06-01"],
        ["export", "--from", "2026-06-01", "--to", "2026-06-30"],
        ["cost", "a lot"],
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    assert call(*arguments).exit_code == 2


def test_a_day_to_come_is_refused() -> None:
    with pytest.raises(finance.PeriodInvalid):
        call("liability", "--as-of", "2027-01-01")
