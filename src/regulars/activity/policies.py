"""Pure decisions: is a reported order, return or event well-formed, and is it the same as the one before?

A fingerprint is kept for ever and compared with that of every repeat: how it is rendered must not
change, or every repeat of an older row would look like a conflict. A test pins it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from regulars.activity.errors import InvalidEvent, InvalidOrder, InvalidReturn
from regulars.activity.types import EventInput, OrderInput, ReturnInput
from regulars.kit.errors import InvalidInput
from regulars.kit.points import cumulative_target

KEY_LENGTH_MAX = 200
WORD_LENGTH_MAX = 100
LINES_MAX = 10_000
QUANTITY_MAX = 2**31 - 1
AMOUNT_MAX = 10**13
ATTRIBUTES_BYTES_MAX = 16_384
SEPARATOR = "\x1f"
"""Stands between texts that go to the database as one; no key and no word may hold it."""
CLOCK_SKEW = timedelta(days=1)

_KIND = re.compile(r"[a-z][a-z0-9_.-]{0,49}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_COPY_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(slots=True)
class PreparedOrder:
    """An order found well-formed. `tails` are its lines as COPY takes them, without member and order."""

    order: OrderInput
    occurred_at: datetime
    amount: int
    attributes: str
    tails: list[str]
    fingerprint: bytes


@dataclass(slots=True)
class PreparedReturn:
    """A return found well-formed by itself; whether its order allows it is another matter."""

    reported: ReturnInput
    occurred_at: datetime
    fingerprint: bytes


@dataclass(slots=True)
class PreparedEvent:
    """An event found well-formed."""

    event: EventInput
    occurred_at: datetime
    fingerprint: bytes


def lies_ahead(instant: datetime, now: datetime) -> bool:
    """Whether an instant lies in the future, by more than clocks may differ."""
    return instant.utcoffset() is not None and instant > now + CLOCK_SKEW


def is_key(value: str) -> bool:
    """Whether a key can be looked for."""
    try:
        _check_key(value, "external_id")
    except InvalidInput:
        return False
    return True


def prepare_order(order: OrderInput, *, now: datetime | None, skus: dict[str, str]) -> PreparedOrder:
    """Check an order by itself and render its lines. `skus` remembers escaped skus over a batch.

    `now` is None for one that was taken before, and whose time was judged then. Raises InvalidOrder.
    """
    try:
        _check_key(order.external_id, "external_id")
        occurred_at = _check_instant(order.occurred_at, now)
        _check_word(order.store, "store")
        _check_word(order.channel, "channel")
        attributes = _render_attributes(order.attributes)
    except InvalidInput as problem:
        raise InvalidOrder(problem.detail, **problem.extra) from None
    if not _CURRENCY.fullmatch(order.currency):
        raise InvalidOrder("A currency is three capital letters, such as EUR.", field="currency")
    amount, tails = _render_lines(order, skus)
    simulated = "1" if order.simulated else ""
    # None of these can hold a NUL, so that nothing reads the same that is not.
    told = (order.currency, order.store, order.channel, simulated, attributes, "".join(tails))
    content = "\0".join((str(order.member_id), occurred_at.isoformat(), *told))
    return PreparedOrder(order, occurred_at, amount, attributes, tails, _digest(content))


def _render_lines(order: OrderInput, skus: dict[str, str]) -> tuple[int, list[str]]:
    """The order's amount, and its lines as COPY takes them. Column by column: lines come by the million."""
    if not order.lines:
        raise InvalidOrder("An order has at least one line.", field="lines")
    if len(order.lines) > LINES_MAX:
        raise InvalidOrder(f"An order has at most {LINES_MAX} lines.", field="lines")
    line_nos, _skus, quantities, amounts, discounts, _kinds = zip(*order.lines, strict=True)
    if min(quantities) < 0 or min(amounts) < 0 or min(discounts) < 0 or min(line_nos) < 0:
        raise InvalidOrder(
            "A line has a negative number; what comes back is sent as a return.", field="lines"
        )
    total, pieces, discount = sum(amounts), sum(quantities), sum(discounts)
    if not type(total) is type(pieces) is type(discount) is type(sum(line_nos)) is int:
        raise InvalidOrder("Quantities are whole numbers and amounts whole minor units.", field="lines")
    if total > AMOUNT_MAX or discount > AMOUNT_MAX or pieces > QUANTITY_MAX:
        raise InvalidOrder("The order's numbers are larger than any shop's.", field="lines")
    if len(set(line_nos)) != len(line_nos):
        raise InvalidOrder("A line number stands twice in the order.", field="lines")
    if max(line_nos) > QUANTITY_MAX:
        raise InvalidOrder("A line number is too large.", field="lines")
    return total, [
        f"{line_no}\t{quantity}\t{amount}\t{discount}\t"
        f"{skus.get(sku) or _escape_sku(sku, line_no, skus)}\t{kind}\n"
        for line_no, sku, quantity, amount, discount, kind in order.lines
    ]


def _escape_sku(sku: str, line_no: int, skus: dict[str, str]) -> str:
    if sku.isalnum() and sku.isascii() and len(sku) <= KEY_LENGTH_MAX:
        skus[sku] = sku
        return sku
    if not sku:
        raise InvalidOrder(f"Line {line_no} names no product.", line_no=line_no)
    try:
        _check_key(sku, "sku")
    except InvalidInput as problem:
        raise InvalidOrder(f"Line {line_no}: {problem.detail}", line_no=line_no) from None
    skus[sku] = escaped = sku.translate(_COPY_ESCAPES)
    return escaped


