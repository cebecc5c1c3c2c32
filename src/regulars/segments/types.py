"""What crosses the door of segments."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from regulars.kit.ids import MemberId


class SegmentState(StrEnum):
    """Whether the membership is what the tree says."""

    BUILDING = "building"
    """Not made yet with this tree: the membership is the one of the tree before, or none."""
    CURRENT = "current"
    FAILING = "failing"
    """The last rebuild failed: the membership is the one from before it. It is tried again."""
    ARCHIVED = "archived"


class Cause(StrEnum):
    """What made a member enter or leave."""

    LIVE = "live"
    """Something happened to the member."""
    REBUILD = "rebuild"
    """Time went by, or the definition changed."""
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class SegmentView:
    """A segment with how it stands. `tree` is the JSON form, `version` counts the trees.

    `members_count` is how many rows the membership has: what is shown is what is used. `rebuilt_on` is the
    day, in the shop's time zone, of which the windows were last resolved for everybody.
    """

    id: int
    code: str
    uid: UUID
    name: str
    description: str
    built_in: bool
    tree: Mapping[str, Any]
    version: int
    state: SegmentState
    members_count: int
    created_at: datetime
    updated_at: datetime
    wanted_at: datetime | None
    rebuilt_at: datetime | None
    rebuilt_on: date | None
    rebuilt_seconds: float | None
    tested_at: datetime | None
    changed_at: datetime | None
    error: str
    failed_at: datetime | None

    @property
    def fresh_at(self) -> datetime | None:
        """When anybody was last tested."""
        known = [at for at in (self.rebuilt_at, self.tested_at) if at]
        return max(known, default=None)


@dataclass(frozen=True, slots=True)
class SegmentInput:
    """What somebody says of a segment. `uid` is given where a preview already used one."""

    name: str
    tree: Mapping[str, Any]
    description: str = ""
    code: str = ""
    uid: UUID | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """How many members a tree matches now, and some of them. `uid` salts its random shares."""

    count: int
    sample: tuple[MemberId, ...]
    uid: UUID
    day: date


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did. With an `error` nothing changed; `is_skipped`: another one is under way."""

    code: str
    entered: int = 0
    left: int = 0
    members_count: int = 0
    seconds: float = 0.0
    error: str = ""
    is_skipped: bool = False


@dataclass(frozen=True, slots=True)
class MembershipChange:
    """An entry or an exit. `facts` are the values of the conditions then, by path in tree `version`."""

    id: int
    segment_id: int
    segment_code: str
    member_id: MemberId
    entered: bool
    happened_at: datetime
    version: int
    cause: Cause
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChangePosition:
    """How far a subscriber has read: the transaction and the number of the last change."""

    xid: int = 0
    id: int = 0


@dataclass(frozen=True, slots=True)
class Belonging:
    """A segment that a member is in, and since when."""

    segment: SegmentView
    since: datetime


@dataclass(frozen=True, slots=True)
class MemberIn:
    """A member of a segment, and since when."""

    member_id: MemberId
    since: datetime


@dataclass(frozen=True, slots=True)
class FactLine:
    """One condition of a tree, the value it had for a member, and whether it was known."""

    path: str
    sentence: str
    value: str


@dataclass(frozen=True, slots=True)
class Followed:
    """What one round of live tests did."""

    members: int = 0
    segments: int = 0
    changes: int = 0
