"""Small types that the shapes are made of."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
BATCH_MAX = 1_000


class Given(BaseModel):
    """The base of requests: a field that is not known is a mistake, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Told(BaseModel):
    """The base of answers; fields may be added in later versions."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


def _check_range(instant: datetime) -> datetime:
    if not EARLIEST <= instant <= LATEST:
        raise ValueError("the instant is out of range: 1970 to 2199")
    return instant.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_check_range)]
"""A date and time with its offset from UTC."""

Text = Annotated[str, StringConstraints(max_length=500)]
Word = Annotated[str, StringConstraints(max_length=200)]
Key = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Money = Annotated[int, Field(strict=True, ge=0, le=10**13, description="Minor units, such as cents.")]
Count = Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)]
Attribute = Annotated[bool, Field(strict=True)] | Annotated[int, Field(strict=True)] | Text
Attributes = dict[Annotated[str, StringConstraints(min_length=1, max_length=100)], Attribute]

MemberRef = Annotated[
    str,
    StringConstraints(
        max_length=300, pattern=r"^([1-9][0-9]{0,18}|(external|email|phone|card):[^\x00-\x1f]+)$"
    ),
    Field(
        description="A member: our id (`17`), or theirs: `external:H2375`, `email:…`, `phone:…`, `card:…`.",
        examples=["external:H2375"],
    ),
]
MemberNumber = Annotated[int, Field(ge=1, le=2**63 - 1, description="A member by our id.")]
Cursor = Annotated[
    str | None,
    Field(max_length=500, description="`next_cursor` of the page before; leave it out for the first."),
]
Size = Annotated[int, Field(ge=1, le=100, description="How many there are to a page.")]


class ProblemOut(Told):
    """A refusal (RFC 9457). `code` is stable; `detail` is a sentence for a person; more facts may follow."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    detail: str
