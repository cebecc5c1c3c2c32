"""Reading an order file: CSV or Parquet, row by row, into columns of numbers."""

import csv
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from regulars.analytics.orderfiles.cells import BadCell, find_columns, read_day, read_minor
from regulars.analytics.orderfiles.errors import OrdersUnreadable
from regulars.analytics.orderfiles.types import BadRow, Columns, OrderFile
from regulars.facts.facade import facts_from_arrow

NAMED_MAX = 20
"""Bad rows that are kept by name; all are counted."""
Row = tuple[int, dict[str, Any]]


@dataclass(slots=True)
class _Gathered:
    """Orders by number, as arrays: sixteen bytes where a Python object takes a hundred."""

    members: dict[str, int] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    who: "array[int]" = field(default_factory=lambda: array("q"))
    days: "array[int]" = field(default_factory=lambda: array("q"))
    amounts: "array[int]" = field(default_factory=lambda: array("q"))
    lines: "array[int]" = field(default_factory=lambda: array("q"))
    currencies: list[str] = field(default_factory=list)
    rows: int = 0
    bad: list[BadRow] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)


def read_orders(path: Path, columns: Columns, currency: str = "") -> OrderFile:
    """Orders of a file as facts. Rows with the same order number are lines of one order, and add up.

    Rows that cannot be used are left out, counted and named. `currency` is that of rows which name none.
    Raises ColumnsUnclear, OrdersUnreadable where there is no file or no usable row.
    """
    if not path.is_file():
        raise OrdersUnreadable(f"There is no file {path}.")
    header, rows = _open_parquet(path) if path.suffix in {".parquet", ".pq"} else _open_csv(path)
    found = find_columns(columns, header)
    gathered = _Gathered()
    for line, row in rows:
        gathered.rows += 1
        try:
            _take(gathered, found, row, currency)
        except BadCell as error:
            reason, _, value = str(error).partition("\0")
            gathered.reasons[reason] += 1
            if len(gathered.bad) < NAMED_MAX:
                gathered.bad.append(BadRow(line, reason, value or _show(found, row, reason)))
    if not gathered.who:
        raise OrdersUnreadable(f"{path} has no row that could be used. {_tell(gathered)}")
    return _finish(gathered, found)


def _take(gathered: _Gathered, columns: Columns, row: dict[str, Any], currency: str) -> None:
    if row.get("") is not None or None in row.values():
        _refuse_ragged(row, columns)
    member = str(row[columns.member or ""] or "").strip()
    if not member:
        raise BadCell("no member")
    day = read_day(row[columns.date or ""])
    amount = read_minor(row[columns.amount or ""])
    code = str(row[columns.currency] or "").strip() if columns.currency else ""
    name = str(row[columns.order] or "").strip() if columns.order else ""
    if columns.order and not name:
        raise BadCell("no order number")
    who = gathered.members.setdefault(member, len(gathered.members) + 1)
    number = gathered.numbers.get(name) if name else None
    if number is not None:
        if gathered.who[number] != who:
            raise BadCell(f"order of another member\0{name}")
        gathered.amounts[number] += amount
        gathered.lines[number] += 1
        return
    if name:
        gathered.numbers[name] = len(gathered.who)
    gathered.who.append(who)
    gathered.days.append(day.toordinal())
    gathered.amounts.append(amount)
    gathered.lines.append(1)
    gathered.currencies.append(code or currency)


def _refuse_ragged(row: dict[str, Any], columns: Columns) -> None:
    if row.get("") is not None:
        raise BadCell("more cells than columns")
    needed = (columns.member, columns.date, columns.amount, columns.order)
    missing = [name for name in needed if name and row[name] is None]
    if missing:
        raise BadCell(f"empty\0{', '.join(missing)}")


def _finish(gathered: _Gathered, columns: Columns) -> OrderFile:
    """Orders with something paid are purchases; sums below nought are returns; nothing paid is a purchase
    still.
    """
    days = [date.fromordinal(number) for number in gathered.days]
    orders = [number for number, amount in enumerate(gathered.amounts) if amount >= 0]
    back = [number for number, amount in enumerate(gathered.amounts) if amount < 0]
    last = max(days)
    tables = {
        "orders": _make_orders(gathered, days, orders),
        "returns": _make_returns(gathered, days, back),
        "members": _make_members(gathered, days),
    }
    return OrderFile(
        facts=facts_from_arrow(tables, last, "UTC"),
        columns=columns,
        rows=gathered.rows,
        orders=len(orders),
        names=tuple(gathered.members),
        bad_count=sum(gathered.reasons.values()),
        bad=tuple(gathered.bad),
        reasons=dict(gathered.reasons),
        first_day=min(days),
        last_day=last,
    )


