"""Cells of an order file: which column is which, and what a cell says."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from regulars.analytics.orderfiles.errors import ColumnsUnclear
from regulars.analytics.orderfiles.types import Columns

GUESSES: dict[str, Sequence[str]] = {
    "member": [
        "member_id",
        "customer_id",
        "client_id",
        "user_id",
        "household_id",
        "household_key",
        "member",
        "customer",
        "client",
        "user",
        "household",
        "customer_no",
        "customerid",
        "custid",
        "cust_id",
        "buyer_id",
        "email",
    ],
    "date": [
        "occurred_on",
        "order_date",
        "date",
        "occurred_at",
        "ordered_at",
        "created_at",
        "purchase_date",
        "invoice_date",
        "invoicedate",
        "transaction_date",
        "transaction_timestamp",
        "timestamp",
        "datetime",
        "day",
    ],
    "amount": [
        "amount",
        "total",
        "order_total",
        "total_amount",
        "total_price",
        "revenue",
        "sales",
        "sales_value",
        "net_amount",
        "paid",
        "value",
        "price",
    ],
    "order": [
        "order_id",
        "order_no",
        "order_number",
        "orderid",
        "basket_id",
        "invoice_no",
        "invoice",
        "invoiceno",
        "transaction_id",
        "receipt_id",
        "receipt",
        "order",
    ],
    "currency": [
        "currency",
        "currency_code",
    ],
}
"""Names that mean it, the surest first; spaces, dots and hyphens count as underscores."""
PRODUCT_GUESSES = (
    "sku",
    "product_id",
    "item_id",
    "article_id",
    "product",
    "item",
    "article",
    "stock_code",
    "stockcode",
    "upc",
    "ean",
    "asin",
    "product_name",
    "description",
)
NEEDED = ("member", "date", "amount")
_OTHER_DAYS = ("%d.%m.%Y", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y %H:%M", "%Y/%m/%d %H:%M", "%d-%b-%Y")
_MONEY = re.compile(r"[\d ',.\u00a0\u202f]*\d")
_MINUS = "-\u2212"
NAMES_SHOWN = 40


ROUNDING = Decimal("0.001")
"""Of a cent: what adding binary fractions leaves behind, as in 1.7763e-15."""
LARGEST = 10**12


class BadCell(ValueError):
    """A cell that says nothing usable; the text is the reason."""


def find_columns(given: Columns, header: Sequence[str], *, with_lines: bool = False) -> Columns:
    """The columns as given, the others guessed by name; that of the product only `with_lines`. Raises
    ColumnsUnclear, naming what there is.
    """
    plain = {re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_"): name for name in header}
    found: dict[str, str | None] = {}
    asked = GUESSES | {"product": PRODUCT_GUESSES} if with_lines else GUESSES
    for what, guesses in asked.items():
        wanted = getattr(given, what)
        if wanted is not None and wanted not in header:
            raise ColumnsUnclear(f"There is no column {wanted!r}; there are {_tell_names(header)}.")
        guess = next((plain[name] for name in guesses if name in plain), None)
        found[what] = wanted or guess
        if found[what] is None and what in (*NEEDED, "product"):
            raise ColumnsUnclear(
                f"Which column is the {what}? Name it with --{what}; there are {_tell_names(header)}."
            )
        name = found[what]
        if name is not None and header.count(name) > 1:
            raise ColumnsUnclear(
                f"{header.count(name)} columns are called {name!r}: give them names of their own."
            )
    return Columns(**found)


def _tell_names(header: Sequence[str]) -> str:
    """Names of columns as they can be shown: a file that is none of text has no names of use."""
    shown = ["".join(sign if sign.isprintable() else "?" for sign in name[:NAMES_SHOWN]) for name in header]
    return ", ".join(shown[:NAMES_SHOWN]) + (" …" if len(shown) > NAMES_SHOWN else "")


def read_day(cell: Any) -> date:
    """A day. ISO 8601 with or without a time, or day.month.year; month/day is read by nobody alike."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = str(cell or "").strip()
    if not text:
        raise BadCell("no date")
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        pass
    for pattern in _OTHER_DAYS:
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a day, of no zone
        except ValueError:
            continue
    raise BadCell("date not understood; write 2026-01-31")


def read_minor(cell: Any, exponent: int = 2) -> int:
    """An amount in minor units: 12.5, 12,50 €, 1 234.50. Raises BadCell where it is none, or has more
    decimals.
    """
    if isinstance(cell, bool) or cell is None or str(cell).strip() == "":
        raise BadCell("no amount")
    value = _read_number(str(cell).strip()).scaleb(exponent)
    whole = value.to_integral_value()
    if abs(value - whole) > ROUNDING:
        raise BadCell("amount has more decimals than cents")
    return int(whole)


def _read_number(text: str) -> Decimal:
    """A number among what people write around it. A minus may stand before, after or inside the sign of the
    currency, and bookkeepers put what is below nought in brackets: none of them may be read as a plus.
    """
    try:
        number = Decimal(text)
    except InvalidOperation:
        found = _MONEY.search(text)
        around = text[: found.start()] + text[found.end() :] if found else ""
        if found is None or any(sign.isdigit() for sign in around):
            raise BadCell("amount not understood") from None
        try:
            number = Decimal(_straighten(found.group()))
        except InvalidOperation as error:
            raise BadCell("amount not understood") from error
        if any(sign in _MINUS for sign in around) or (text.startswith("(") and text.endswith(")")):
            number = -number
    if not number.is_finite() or abs(number) > LARGEST:
        raise BadCell("amount not understood")
    return number


def _straighten(text: str) -> str:
    """One point, no marks of thousands. The last of point and comma is the decimal one, unless three follow
    it.
    """
    text = re.sub(r"[ '\u00a0\u202f]", "", text)
    mark = max(text.rfind(","), text.rfind("."))
    if mark < 0:
        return text
    whole, decimals = text[:mark], text[mark + 1 :]
    both = "," in text and "." in text
    if not both and (text.count(text[mark]) > 1 or (text[mark] == "," and len(decimals) == 3)):
        return whole.replace(",", "").replace(".", "") + decimals
    return whole.replace(",", "").replace(".", "") + "." + decimals
