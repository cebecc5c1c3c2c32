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
from click.testing import CliRunner, Result

from regulars.analytics import facade as analytics
from regulars.analytics.facade import Columns, ColumnsUnclear, OrderFile, OrdersUnreadable, tell_rfm
from regulars.analytics.orderfiles.cells import BadCell, read_day, read_minor
from regulars.cli.insights import insights
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


UNCLOSED = ("a quotation mark that is not closed", "")
TODAY = dt.date(2025, 12, 31)


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "orders.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read_orders(path: Path, columns: Columns = Columns(), currency: str = "") -> OrderFile:  # noqa: B008
    return analytics.read_orders(path, columns, currency, today=TODAY)


def tell_bad(file: OrderFile) -> list[tuple[int, str, str]]:
    return [(bad.line, bad.reason, bad.value) for bad in file.bad]


def list_amounts(file: OrderFile) -> list[tuple[str, int]]:
    """What was paid, by what the file calls the member."""
    rows = file.facts.orders.to_pyarrow().to_pylist()
    return [(file.name_of(row["member_id"]), row["amount"]) for row in rows]


def test_bad_rows_are_left_out_counted_and_named(tmp_path: Path) -> None:
    file = read_orders(write(tmp_path, MESSY), Columns(), "EUR")
    assert (file.rows, file.orders, file.names) == (11, 2, ("a", "b"))
    assert tell_bad(file) == [
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
        ("", OrdersUnreadable),
        ("\n\n", OrdersUnreadable),
        ("customer,date,total\na,2025-01-01,-5\n", OrdersUnreadable),
        ("customer,date,total,total\na,2025-01-01,5,7\n", ColumnsUnclear),
        ("customer,date,total\na,2025-01-01,5\n".encode("utf-16"), OrdersUnreadable),
        (b"cust\xf6mer,customer,date,total\na,b,2025-01-01,5\n", OrdersUnreadable),
        ("customer,date,total\n" + "a,2025-01-01,999999999999\n" * 50_000, OrdersUnreadable),
    ],
    ids=lambda told: "" if isinstance(told, str | bytes) else None,
)
def test_a_file_that_tells_nothing_is_refused(
    tmp_path: Path, text: str | bytes, error: type[Exception]
) -> None:
    with pytest.raises(error):
        read_orders(write(tmp_path, text))


def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(ColumnsUnclear, match="there are customer, date, total"):
        read_orders(write(tmp_path, "customer,date,total\na,2025-01-01,1\n"), Columns(member="who"))


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbfcustomer,date,total\r\na,2025-01-01,5\r\n",
        b"customer,date,total\ra,2025-01-01,5\r",
        b"\n\ncustomer,date,total\n\na,2025-01-01,5",
        b",customer,date,total\n0,a,2025-01-01,5\n",
        b"customer,date,total,\na,2025-01-01,5,\n",
        b"customer,date,total\na,2025-01-01,5,,\n",
        b" Customer , Date , Total \n a , 2025-01-01 , 5 \n",
    ],
)
def test_files_as_programs_write_them(tmp_path: Path, text: bytes) -> None:
    file = read_orders(write(tmp_path, text))
    assert (list_amounts(file), file.bad_count) == ([("a", 500)], 0)


def test_a_quotation_mark_that_is_not_closed_costs_its_own_row(tmp_path: Path) -> None:
    text = 'customer,date,total\n"a,2025-01-01,1\nb,2025-01-01,2\n"c\nd",2025-01-01,3\n"e,2025-01-01,4\n'
    file = read_orders(write(tmp_path, text + "f,2025-01-01,5\n" * 20_000))
    assert tell_bad(file) == [(2, *UNCLOSED), (6, *UNCLOSED)]
    assert list_amounts(file)[:3] == [("b", 200), ("c\nd", 300), ("f", 500)]
    assert file.orders == 20_002
    long = read_orders(
        write(tmp_path, f"customer,date,total,x\na,2025-01-01,1,{'y' * 200_000}\nb,2025-01-01,2,\n")
    )
    assert (tell_bad(long), list_amounts(long)) == ([(2, "a cell is too long", "")], [("b", 200)])


def test_names_that_are_no_utf8_are_not_taken_for_one_another(tmp_path: Path) -> None:
    text = "customer,date,total,shop\nM\xfcller,2025-01-01,1,x\nM\xe4ller,2025-01-01,2,x\n"
    text += "b,2025-01-01,3,K\xf6ln\n"
    file = read_orders(write(tmp_path, text.encode("latin-1")))
    assert list_amounts(file) == [("b", 300)], "a cell that is not used may be anything"
    assert [(bad.line, bad.reason) for bad in file.bad] == [
        (2, "no text in UTF-8; save the file so"),
        (3, "no text in UTF-8; save the file so"),
    ]


