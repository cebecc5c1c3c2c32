"""From a reference to a member (`17`, `external:H2375`, `card:…`) to the member."""

from collections.abc import Iterable

from regulars.kit.ids import MemberId
from regulars.kit.statements import Lookup
from regulars.members.facade import (
    IdentityKind,
    MemberProfile,
    MemberUnknown,
    find_member,
    find_member_ids,
    get_member,
    is_member,
    look_up_external,
    look_up_member,
)

ID_MAX = 2**63 - 1


def resolve_member(ref: str) -> MemberId:
    """The member's id: no query where it is given, one or two where it must be looked up.

    An id is taken as given: whether there is such a member is for the operation to say.
    Raises MemberUnknown.
    """
    found = resolve_members([ref]).get(ref)
    if found is None:
        raise unknown(ref)
    return found


def look_up(ref: str) -> Lookup:
    """The way to a member: no query by ids, one or two by e-mail address, telephone or card.

    Raises MemberUnknown where it asked and found nobody.
    """
    kind, colon, value = ref.partition(":")
    if colon and kind == IdentityKind.EXTERNAL:
        return look_up_external(value)
    return look_up_member(resolve_member(ref))


def is_known(ref: str, member_id: MemberId) -> bool:
    """Whether there is the member that a reference was resolved to: asked only where it was an id."""
    return ":" in ref or is_member(member_id)


def resolve_members(refs: Iterable[str]) -> dict[str, MemberId]:
    """The members of these references, those found.

    One query for all external ids together, one or two for each e-mail address, telephone or card.
    """
    found: dict[str, MemberId] = {}
    external: dict[str, str] = {}
    for ref in set(refs):
        kind, colon, value = ref.partition(":")
        if not colon:
            if int(ref) <= ID_MAX:
                found[ref] = MemberId(int(ref))
        elif kind == IdentityKind.EXTERNAL:
            external[value] = ref
        elif profile := find_member(IdentityKind(kind), value):
            found[ref] = profile.id
    ids = find_member_ids(external)
    found.update({external[value]: member_id for value, member_id in ids.items()})
    return found


def get_profile(ref: str) -> MemberProfile:
    """The member's profile. Raises MemberUnknown."""
    return get_member(resolve_member(ref))


def unknown(ref: str) -> MemberUnknown:
    """The refusal for a reference that leads nowhere."""
    return MemberUnknown(f"There is no member {ref}.", member=ref)
