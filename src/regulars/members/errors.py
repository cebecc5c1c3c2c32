"""Refusals of members."""

from regulars.kit.errors import Conflict, InvalidInput, NotAllowed, NotFound


class MemberUnknown(NotFound):
    """No member has this id or identity."""

    code = "member_not_found"


class MemberErased(Conflict):
    """The member's personal data was erased: who it was cannot be changed any more."""

    code = "member_erased"


class MemberMerged(Conflict):
    """A merge stands in the way, or is missing."""

    code = "member_merged"


class MergeInvalid(InvalidInput):
    """A merge that makes no sense: of a member with themselves, or without a reason."""

    code = "merge_invalid"


class ProfileInvalid(InvalidInput):
    """A field of a profile makes no sense; `extra["field"]` names it."""

    code = "member_invalid"


class NotThem(NotAllowed):
    """A member speaks for themselves only."""

    code = "not_your_profile"


class BirthdayIsSet(Conflict):
    """A birthday is told once; after that only the shop changes it."""

    code = "birthday_is_set"


class MemberExists(Conflict):
    """Somebody has this id in the shop already."""

    code = "member_exists"


class NothingToInviteTo(Conflict):
    """There is no address to write to, or nobody left to write to."""

    code = "nothing_to_invite_to"


class RegistrationClosed(Conflict):
    """The shop takes its members in itself."""

    code = "registration_closed"


class RequestNotOpen(Conflict):
    """The request was carried out, was withdrawn, or was never made."""

    code = "request_not_open"


class ContactTaken(Conflict):
    """The address belongs to another member."""

    code = "contact_taken"