def test_days_that_no_order_can_be_of_are_left_out(tmp_path: Path) -> None:
    """One order of 2999 would make everybody lapsed, one of the year 1 would be where no window reaches."""
    days = ("0001-01-01", "1900-01-01", "2025-06-01", "2026-01-01", "2026-01-02", "9999-12-31")
    text = "customer,date,total\n" + "".join(f"a,{day},5\n" for day in days)
    file = read_orders(write(tmp_path, text))
    assert [bad.value for bad in file.bad] == ["0001-01-01", "1900-01-01", "2026-01-02", "9999-12-31"]
    assert file.reasons == {"date before 1970": 2, "date in the future": 2}
    assert file.last_day == dt.date(2026, 1, 1), "where it is tomorrow already"


def test_an_orders_number_on_another_day_is_its_return_or_another_order(tmp_path: Path) -> None:
    text = "customer,date,total,receipt\na,2025-01-01,5,1\na,2025-01-01,6,1\n"
    text += "a,2025-01-09,-5,1\na,2025-01-09,7,1\n"
    file = read_orders(write(tmp_path, text))
    assert list_amounts(file) == [("a", 1100)]
    assert tell_bad(file) == [(5, "order of another day", "1")]
    (back,) = file.facts.returns.to_pyarrow().to_pylist()
    assert (back["amount"], back["order_id"], back["occurred_on"]) == (500, 1, dt.date(2025, 1, 9))


def test_amounts_in_two_currencies_are_not_added_up(tmp_path: Path) -> None:
    text = "customer,date,total,currency,order\na,2025-01-01,5,eur,1\na,2025-01-02,5,EUR,2\n"
    text += "b,2025-01-01,900,JPY,3\nb,2025-01-02,-400,JPY,3\na,2025-01-02,-1,EUR,2\n"
    file = read_orders(write(tmp_path, text))
    assert {row.member: row.money_minor for row in tell_rfm(file)} == {"a": 900, "b": 0}
    assert analytics.tell_overview(file, analytics.Span.ALL).currency == ""


def test_what_a_fortnight_cannot_tell_is_not_told(tmp_path: Path) -> None:
    file = read_orders(write(tmp_path, "customer,date,total\na,2025-01-01,5\na,2025-01-14,5\n"))
    value = analytics.tell_value(file)
    assert (value.rows, value.unknown) == ((), analytics.Unknown.HISTORY_TOO_SHORT)


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
        ("-$3.20", -320),
        ("$-3.20", -320),
        ("\u22123,20 \u20ac", -320),
        ("3.20-", -320),
        ("(3.20)", -320),
        ("(1,234.50 USD)", -123_450),
        ("1 000", 100_000),
        ("0", 0),
    ],
)
def test_amounts(cell: object, minor: int) -> None:
    assert read_minor(cell) == minor


@pytest.mark.parametrize("cell", ["", None, "free", "nan", "inf", "1e30", True, "5 x 3", "2025-01-01"])
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
    from_csv = tell_rfm(read_orders(write(tmp_path, text)))
    assert from_csv == tell_rfm(read_orders(tmp_path / "orders.parquet"))
    assert len(from_csv) == len({member for member, _day, _amount in rows})


def write_shop(folder: Path) -> tuple[Path, list[tuple[int, dt.date, int]]]:
    rows = simulate_shop(50, 40, seed=6)
    text = "customer_id,order_date,amount\n" + "".join(f"m{m},{d},{a / 100:.2f}\n" for m, d, a in rows)
    return write(folder, text + "m1,never,1\n"), rows


# A process of its own that imports an engine: seconds.
@pytest.mark.slow
def test_the_command_needs_no_database(tmp_path: Path) -> None:
    path, rows = write_shop(tmp_path)
    shown = subprocess.run(
        [
            sys.executable,
            "-m",
            "regulars.cli",
            "insights",
            "overview",
            "--period",
            "all",
            "--orders",
            str(path),
        ],
        env=os.environ
        | {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "REGULARS_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr
    assert "Repeat purchase rate" in shown.stdout
    assert "1 row was left out" in shown.stderr and f"line {len(rows) + 2:,}" in shown.stderr


@pytest.mark.slow  # three reports
def test_a_file_is_told_as_json_and_drawn(tmp_path: Path) -> None:
    """Without a mark for the database: whatever asked it would fail."""
    path, rows = write_shop(tmp_path)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(insights, [*arguments, "--orders", str(path)])

    told = json.loads(run("rfm", "--format", "json").stdout)
    assert len(told) == len({member for member, _day, _amount in rows})
    assert run("retention", "--format", "svg").exit_code == 2, "a picture needs a file"
    drawn = tmp_path / "retention.svg"
    assert run("retention", "--format", "svg", "--out", str(drawn)).exit_code == 0
    # Our own file.
    assert ElementTree.parse(drawn).getroot().tag.endswith("svg")  # noqa: S314
    refused = run("retention", "--member", "who")
    assert isinstance(refused.exception, ColumnsUnclear) and "no column 'who'" in str(refused.exception)