def prepare_return(reported: ReturnInput, *, now: datetime | None) -> PreparedReturn:
    """Check a return by itself; `now` as for an order. Raises InvalidReturn."""
    try:
        _check_key(reported.external_id, "external_id")
        _check_key(reported.order_external_id, "order_external_id")
        occurred_at = _check_instant(reported.occurred_at, now)
    except InvalidInput as problem:
        raise InvalidReturn(problem.detail, **problem.extra) from None
    if not reported.lines:
        raise InvalidReturn("A return has at least one line.", field="lines")
    numbers = [line.line_no for line in reported.lines]
    if len(set(numbers)) != len(numbers):
        raise InvalidReturn("A line number stands twice in the return.", field="lines")
    for line in reported.lines:
        amount = line.amount
        if line.quantity < 0 or (amount is not None and amount < 0):
            raise InvalidReturn(f"Line {line.line_no} has a negative number.", line_no=line.line_no)
        if line.quantity == 0 and amount is None:
            raise InvalidReturn(
                f"Line {line.line_no} says neither how many came back nor how much.", line_no=line.line_no
            )
    content = [
        reported.order_external_id,
        occurred_at.isoformat(),
        reported.simulated,
        sorted([line.line_no, line.quantity, line.amount] for line in reported.lines),
    ]
    return PreparedReturn(reported, occurred_at, _digest(json.dumps(content)))


def prepare_event(event: EventInput, *, now: datetime | None) -> PreparedEvent:
    """Check an event by itself; `now` as for an order. Raises InvalidEvent.

    The occasion is not part of what is compared: it follows from the rest.
    """
    try:
        _check_key(event.external_id, "external_id")
        occurred_at = _check_instant(event.occurred_at, now)
        _check_word(event.occasion, "occasion")
        attributes = _render_attributes(event.attributes)
    except InvalidInput as problem:
        raise InvalidEvent(problem.detail, **problem.extra) from None
    if not _KIND.fullmatch(event.kind):
        raise InvalidEvent(
            "The kind of an event is a short word in small letters, such as sign_up or review.", field="kind"
        )
    content = [event.member_id, event.kind, occurred_at.isoformat(), event.simulated, attributes]
    return PreparedEvent(event, occurred_at, _digest(json.dumps(content)))


def measure_return(
    *, bought_quantity: int, bought_amount: int, quantity: int, amount: int
) -> tuple[int, int]:
    """What part of a line has come back, as (part, whole) with whole > 0, of which some has come back.

    By amount where the line cost anything, else by quantity; a free line of no quantity comes back at once.
    """
    if bought_amount:
        return amount, bought_amount
    if bought_quantity:
        return quantity, bought_quantity
    return 1, 1


def resolve_amount(
    *, bought_quantity: int, bought_amount: int, quantity_after: int, amount_before: int
) -> int:
    """The amount that comes back where only the quantity is told: as much as the quantity's share lacks."""
    return max(cumulative_target(bought_amount, quantity_after, bought_quantity) - amount_before, 0)


def _check_key(value: str, field: str) -> None:
    if not value or len(value) > KEY_LENGTH_MAX:
        raise InvalidInput(f"{field} has between 1 and {KEY_LENGTH_MAX} characters.", field=field)
    _check_text(value, field)


def _check_word(value: str, field: str) -> None:
    if len(value) > WORD_LENGTH_MAX:
        raise InvalidInput(f"{field} has at most {WORD_LENGTH_MAX} characters.", field=field)
    _check_text(value, field)


def _check_text(value: str, field: str) -> None:
    """PostgreSQL stores no NUL and UTF-8 no half of a surrogate pair: one such row would stop its batch."""
    if SEPARATOR in value:
        raise InvalidInput(f"{field} contains a control character.", field=field)
    if value.isascii() and "\0" not in value:
        return
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidInput(f"{field} is not text.", field=field) from None
    if "\0" in value:
        raise InvalidInput(f"{field} contains a NUL character.", field=field)


def _check_instant(instant: datetime, now: datetime | None) -> datetime:
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise InvalidInput("occurred_at names its offset from UTC.", field="occurred_at")
    try:
        instant = instant.astimezone(UTC)
    except OverflowError:
        raise InvalidInput("occurred_at is outside of the calendar.", field="occurred_at") from None
    if now is not None and lies_ahead(instant, now):
        raise InvalidInput("occurred_at lies in the future.", field="occurred_at")
    return instant


def _render_attributes(attributes: Mapping[str, Any]) -> str:
    if not attributes:
        return "{}"
    try:
        text = json.dumps(attributes, sort_keys=True, allow_nan=False, ensure_ascii=False)
        size = len(text.encode())
    except (TypeError, ValueError):
        raise InvalidInput("attributes hold text, numbers, truth values and lists of them.") from None
    if size > ATTRIBUTES_BYTES_MAX:
        raise InvalidInput(f"attributes take at most {ATTRIBUTES_BYTES_MAX} bytes.", field="attributes")
    if "\\u0000" in text:
        raise InvalidInput("attributes contain a NUL character.", field="attributes")
    return text


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()
