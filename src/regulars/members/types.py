"""What crosses the door of members: profiles, inputs and outcomes of saving, the timeline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from regulars.kit.ids import MemberId

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

AttributeValue = str | int | bool
"""A day is a string in ISO form (`2026-02-28`); inputs may also give a `date`."""


class IdentityKind(StrEnum):
    """By what a member can be found. EXTERNAL is the shop's own id, unique and always there."""

    EMAIL = "email"
    PHONE = "phone"
    CARD = "card"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True)
class MemberProfile:
    """A member as everyone else sees them. `joined_at` is an instant in UTC.

    `merged_into` is the member whom the identities of this one lead to, where two were found to be one.
    """

    id: MemberId
    external_id: str
    given_name: str
    family_name: str
    birthday: date | None
    joined_at: datetime
    locale: str
    time_zone: str
    email: str | None = None
    phone: str | None = None
    cards: tuple[str, ...] = ()
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    anonymised_at: datetime | None = None
    merged_into: MemberId | None = None

    @property
    def name(self) -> str:
        """The full name; the external id where there is none."""
        return f"{self.given_name} {self.family_name}".strip() or self.external_id


@dataclass(frozen=True, slots=True)
class MemberTraits:
    """What rules may know of a member, and no more. `merged` are those merged into them."""

    id: MemberId
    birthday: date | None
    joined_at: datetime
    attributes: Mapping[str, AttributeValue]
    merged: tuple[MemberId, ...] = ()


@dataclass(frozen=True, slots=True)
class MergeView:
    """One merge of `member_id` into `into_member_id`, undone or not."""

    id: int
    member_id: MemberId
    into_member_id: MemberId
    merged_at: datetime
    actor: str
    reason: str
    undone_at: datetime | None
    undone_by: str
    undone_reason: str


@dataclass(frozen=True, slots=True)
class MemberInput:
    """What a shop tells of one member. None means "not told": what is stored stays.

    `cards` and `attributes` are merged into what is stored; an attribute given as None is removed.
    `clear` names fields to empty: given_name, family_name, birthday, email, phone, cards, attributes
    (applied before the rest). A new member without `joined_at` joins now. With `only_new`, a member who is
    there already is refused, not changed.
    """

    external_id: str
    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None
    phone: str | None = None
    cards: Sequence[str] = ()
    birthday: date | None = None
    joined_at: datetime | None = None
    locale: str | None = None
    time_zone: str | None = None
    attributes: Mapping[str, AttributeValue | date | None] = field(default_factory=dict)
    clear: frozenset[str] = frozenset()
    only_new: bool = False


@dataclass(frozen=True, slots=True)
class MemberNote:
    """What somebody of the shop wrote about a member. Members see it only in the copy of their data."""

    id: int
    member_id: MemberId
    written_at: datetime
    actor: str
    text: str


class SaveStatus(StrEnum):
    """What became of one row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class MemberOutcome:
    """What became of one input, in the order of the batch. `code` and `detail` say why it was refused."""

    external_id: str
    status: SaveStatus
    member_id: MemberId | None = None
    code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing in a member's life. (`occurred_at`, `ref` ≥ 0) is unique within its source.

    `title` may be lazily translated. `link_ref` names what it is about (`order:17`, `redemption:3`);
    surfaces turn it into a link.
    """

    occurred_at: datetime
    kind: str
    title: "_StrOrPromise"
    detail: "_StrOrPromise" = ""
    link_ref: str = ""
    ref: int = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class TimelinePoint:
    """A place in one source's entries, which are ordered by (`occurred_at`, `ref`)."""

    occurred_at: datetime
    ref: int


class TimelineSource(Protocol):
    """Where a room's entries of the timeline come from."""

    @property
    def name(self) -> str:
        """Unique and stable: part of every cursor."""
        ...

    def list_entries(
        self, member_id: MemberId, *, before: TimelinePoint | None, size: int
    ) -> Sequence[TimelineEntry]:
        """At most `size` entries with (occurred_at, ref) < `before`, latest first, in a bounded read."""
        ...


class ConsentChannel(StrEnum):
    """By which way a member may be spoken to."""

    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"
    POST = "post"


class ConsentPurpose(StrEnum):
    """What for. What a member asked for themselves (codes, redemptions) needs no consent."""

    OFFERS = "offers"
    REMINDERS = "reminders"
    SURVEYS = "surveys"


@dataclass(frozen=True, slots=True)
class ConsentChange:
    """One word of a member's: given or withdrawn, when, and through whom."""

    channel: ConsentChannel
    purpose: ConsentPurpose
    granted: bool
    changed_at: datetime
    actor: str


class PrivacyKind(StrEnum):
    """What a member may ask for concerning their data."""

    COPY = "copy"
    ERASURE = "erasure"


class PrivacyState(StrEnum):
    """How far a request has come."""

    OPEN = "open"
    DONE = "done"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class PrivacyRequest:
    """One request. It is carried out at `due_at` or soon after; a copy can be fetched until `kept_until`."""

    id: int
    member_id: MemberId
    kind: PrivacyKind
    state: PrivacyState
    requested_at: datetime
    due_at: datetime
    done_at: datetime | None
    kept_until: datetime | None
