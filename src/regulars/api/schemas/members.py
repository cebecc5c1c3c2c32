"""Shapes of members."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from regulars.api.schemas.scalars import BATCH_MAX, Attribute, Given, Instant, Key, Told, Word
from regulars.members.facade import SaveStatus

Clearable = Literal["given_name", "family_name", "birthday", "email", "phone", "cards", "attributes"]


class MemberIn(Given):
    """A member as the shop knows them. What is left out, or null, stays as it is; `clear` empties."""

    external_id: Key
    given_name: Word | None = None
    family_name: Word | None = None
    email: Annotated[str, Field(max_length=254)] | None = None
    phone: Annotated[str, Field(max_length=40)] | None = None
    cards: Annotated[list[Word], Field(max_length=20)] = []
    birthday: date | None = None
    joined_at: Instant | None = None
    locale: Annotated[str, Field(max_length=35)] | None = None
    time_zone: Annotated[str, Field(max_length=64)] | None = None
    attributes: Annotated[dict[str, Attribute | None], Field(max_length=100)] = {}
    clear: Annotated[list[Clearable], Field(max_length=7)] = []


class MemberBatchIn(Given):
    """Up to 1,000 members; each is taken or refused by itself."""

    members: Annotated[list[Any], Field(min_length=1, max_length=BATCH_MAX)]


class MemberSavedOut(Told):
    """What became of a member that was sent."""

    external_id: str
    status: SaveStatus
    member_id: int | None


class MemberOut(Told):
    """A member."""

    member_id: int
    external_id: str
    given_name: str
    family_name: str
    email: str | None
    phone: str | None
    cards: list[str]
    birthday: date | None
    joined_at: datetime
    locale: str
    time_zone: str
    attributes: dict[str, bool | int | str]
    anonymised_at: datetime | None


class MemberPageOut(Told):
    """A page of members."""

    items: list[MemberOut]
    next_cursor: str | None


class TierOut(Told):
    """Where a member stands. Amounts are in the unit of `metric`: points, minor units, or visits."""

    tier: str
    tier_name: str
    metric: str
    qualified: int
    reached_at: datetime | None
    next_tier: str | None
    next_tier_name: str | None
    next_threshold: int | None
    needed: int
    kept_until: date | None
    needed_to_keep: int


class ResultProblemOut(Told):
    """Why one item was refused."""

    code: str
    detail: str
    status: int


class MemberResultOut(Told):
    """What became of one item of a batch."""

    external_id: str | None
    status: SaveStatus
    member_id: int | None = None
    problem: ResultProblemOut | None = None


class MemberResultsOut(Told):
    """One result per item, in the order given."""

    results: list[MemberResultOut]
