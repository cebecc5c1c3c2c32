"""The journal as double entries: balanced, whole, tied to the report, and the same bytes every time."""

import csv
import json
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from regulars.finance import facade as finance
from regulars.finance.exporting.trial import Tally, compare_tally, make_trial_balance
from regulars.finance.facade import ExportFormat, ExportProgress
from regulars.finance.queries.reading import Flow
from regulars.ledger.facade import Account
from tests.finance.books import ANN, NOW, days, earn, live, moved_between, spend

TODAY = date(2026, 6, 15)
LATER = NOW + timedelta(days=90)
EARLIER = NOW - timedelta(days=30)


def export(
    directory: Path, file_format: ExportFormat = ExportFormat.CSV, **more: Any
) -> finance.ExportReport:
    more = {"period": days(TODAY, date(2026, 6, 30)), "now": LATER} | more
    return finance.export_journal(directory=directory, file_format=file_format, **more)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def lived(programme: None) -> None:
    earn(1000, "before", now=EARLIER)
    live()


def test_each_entry_is_a_debit_and_a_credit_of_equal_amounts(lived: None, tmp_path: Path) -> None:
    report = export(tmp_path)
    lines = read(report.files[0])
    assert len(lines) == report.lines == 2 * report.entries >= 20
    for debit, credit in zip(lines[::2], lines[1::2], strict=True):
        assert debit["entry"] == credit["entry"]
        assert (debit["line"], credit["line"], debit["credit"], credit["debit"]) == ("1", "2", "", "")
        assert int(debit["debit"]) == int(credit["credit"]) > 0
    assert len({line["entry"] for line in lines}) == report.entries
    assert report.debits == report.credits == sum(int(line["debit"] or 0) for line in lines)


def test_trial_balance_adds_up_to_zero_and_ties_to_lines_and_report(lived: None, tmp_path: Path) -> None:
    report = export(tmp_path)
    lines, trial = read(report.files[0]), read(report.files[2])
    for row in trial:
        own = [line for line in lines if line["account"] == row["account"]]
        assert int(row["debits"]) == sum(int(line["debit"] or 0) for line in own)
        assert int(row["credits"]) == sum(int(line["credit"] or 0) for line in own)
        assert int(row["closing"]) == int(row["opening"]) + int(row["debits"]) - int(row["credits"])
    for column in ("opening", "closing"):
        assert sum(int(row[column]) for row in trial) == 0
    moved = moved_between(TODAY, date(2026, 6, 30))
    books = {row["account_name"]: int(row["closing"]) for row in trial}
    closing = moved.closing
    assert (-books["active"], -books["pending"], -books["held"], books["debt"]) == (
        *(closing.active, closing.pending, closing.held, closing.debt),
    )
    assert books["transferred"] == 0, "what one member passed on another received"


def test_the_manifest_names_files_totals_and_checksums(lived: None, tmp_path: Path) -> None:
    report = export(tmp_path)
    manifest = json.loads(report.files[-1].read_text())
    assert manifest["control_totals"] == {
        "entries": report.entries,
        "lines": report.lines,
        "debits": report.debits,
        "credits": report.credits,
    }
    assert manifest["period"]["final"] is True
    assert [one["name"] for one in manifest["files"]] == [path.name for path in report.files[:-1]]
    for one, path in zip(manifest["files"], report.files, strict=False):
        assert one["bytes"] == path.stat().st_size
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in report.files)


@pytest.mark.slow  # pyarrow takes seconds to import on a busy machine
@pytest.mark.parametrize("file_format", list(ExportFormat))
def test_the_same_period_gives_the_same_names_and_bytes(
    lived: None, tmp_path: Path, file_format: ExportFormat
) -> None:
    first = export(tmp_path / "a", file_format)
    earn(7, "later", now=NOW + timedelta(days=60), occurred_at=NOW)
    again = export(tmp_path / "b", file_format)
    over = export(tmp_path / "a", file_format)
    assert [path.name for path in first.files] == [path.name for path in again.files]
    for one, two in zip(over.files, again.files, strict=True):
        assert one.read_bytes() == two.read_bytes()


