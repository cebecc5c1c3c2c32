"""What crosses the door of activity: what is reported to have happened, and what is told of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from regulars.kit.errors import Refusal
from regulars.kit.ids import EventId, MemberId, OrderId, ReturnId
from regulars.rules.facade import LineKind


class RecordStatus(StrEnum):
    """What became of one reported row. `conflict` is a refusal too: the key was used with other content."""

    NEW = "new"
    REPEATED = "repeated"
    CONFLICT = "conflict"
    REFUSED = "refused"


class LineInput(NamedTuple):
    """One line of a reported order. Money is in minor units; `amount` is what is left after `discount`.

    A tuple, as lines come by the million and a frozen dataclass takes seven times as long to make.
    """

    line_no: int
    sku: str
    quantity: int
    amount: int
    discount: int = 0
    kind: LineKind = LineKind.PRODUCT


@dataclass(frozen=True, slots=True)
class OrderInput:
    """An order as a shop reports it. `external_id` is its idempotency key for ever."""

    external_id: str
    member_id: MemberId
    occurred_at: datetime
    currency: str
    lines: tuple[LineInput, ...]
    store: str = ""
    channel: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class ReturnLineInput:
    """What of one order line came back. Where `amount` is None it follows the quantity, in proportion."""

    line_no: int
    quantity: int = 0
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class ReturnInput:
    """A return, whole or partial, of an order known before. `external_id` is its idempotency key for ever."""

    external_id: str
    order_external_id: str
    occurred_at: datetime
    lines: tuple[ReturnLineInput, ...]
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class EventInput:
    """Something a member did, other than buying. `external_id` is its idempotency key for ever.

    Where `occasion` is given, the member has one event of that kind and occasion and no second one: a
    survey's name, a reviewed product's sku, a year.
    """

    external_id: str
    member_id: MemberId
    kind: str
    occurred_at: datetime
    attributes: Mapping[str, Any] = field(default_factory=dict)
    simulated: bool = False
    occasion: str = ""


@dataclass(frozen=True, slots=True)
class RecordedOrder:
    """What became of one reported order. `order_id` is None where it was refused or in conflict."""

    external_id: str
    status: RecordStatus
    order_id: OrderId | None = None
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """What became of one reported event. `event_id` is None where it was refused or in conflict."""

    external_id: str
    status: RecordStatus
    event_id: EventId | None = None
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class ReturnedLine:
    """What one return took of one line: what was bought, what had come back before, and what did now."""

    line_no: int
    bought_quantity: int
    bought_amount: int
    quantity_before: int
    amount_before: int
    quantity: int
    amount: int


@dataclass(frozen=True, slots=True)
class RecordedReturn:
    """What became of one reported return. Ids are None where it was refused or in conflict."""

    external_id: str
    status: RecordStatus
    return_id: ReturnId | None = None
    order_id: OrderId | None = None
    member_id: MemberId | None = None
    occurred_at: datetime | None = None
    lines: tuple[ReturnedLine, ...] = ()
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line of an order as recorded, with what has come back of it so far."""

    line_no: int
    sku: str
    quantity: int
    amount: int
    discount: int
    kind: LineKind
    returned_quantity: int = 0
    returned_amount: int = 0


@dataclass(frozen=True, slots=True)
class OrderSummary:
    """An order without its lines, as a list shows it. Amounts are minor units."""

    id: OrderId
    external_id: str
    member_id: MemberId
    occurred_at: datetime
    recorded_at: datetime
    currency: str
    amount: int
    lines_count: int
    store: str
    channel: str
    attributes: Mapping[str, Any]
    simulated: bool
    returned_amount: int
    returned_whole: bool


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """An order with its lines."""

    order: OrderSummary
    lines: tuple[OrderLine, ...]


@dataclass(frozen=True, slots=True)
class ReturnSummary:
    """A return as recorded, with what came back: (line_no, quantity, amount)."""

    id: ReturnId
    external_id: str
    order_id: OrderId
    order_external_id: str
    member_id: MemberId
    occurred_at: datetime
    recorded_at: datetime
    amount: int
    simulated: bool
    lines: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class EventSummary:
    """A behaviour event as recorded."""

    id: EventId
    external_id: str
    member_id: MemberId
    kind: str
    occurred_at: datetime
    recorded_at: datetime
    attributes: Mapping[str, Any]
    simulated: bool


@dataclass(frozen=True, slots=True)
class HandledProduct:
    """A product that a member bought, or else looked at: when last, and how many times."""

    sku: str
    bought: bool
    last_at: datetime
    times: int
