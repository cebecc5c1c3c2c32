"""Shapes of balances, lots and history."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from regulars.api.schemas.scalars import Given, Instant, Told
from regulars.ledger.facade import Currency, EntryKind, LotState


class BalanceOut(Told):
    """What a member has. `active` can be spent now; `debt` is repaid by the next points that come in."""

    member_id: int
    active: int
    pending: int
    held: int
    debt: int
    as_of: datetime


class LotOut(Told):
    """Points that came in together. `expires_at` null: never, or not known before they become active."""

    lot_id: int
    state: LotState
    remaining: int
    opened_at: datetime
    expires_at: datetime | None
    activates_at: datetime | None
    awaits: str | None


class LotsOut(Told):
    """A member's lots, in the order in which they will be spent, then those still pending."""

    items: list[LotOut]


class ShareOut(Told):
    """How many points one line of the order brought."""

    line_no: int
    sku: str
    points: int


class PartOut(Told):
    """What one rule gave, and why, in the reader's language (`Accept-Language`)."""

    rule: str
    points: int
    sentence: str
    shares: list[ShareOut]


class EntryOut(Told):
    """One entry of the journal. `active`, `pending` and `held` say by how much it changed each of them.

    `reasons` say why in the reader's language; `parts` say it rule by rule for points earned.
    """

    seq: int
    kind: EntryKind
    amount: int
    active: int
    pending: int
    held: int
    balance_after: int
    debt_after: int
    occurred_at: datetime
    recorded_at: datetime
    expires_at: datetime | None
    activates_at: datetime | None
    source: str
    reference: str | None
    programme_version: int | None
    reasons: list[str]
    parts: list[PartOut]


class EntryPageOut(Told):
    """A page of history, latest first."""

    items: list[EntryOut]
    next_cursor: str | None


class PointsIn(Given):
    """Points to give outright. The reason is kept for ever and shown to the member.

    They lapse as the programme says; at `expires_at`, where it is given; never, where it is given as null.
    """

    points: Annotated[int, Field(strict=True, ge=1, le=10**12)]
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
    expires_at: Instant | None = None


class PointsOut(Told):
    """What was posted."""

    seq: int
    points: int
    balance_after: int
    debt_after: int


class AdjustmentIn(Given):
    """A correction by hand. `points` may be negative; the reason is kept for ever."""

    points: Annotated[int, Field(strict=True, ge=-(10**12), le=10**12)]
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
    expires_at: Instant | None = None


class AdjustmentOut(Told):
    """What was posted."""

    seq: int
    points: int
    balance_after: int
    debt_after: int
    currency: Currency
