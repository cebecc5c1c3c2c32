"""Shapes of what members buy, bring back and do, and of what it earns."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from regulars.api.schemas.members import ResultProblemOut
from regulars.api.schemas.points import PartOut
from regulars.api.schemas.scalars import (
    BATCH_MAX,
    Attributes,
    Count,
    Given,
    Instant,
    Key,
    MemberRef,
    Money,
    Told,
    Word,
)
from regulars.earning.facade import SubmitStatus
from regulars.rules.facade import LineKind


class LineIn(Given):
    """One line of an order. `amount` is what was paid for the whole line, after `discount`; tax included.

    Without a `line_no` lines are numbered from 1, in their order.
    """

    sku: Key
    quantity: Count = 1
    amount: Money
    discount: Money = 0
    kind: LineKind = LineKind.PRODUCT
    line_no: Count | None = None


class OrderIn(Given):
    """An order. `external_id` is its key for ever: sent again with the same content it changes nothing."""

    external_id: Key
    member: MemberRef
    occurred_at: Instant
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=1_000)]
    store: Word = ""
    channel: Word = ""
    attributes: Attributes = {}


class ReturnLineIn(Given):
    """What of a line came back: how many, or how much of its amount, or both."""

    line_no: Count
    quantity: Count = 0
    amount: Money | None = None


class ReturnIn(Given):
    """A return, whole or partial, of an order sent before."""

    external_id: Key
    order_external_id: Key
    occurred_at: Instant
    lines: Annotated[list[ReturnLineIn], Field(min_length=1, max_length=1_000)]


class EventIn(Given):
    """Something a member did other than buying: `sign_up`, `review`, `visit`, …"""

    external_id: Key
    member: MemberRef
    kind: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]{0,49}$")]
    occurred_at: Instant
    attributes: Attributes = {}


Items = Annotated[list[Any], Field(min_length=1, max_length=BATCH_MAX)]


class OrderBatchIn(Given):
    """Up to 1,000 orders; each is taken or refused by itself."""

    orders: Items


class ReturnBatchIn(Given):
    """Up to 1,000 returns; each is taken or refused by itself."""

    returns: Items


class EventBatchIn(Given):
    """Up to 1,000 events; each is taken or refused by itself."""

    events: Items


class OrderResultOut(Told):
    """What became of an order. `points` is what it gave, active and pending together."""

    external_id: str | None
    status: SubmitStatus
    points: int = 0
    problem: ResultProblemOut | None = None


class ReturnResultOut(Told):
    """What became of a return. `points` went back, `into_debt` of them as debt; `waived` the member keeps."""

    external_id: str | None
    status: SubmitStatus
    points: int = 0
    into_debt: int = 0
    waived: int = 0
    problem: ResultProblemOut | None = None


class EventResultOut(Told):
    """What became of an event. `activated` is how many waiting points it made spendable."""

    external_id: str | None
    status: SubmitStatus
    points: int = 0
    activated: int = 0
    problem: ResultProblemOut | None = None


class _Counts(Told):
    accepted: int
    repeated: int
    refused: int


class OrderResultsOut(_Counts):
    """One result per order, in the order given."""

    results: list[OrderResultOut]


class ReturnResultsOut(_Counts):
    """One result per return, in the order given."""

    results: list[ReturnResultOut]


class EventResultsOut(_Counts):
    """One result per event, in the order given."""

    results: list[EventResultOut]


class QuoteIn(Given):
    """A basket as it stands. Without a member: what anybody would get."""

    member: MemberRef | None = None
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=1_000)]
    occurred_at: Instant | None = None
    store: Word = ""
    channel: Word = ""
    attributes: Attributes = {}


class CreditOut(Told):
    """One credit that the basket would bring, with its parts. `awaits` names the event that activates it."""

    currency: str
    points: int
    activates_at: datetime | None
    awaits: str | None
    expires_at: datetime | None
    parts: list[PartOut]


class QuoteOut(Told):
    """What the basket would earn, and why. `notes` say what was left out and why."""

    points: int
    programme_version: int
    credits: list[CreditOut]
    notes: list[str]
