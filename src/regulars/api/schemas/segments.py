"""Shapes of segments."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from regulars.api.schemas.scalars import Given, Instant, Told
from regulars.segments.facade import Cause, SegmentState

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Description = Annotated[str, StringConstraints(max_length=500)]
Tree = Annotated[
    dict[str, Any],
    Field(
        description="The condition tree; docs/segments.md says what it may hold.",
        examples=[
            {
                "version": 1,
                "match": {"count": "orders", "within": {"last_days": 60}, "at_least": 3},
            }
        ],
    ),
]
Uid = Annotated[UUID, Field(description="Salts random shares; given where a preview already used it.")]


class SegmentIn(Given):
    """A new segment. Without a `code` one is made of the name; it never changes."""

    name: Name
    tree: Tree
    description: Description = ""
    code: Code | None = None
    uid: Uid | None = None


class SegmentChangeIn(Given):
    """What is given is changed. With `expected_version`, only where nobody else changed the tree since."""

    name: Name | None = None
    description: Description | None = None
    tree: Tree | None = None
    expected_version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None


class PreviewIn(Given):
    """A tree to count. `code` names the segment that is being changed, so that its random shares stay."""

    tree: Tree
    code: Code | None = None
    uid: Uid | None = None


class PreviewOut(Told):
    """How many members match now, the numbers of some of them, and the tree in a sentence."""

    count: int
    sample: list[int]
    uid: UUID
    sentence: str


class SegmentOut(Told):
    """A segment. `members_count` is the membership's own size; `error` says why the last rebuild failed."""

    code: str
    uid: UUID
    name: str
    description: str
    built_in: bool
    tree: dict[str, Any]
    version: int
    state: SegmentState
    members_count: int
    created_at: Instant
    updated_at: Instant
    rebuilt_at: Instant | None
    tested_at: Instant | None
    error: str


class SegmentListOut(Told):
    """All segments."""

    items: list[SegmentOut]


class SegmentMemberOut(Told):
    """A member of a segment, and since when."""

    member_id: int
    since: Instant


class SegmentMemberPageOut(Told):
    """A page of members, by our id."""

    items: list[SegmentMemberOut]
    next_cursor: str | None


class BelongingOut(Told):
    """A segment that a member is in."""

    code: str
    name: str
    since: Instant


class BelongingListOut(Told):
    """The segments of a member."""

    items: list[BelongingOut]


class MembershipChangeOut(Told):
    """An entry or an exit, with the values that the conditions had then, by path in the tree."""

    id: int
    segment_code: str
    member_id: int
    entered: bool
    happened_at: Instant
    version: int
    cause: Cause
    facts: dict[str, Any]


class MembershipChangePageOut(Told):
    """A page of entries and exits, latest first."""

    items: list[MembershipChangeOut]
    next_cursor: str | None
