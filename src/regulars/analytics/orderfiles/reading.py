"""Reading an order file, row by row, into columns of numbers."""

from array import array
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from regulars.analytics.orderfiles.cells import BadCell, find_columns, read_day, read_minor
from regulars.analytics.orderfiles.errors import OrdersUnreadable
from regulars.analytics.orderfiles.lines import is_text, open_rows
from regulars.analytics.orderfiles.types import BadRow, Columns, OrderFile
from regulars.facts.facade import facts_from_arrow

NAMED_MAX = 20
"""Bad rows that are kept by name; all are counted."""
EARLIEST = date(1970, 1, 1)
"""Before it there are no order files, but 0001-01-01 and 1900-01-01 where a system knew no date."""
TOTAL_MAX = 2**62
"""Minor units of all rows together: sums of any of them keep within 64 bits."""


@dataclass(slots=True)
class _Gathered:
    """Orders by number, as arrays: sixteen bytes where a Python object takes a hundred."""

    members: dict[str, int] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    who: "array[int]" = field(default_factory=lambda: array("q"))
    days: "array[int]" = field(default_factory=lambda: array("q"))
    amounts: "array[int]" = field(default_factory=lambda: array("q"))
    lines: "array[int]" = field(default_factory=lambda: array("q"))
    orders: "array[int]" = field(default_factory=lambda: array("q"))
    """Its own number, or that of the order it came back from."""
    products: dict[str, int] = field(default_factory=dict)
    bought_in: "array[int]" = field(default_factory=lambda: array("q"))
    bought: "array[int]" = field(default_factory=lambda: array("q"))
    """Lines, where they are asked for: the number of the order, and of the product."""
    currencies: list[str] = field(default_factory=list)
    total: int = 0
    rows: int = 0
    bad: list[BadRow] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where in a row the cells are that are used. `latest`: the last day an order can be of."""

    columns: Columns
    places: dict[str, int]
    width: int
    latest: date
    currency: str

    @classmethod
    def of(cls, columns: Columns, header: list[str], today: date, currency: str) -> "_Layout":
        named = {
            what: getattr(columns, what)
            for what in ("member", "date", "amount", "order", "currency", "product")
        }
        places = {what: header.index(name) for what, name in named.items() if name is not None}
        # Where the file is from it may be tomorrow already.
        return cls(columns, places, len(header), today + timedelta(days=1), currency.strip().upper())

    def pick(self, cells: list[Any]) -> dict[str, Any]:
        """The cells that are used, by what they hold. Raises BadCell where the row is not as the header."""
        if len(cells) > self.width and any(cell != "" for cell in cells[self.width :]):
            raise BadCell("more cells than columns")
        found = {what: cells[place] if place < len(cells) else None for what, place in self.places.items()}
        missing = [
            str(getattr(self.columns, what))
            for what, cell in found.items()
            if cell is None and what not in ("currency", "product")
        ]
        if missing:
            raise BadCell(f"empty\0{', '.join(missing)}")
        if not all(is_text(cell) for cell in found.values()):
            raise BadCell("no text in UTF-8; save the file so")
        return found


def read_orders(
    path: Path, columns: Columns, currency: str = "", *, today: date, with_lines: bool = False
) -> OrderFile:
    """Orders of a file as facts. Rows with the same order number are lines of one order, and add up; what
    they were of is read `with_lines`.

    Rows that cannot be used are left out, counted and named; so are those of days after `today` (and the day
    after it, for those who are ahead). `currency` is that of rows which name none. Raises ColumnsUnclear,
    OrdersUnreadable where there is no file or no usable row, or where amounts are beyond counting.
    """
    header, rows = open_rows(path)
    found = find_columns(columns, header, with_lines=with_lines)
    layout = _Layout.of(found, header, today, currency)
    gathered = _Gathered()
    for line, row in rows:
        gathered.rows += 1
        try:
            if isinstance(row, str):
                raise BadCell(row)
            _take(gathered, layout, row)
        except BadCell as error:
            reason, _, value = str(error).partition("\0")
            gathered.reasons[reason] += 1
            if len(gathered.bad) < NAMED_MAX:
                gathered.bad.append(BadRow(line, reason, _tell_cell(value) or _show(layout, row, reason)))
        if gathered.total > TOTAL_MAX:
            raise OrdersUnreadable(f"{path}: up to line {line:,} amounts add up to more than can be counted.")
    if not gathered.who:
        raise OrdersUnreadable(f"{path} has no row that could be used. {_tell(gathered)}")
    if max(gathered.amounts) < 0:
        raise OrdersUnreadable(f"{path} has no purchase: all its amounts are below nought, as of returns.")
    return _finish(gathered, found)


def _take(gathered: _Gathered, layout: _Layout, cells: list[Any]) -> None:
    told = layout.pick(cells)
    member = str(told["member"]).strip()
    if not member:
        raise BadCell("no member")
    day = read_day(told["date"])
    if not EARLIEST <= day <= layout.latest:
        raise BadCell("date before 1970" if day < EARLIEST else "date in the future")
    amount = read_minor(told["amount"])
    code = str(told.get("currency") or "").strip().upper()
    name = str(told.get("order", "")).strip()
    if "order" in told and not name:
        raise BadCell("no order number")
    known = gathered.numbers.get(name) if name else None
    if known is not None:
        _check_same_order(gathered, known, name, member)
        is_same_day = gathered.days[known] == day.toordinal()
        if not is_same_day and amount >= 0:
            raise BadCell(f"order of another day\0{name}")
        if is_same_day:
            _take_line(gathered, told, known, amount)
            gathered.total += abs(amount)
            gathered.amounts[known] += amount
            gathered.lines[known] += 1
            return
    elif name:
        gathered.numbers[name] = len(gathered.who)
    gathered.total += abs(amount)
    gathered.orders.append(len(gathered.who) if known is None else known)
    gathered.who.append(gathered.members.setdefault(member, len(gathered.members) + 1))
    gathered.days.append(day.toordinal())
    gathered.amounts.append(amount)
    gathered.lines.append(1)
    gathered.currencies.append(code or layout.currency)
    _take_line(gathered, told, len(gathered.who) - 1, amount)


def _take_line(gathered: _Gathered, told: dict[str, Any], order: int, amount: int) -> None:
    """What the row was of; what came back was not bought."""
    sku = str(told.get("product") or "").strip()
    if sku and amount >= 0:
        gathered.bought_in.append(order)
        gathered.bought.append(gathered.products.setdefault(sku, len(gathered.products)))


def _check_same_order(gathered: _Gathered, known: int, name: str, member: str) -> None:
    if gathered.who[known] != gathered.members.get(member):
        raise BadCell(f"order of another member\0{name}")


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
    if columns.product:
        tables |= {"order_lines": _make_lines(gathered, days), "products": _make_products(gathered)}
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


def _make_lines(gathered: _Gathered, days: list[date]) -> pa.Table:
    """What was bought, a line for each row. What was paid for each stays with the order."""
    orders = gathered.bought_in
    zeros = pa.array([0] * len(orders), pa.int64())
    skus = pa.DictionaryArray.from_arrays(
        pa.array(gathered.bought, pa.int32()), pa.array(list(gathered.products), pa.string())
    )
    return pa.table(
        {
            "order_id": pa.array([number + 1 for number in orders], pa.int64()),
            "line_no": pa.array(range(1, len(orders) + 1), pa.int64()),
            "member_id": pa.array([gathered.who[number] for number in orders], pa.int64()),
            "occurred_at": pa.array([_noon(days[number]) for number in orders], pa.timestamp("us", "UTC")),
            "occurred_on": pa.array([days[number] for number in orders], pa.date32()),
            "sku": skus.cast(pa.string()),
            "kind": pa.array(["product"] * len(orders), pa.string()),
            "quantity": pa.array([1] * len(orders), pa.int64()),
            "amount": zeros,
            "discount": zeros,
        }
    )


def _make_products(gathered: _Gathered) -> pa.Table:
    skus = sorted(gathered.products)
    return pa.table(
        {
            "sku": pa.array(skus, pa.string()),
            "name": pa.array(skus, pa.string()),
            "brand": pa.array([""] * len(skus), pa.string()),
            "categories": pa.array([[] for _ in skus], pa.list_(pa.string())),
        }
    )


def _make_returns(gathered: _Gathered, days: list[date], numbers: list[int]) -> pa.Table:
    return pa.table(
        {
            "return_id": pa.array([number + 1 for number in numbers], pa.int64()),
            "order_id": pa.array([gathered.orders[number] + 1 for number in numbers], pa.int64()),
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


def _show(layout: _Layout, cells: list[Any] | str, reason: str) -> str:
    """What stands in the cell that the reason is about."""
    place = next((layout.places[what] for what in ("date", "amount", "member") if what in reason), None)
    if place is None or isinstance(cells, str) or place >= len(cells) or cells[place] is None:
        return ""
    return _tell_cell(str(cells[place]))


def _tell_cell(text: str) -> str:
    return text[:60].encode("utf-8", "replace").decode()


def _tell(gathered: _Gathered) -> str:
    if not gathered.rows:
        return "There is nothing below its header."
    return "; ".join(f"{reason}: {count} rows" for reason, count in gathered.reasons.most_common()) + "."
