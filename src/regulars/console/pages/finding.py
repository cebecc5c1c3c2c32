"""The member whom one word names, as somebody at the desk types it."""

from regulars.kit.ids import MemberId
from regulars.members import facade as members
from regulars.members.facade import IdentityKind, MemberProfile

ID_DIGITS_MAX = 18


def find_by_word(text: str) -> MemberProfile | None:
    """The member of that number, or of any identity; of one who was merged the survivor."""
    word = text.strip().removeprefix("#")
    if word.isascii() and word.isdigit() and len(word) <= ID_DIGITS_MAX:
        number = MemberId(int(word))
        found = members.get_profiles([number]).get(number)
        if found is not None:
            return members.get_member(found.merged_into) if found.merged_into else found
    return next((found for kind in IdentityKind if (found := members.find_member(kind, word))), None)