def _make_orders(gathered: _Gathered, days: list[date], numbers: list[int]) -> pa.Table:
    count = len(numbers)
    return pa.table(
        {
            "order_id": pa.array([number + 1 for number in numbers], pa.int64()),
            "member_id": pa.array([gathered.who[number] for number in numbers], pa.int64()),
            "occurred_at": pa.array([_noon(days[number]) for number in numbers], pa.timestamp("us", "UTC")),
            "occurred_on": pa.array([days[number] for number in numbers], pa.date32()),
            "currency": pa.array([gathered.currencies[number] for number in numbers], pa.string()),
            "amount": pa.array([gathered.amounts[number] for number in numbers], pa.int64()),
            "lines_count": pa.array([gathered.lines[number] for number in numbers], pa.int64()),
            "store": pa.array([""] * count, pa.string()),
            "channel": pa.array([""] * count, pa.string()),
        }
    )


def _make_returns(gathered: _Gathered, days: list[date], numbers: list[int]) -> pa.Table:
    return pa.table(
        {
            "return_id": pa.array([number + 1 for number in numbers], pa.int64()),
            "order_id": pa.array([number + 1 for number in numbers], pa.int64()),
            "member_id": pa.array([gathered.who[number] for number in numbers], pa.int64()),
            "occurred_at": pa.array([_noon(days[number]) for number in numbers], pa.timestamp("us", "UTC")),
            "occurred_on": pa.array([days[number] for number in numbers], pa.date32()),
            "amount": pa.array([-gathered.amounts[number] for number in numbers], pa.int64()),
        }
    )


def _make_members(gathered: _Gathered, days: list[date]) -> pa.Table:
    joined: dict[int, date] = {}
    for who, day in zip(gathered.who, days, strict=True):
        joined[who] = min(day, joined.get(who, day))
    members = sorted(joined)
    return pa.table(
        {
            "member_id": pa.array(members, pa.int64()),
            "joined_at": pa.array([_noon(joined[who]) for who in members], pa.timestamp("us", "UTC")),
            "joined_on": pa.array([joined[who] for who in members], pa.date32()),
            "erased": pa.array([False] * len(members)),
            "tier": pa.array([""] * len(members), pa.string()),
            "language": pa.array([""] * len(members), pa.string()),
        }
    )


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def _open_csv(path: Path) -> tuple[list[str], Iterator[Row]]:
    """Header and rows with their lines. The mark between cells is what the first line has most of."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
    except UnicodeDecodeError as error:
        raise OrdersUnreadable(f"{path} is no text in UTF-8; save it so.") from error
    mark = max(",;\t|", key=first.count)
    header = next(csv.reader([first], delimiter=mark), [])
    return header, _list_csv(path, header, mark)


def _list_csv(path: Path, header: list[str], mark: str) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        reader = csv.DictReader(file, fieldnames=header, restkey="", delimiter=mark)
        next(reader, None)
        for row in reader:
            yield reader.line_num, row


def _open_parquet(path: Path) -> tuple[list[str], Iterator[Row]]:
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise OrdersUnreadable(f"{path} is no Parquet file.") from error
    return list(file.schema_arrow.names), _list_parquet(file)


def _list_parquet(file: Any) -> Iterator[Row]:
    line = 0
    for batch in file.iter_batches(batch_size=10_000):
        for row in batch.to_pylist():
            line += 1
            yield line, row


def _show(columns: Columns, row: dict[str, Any], reason: str) -> str:
    name = next((one for one in ("date", "amount", "member") if one in reason), "")
    cell = row.get(getattr(columns, name) or "") if name else ""
    return "" if cell is None else str(cell)[:60]


def _tell(gathered: _Gathered) -> str:
    if not gathered.rows:
        return "It is empty."
    return "; ".join(f"{reason}: {count} rows" for reason, count in gathered.reasons.most_common()) + "."
