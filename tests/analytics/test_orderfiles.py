"""Anybody's order file: what is read, what is refused and named, and that no database is asked."""

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from regulars.analytics.facade import Columns, ColumnsUnclear, OrdersUnreadable, read_orders, tell_rfm
from regulars.analytics.orderfiles.cells import BadCell, read_day, read_minor
from tests.analytics.shops import simulate_shop

MESSY = """customer;date;total;order_no
a;2025-01-03;12,50 €;1
b;31.01.2025;1 234,50;2
;2025-01-05;3;3
c;01/02/2025;3;4
c;2025-02-03;abc;5
c;2025-02-03;3.456;6
d;2025-02-04;5
d;2025-02-04;5;7;9
a;2025-02-05;-2,50;8
b;2025-02-06;2;1
b;2025-01-31;0,50;2
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "orders.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_bad_rows_are_left_out_counted_and_named(tmp_path: Path) -> None:
    file = read_orders(write(tmp_path, MESSY), Columns(), "EUR")
    assert (file.rows, file.orders, file.names) == (11, 2, ("a", "b"))
    assert [(bad.line, bad.reason, bad.value) for bad in file.bad] == [
        (4, "no member", ""),
        (5, "date not understood; write 2026-01-31", "01/02/2025"),
        (6, "amount not understood", "abc"),
        (7, "amount has more decimals than cents", "3.456"),
        (8, "empty", "order_no"),
        (9, "more cells than columns", ""),
        (11, "order of another member", "1"),
    ]
    assert sum(file.reasons.values()) == file.bad_count == 7
    orders = file.facts.orders.to_pyarrow().to_pylist()
    assert [(row["amount"], row["lines_count"], row["currency"]) for row in orders] == [
        (1250, 1, "EUR"),
        (123_500, 2, "EUR"),
    ]
    (back,) = file.facts.returns.to_pyarrow().to_pylist()
    assert (back["amount"], back["member_id"], file.name_of(1)) == (250, 1, "a")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("customer,total\na,1\n", ColumnsUnclear),
        ("customer,date,total\n", OrdersUnreadable),
        ("customer,date,total\na,yesterday,1\n", OrdersUnreadable),
    ],
)
def test_a_file_that_tells_nothing_is_refused(tmp_path: Path, text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_orders(write(tmp_path, text), Columns())


def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(ColumnsUnclear, match="there are customer, date, total"):
        read_orders(write(tmp_path, "customer,date,total\na,2025-01-01,1\n"), Columns(member="who"))


@pytest.mark.parametrize(
    ("cell", "minor"),
    [
        ("12.5", 1250),
        ("1,234.50", 123_450),
        ("1.234,50", 123_450),
        ("1,234", 123_400),
        ("$ 7", 700),
        (7, 700),
        (0.1 + 0.2, 30),
        ("1.776e-15", 0),
        ("-3,20", -320),
        ("1 000", 100_000),
        ("0", 0),
    ],
)
def test_amounts(cell: object, minor: int) -> None:
    assert read_minor(cell) == minor


@pytest.mark.parametrize("cell", ["", None, "free", "nan", "inf", "1e30", True])
def test_what_is_no_amount(cell: object) -> None:
    with pytest.raises(BadCell):
        read_minor(cell)


@pytest.mark.parametrize(
    "cell", ["2025-03-01", "2025-03-01T23:59:00Z", "01.03.2025", "20250301", dt.date(2025, 3, 1)]
)
def test_days(cell: object) -> None:
    assert read_day(cell) == dt.date(2025, 3, 1)


def test_parquet_says_the_same_as_csv(tmp_path: Path) -> None:
    rows = simulate_shop(40, 30, seed=5)
    text = "customer_id,order_date,amount\n" + "".join(f"m{m},{d},{a / 100:.2f}\n" for m, d, a in rows)
    table = pa.table(
        {
            "customer_id": [f"m{member}" for member, _day, _amount in rows],
            "order_date": [day for _member, day, _amount in rows],
            "amount": [amount / 100 for _member, _day, amount in rows],
        }
    )
    pq.write_table(table, tmp_path / "orders.parquet")
    from_csv = tell_rfm(read_orders(write(tmp_path, text), Columns()))
    assert from_csv == tell_rfm(read_orders(tmp_path / "orders.parquet", Columns()))
    assert len(from_csv) == len({member for member, _day, _amount in rows})


# Five processes, each of which imports an engine.
@pytest.mark.slow
def test_the_command_needs_no_database(tmp_path: Path) -> None:
    rows = simulate_shop(50, 40, seed=6)
    text = "customer_id,order_date,amount\n" + "".join(f"m{m},{d},{a / 100:.2f}\n" for m, d, a in rows)
    path = write(tmp_path, text + "m1,never,1\n")
    environment = os.environ | {
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "REGULARS_DATA": str(tmp_path),
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "regulars.cli", "insights", *arguments, "--orders", str(path)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    shown = run("overview", "--period", "all")
    assert shown.returncode == 0, shown.stderr
    assert "Repeat purchase rate" in shown.stdout
    assert "1 row was left out" in shown.stderr and f"line {len(rows) + 2:,}" in shown.stderr
    told = json.loads(run("rfm", "--format", "json").stdout)
    assert len(told) == len({member for member, _day, _amount in rows})
    assert run("retention", "--format", "svg").returncode == 2, "a picture needs a file"
    drawn = tmp_path / "retention.svg"
    assert run("retention", "--format", "svg", "--out", str(drawn)).returncode == 0
    # Our own file.
    assert ElementTree.parse(drawn).getroot().tag.endswith("svg")  # noqa: S314
    refused = run("retention", "--member", "who")
    assert refused.returncode == 1 and "no column 'who'" in refused.stderr
