"""The door of members."""

from regulars.members.errors import MemberErased, MemberUnknown, ProfileInvalid
from regulars.members.operations import erase_member, save_members
from regulars.members.policies import birthday_in, normalise_identity
from regulars.members.queries import (
    count_members,
    find_member,
    find_member_ids,
    get_member,
    get_profiles,
    get_traits,
    is_member,
    list_birthdays,
    search_members,
)
from regulars.members.timeline import list_timeline, register_timeline
from regulars.members.types import (
    AttributeValue,
    IdentityKind,
    MemberInput,
    MemberOutcome,
    MemberProfile,
    MemberTraits,
    SaveStatus,
    TimelineEntry,
    TimelinePoint,
    TimelineSource,
)

__all__ = [
    "AttributeValue",
    "IdentityKind",
    "MemberErased",
    "MemberInput",
    "MemberOutcome",
    "MemberProfile",
    "MemberTraits",
    "MemberUnknown",
    "ProfileInvalid",
    "SaveStatus",
    "TimelineEntry",
    "TimelinePoint",
    "TimelineSource",
    "birthday_in",
    "count_members",
    "erase_member",
    "find_member",
    "find_member_ids",
    "get_member",
    "get_profiles",
    "get_traits",
    "is_member",
    "list_birthdays",
    "list_timeline",
    "normalise_identity",
    "register_timeline",
    "save_members",
    "search_members",
]