def test_parquet_has_the_same_lines(lived: None, tmp_path: Path) -> None:
    in_csv = read(export(tmp_path).files[0])
    table = pyarrow.parquet.read_table(export(tmp_path, ExportFormat.PARQUET).files[0])
    rows = table.to_pylist()
    assert len(rows) == len(in_csv)
    for row, line in zip(rows, in_csv, strict=True):
        assert (row["entry"], row["account"], row["kind"]) == (line["entry"], line["account"], line["kind"])
        assert (row["debit"], row["credit"]) == (
            *(int(line[name]) if line[name] else None for name in ("debit", "credit")),
        )
        assert f"{row['booked_at']:%Y-%m-%dT%H:%M:%S.%f}Z" == line["booked_at"]


@pytest.mark.usefixtures("programme")
def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    for number, text in enumerate(["=1+1", "+1", "-1", "@sum", "\t=x", "\rx\ny", "plain", "a=b"]):
        earn(1, f"k{number}", source=text)
    sources = {line["source"] for line in read(export(tmp_path).files[0])}
    assert sources == {"'=1+1", "'+1", "'-1", "'@sum", "' =x", " x y", "plain", "a=b"}


def test_without_pyarrow_parquet_is_refused_before_anything_is_written(
    lived: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(finance.WriterMissing, match="extra “parquet”"):
        export(tmp_path / "new", ExportFormat.PARQUET)
    assert not (tmp_path / "new").exists()
    assert export(tmp_path).entries > 0


def test_what_breaks_off_keeps_no_file(lived: None, tmp_path: Path) -> None:
    kept = export(tmp_path / "kept")
    before = {path: path.read_bytes() for path in kept.files}

    def stop(_progress: ExportProgress) -> None:
        raise KeyboardInterrupt

    for directory in (tmp_path / "kept", tmp_path / "new"):
        with pytest.raises(KeyboardInterrupt):
            export(directory, on_progress=stop)
    assert {path: path.read_bytes() for path in (tmp_path / "kept").iterdir()} == before
    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.usefixtures("programme")
def test_batches_are_seamless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("regulars.finance.exporting.journal.BATCH_ENTRIES", 3)
    for number in range(10):
        earn(number + 1, f"k{number}")
    spend(5, "s")
    told: list[ExportProgress] = []
    report = export(tmp_path, on_progress=told.append)
    assert [(one.done, one.total) for one in told] == [(3, 11), (6, 11), (9, 11), (11, 11)]
    assert [line["entry"] for line in read(report.files[0])[::2]] == [
        f"{ANN}.points.{n + 1}" for n in range(11)
    ]


def test_lines_that_do_not_tie_are_noticed() -> None:
    """Negative control: a line lost, a line doubled, an amount changed, one side only."""
    flows = [Flow("points", 1, None, "earn", "issued", "active", 2, 30, 0)]
    trial = make_trial_balance(flows)

    def tally(*lines: tuple[str, int, int]) -> Tally:
        made = Tally()
        for account, debit, credit in lines:
            made.add("points", account, debit, credit)
        return made

    right = (("issued", 10, 0), ("active", 0, 10), ("issued", 20, 0), ("active", 0, 20))
    assert compare_tally(tally(*right), trial) == []
    for wrong in (right[:2], (*right, *right[:2]), (("issued", 31, 0), ("active", 0, 31)), right[:3]):
        assert compare_tally(tally(*wrong), trial) != []


def test_every_account_of_the_ledger_is_in_the_chart_once() -> None:
    assert Counter(one.name for one in finance.CHART) == Counter(account.value for account in Account)
    assert len({one.code for one in finance.CHART}) == len(finance.CHART)
