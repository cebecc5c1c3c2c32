"""From what stands in one cell to a value. Each function raises CellInvalid with words for a person.

A cell is text (CSV), or whatever JSON and Parquet hold: text, number, truth value, date, time; None is empty.
"""

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from regulars.imports.errors import CellInvalid

SHOWN_LENGTH_MAX = 60
BINARY_NOISE = Decimal("0.000001")
"""How far a binary float may lie from a whole minor unit: 19.99 * 100 is 1998.9999999999998."""
NUMBER_LENGTH_MAX = 40
NUMBER_DIGITS_MAX = 27
"""How many digits a number may have before its point, and how many zeros behind it, to be calculated with.

JSON may write 1E+3000000: as a whole number that is three million digits. Decimal calculates with 28.
"""

_AMOUNT = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_AMOUNT_COMMA = re.compile(r"[+-]?(\d+(,\d*)?|,\d+)")
_TRUE = frozenset({"true", "yes", "1", "y", "t"})
_FALSE = frozenset({"false", "no", "0", "n", "f"})


def show(value: Any) -> str:
    """A value as a message quotes it."""
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    text = str(value)
    return f"“{text[:SHOWN_LENGTH_MAX]}…”" if len(text) > SHOWN_LENGTH_MAX else f"“{text}”"


def is_empty(value: Any) -> bool:
    """Whether a cell says nothing. Parquet's NaN says nothing either."""
    return value is None or value == "" or value != value  # noqa: PLR0124 (NaN alone differs from itself)


def read_text(value: Any) -> str:
    """Text without white space around it. Numbers are written plainly: an id column may hold integers."""
    if isinstance(value, str):
        text = value.strip()
        if "\0" in text:
            raise CellInvalid("contains a NUL character")
        if not text.isascii():
            check_unicode(text)
        return text
    if isinstance(value, bool) or not isinstance(value, int | Decimal | float):
        raise CellInvalid(f"is {type(value).__name__}, not text")
    if isinstance(value, float | Decimal) and (not _is_measurable(value) or value != int(value)):
        raise CellInvalid(f"is {show(value)}, not text")
    return str(int(value))


def _is_measurable(number: Decimal | float) -> bool:
    """Whether a number may be calculated with: asked before anything else, as that could take for ever."""
    exact = Decimal(repr(number)) if isinstance(number, float) else number
    return exact.is_finite() and abs(exact.adjusted()) < NUMBER_DIGITS_MAX


def check_unicode(text: str) -> None:
    """Refuse bytes that were not in the file's encoding (kept as lone surrogates by the reader)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise CellInvalid(
            "is not in the file's encoding; if the file is not UTF-8, name its --encoding"
        ) from None


def read_amount(value: Any, exponent: int, *, decimal_comma: bool = False) -> int:
    """A decimal amount as whole minor units, exactly. More decimals than the currency has are refused."""
    amount = _decimal(value, decimal_comma=decimal_comma)
    if amount < 0:
        raise CellInvalid(f"is negative: {show(value)}; what comes back is imported as a return")
    minor = amount.scaleb(exponent)
    whole = minor.to_integral_value()
    noise = BINARY_NOISE if isinstance(value, float) else 0
    if abs(minor - whole) > noise:
        raise CellInvalid(f"has more decimals than the currency: {show(value)}")
    return int(whole)


def _decimal(value: Any, *, decimal_comma: bool) -> Decimal:
    if isinstance(value, bool):
        raise CellInvalid(f"is not an amount: {show(value)}")
    if isinstance(value, int | Decimal | float):
        amount = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        if not _is_measurable(amount):
            raise CellInvalid(f"is not an amount: {show(value)}")
        return amount
    text = read_text(value)
    pattern = _AMOUNT_COMMA if decimal_comma else _AMOUNT
    if len(text) > NUMBER_LENGTH_MAX or not pattern.fullmatch(text) or not text.isascii():
        hint = "" if decimal_comma or not _AMOUNT_COMMA.fullmatch(text) else " (is it --decimal-comma?)"
        raise CellInvalid(
            f"is not an amount such as 12{',' if decimal_comma else '.'}50: {show(value)}{hint}"
        )
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise CellInvalid(f"is not an amount: {show(value)}") from None


def read_whole(value: Any) -> int:
    """A whole number ≥ 0. `2.0` is one too."""
    if isinstance(value, bool):
        raise CellInvalid(f"is not a whole number: {show(value)}")
    if isinstance(value, str):
        text = read_text(value)
        if len(text) > NUMBER_LENGTH_MAX or not re.fullmatch(r"[+-]?[0-9]+(\.0*)?", text):
            raise CellInvalid(f"is not a whole number: {show(value)}")
        number = int(text.split(".")[0])
    elif isinstance(value, int):
        number = value
    elif isinstance(value, Decimal | float) and _is_measurable(value) and value == value // 1:
        number = int(value)
    else:
        raise CellInvalid(f"is not a whole number: {show(value)}")
    if number < 0:
        raise CellInvalid(f"is negative: {show(value)}")
    if number >= 10**NUMBER_DIGITS_MAX:
        raise CellInvalid(f"is too large: {show(value)}")
    return number


def read_truth(value: Any) -> bool:
    """Yes or no, in the usual spellings."""
    if isinstance(value, bool):
        return value
    word = "" if isinstance(value, list | dict) else str(value).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise CellInvalid(f"is neither yes nor no: {show(value)}")


def read_instant(value: Any, zone: ZoneInfo) -> datetime:
    """A moment in ISO 8601. Without an offset it is local time in `zone`; a bare day is its first moment.

    Of an hour that the clocks show twice, the first is meant; one that they skip counts on from before.
    """
    if isinstance(value, datetime):
        instant = value
    elif isinstance(value, date):
        instant = datetime.combine(value, time.min)
    else:
        text = read_text(value)
        try:
            instant = datetime.fromisoformat(text)
        except ValueError:
            raise CellInvalid(f"is not a time such as 2026-03-04T14:30: {show(value)}") from None
        if text.isdigit():  # 20260304 is a day to ISO, but more often a number that went astray
            raise CellInvalid(f"is not a time such as 2026-03-04T14:30: {show(value)}")
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=zone)
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise CellInvalid(f"is outside of the calendar: {show(value)}") from None


def read_day(value: Any) -> date:
    """A day in ISO form."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(read_text(value))
    except ValueError as problem:
        if isinstance(problem, CellInvalid):
            raise
        raise CellInvalid(f"is not a day such as 2026-03-04: {show(value)}") from None


def read_attribute(value: Any, kind: str) -> str | int | bool:
    """An attribute's value: as its type says, or as it is."""
    if kind == "bool":
        return read_truth(value)
    if kind == "date":
        return read_day(value).isoformat()
    if kind == "int":
        text = read_text(value)
        if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
            raise CellInvalid(f"is not a whole number: {show(value)}")
        return int(text)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if isinstance(value, bool | int) else read_text(value)
