"""Who is signed in: the member's number in the server's session, beside whatever else lives there."""

from django.http import HttpRequest

from regulars.kit.ids import MemberId
from regulars.members import facade as members

MEMBER = "store_member_id"
EMAIL = "store_sign_in_email"
NEXT = "store_sign_in_next"
TICKET = "store_sign_in_ticket"
DEMO_CODE = "store_demo_code"


def sign_in(request: HttpRequest, member_id: MemberId) -> None:
    """Remember the member, under a new session key: one known before becomes worthless."""
    forget_attempt(request)
    request.session[MEMBER] = member_id
    request.session.cycle_key()


def sign_out(request: HttpRequest) -> None:
    """Forget the member; an operator signed in to the console in the same browser stays so."""
    request.session.pop(MEMBER, None)
    forget_attempt(request)
    request.session.cycle_key()


def find_member(request: HttpRequest) -> members.MemberProfile | None:
    """The member who is signed in; None for a stranger, and where the member was erased meanwhile."""
    member_id = request.session.get(MEMBER)
    if member_id is None:
        return None
    found = members.get_profiles([member_id]).get(member_id)
    if found is not None and found.merged_into is not None:
        # Merged since they signed in: they are the survivor.
        found = members.get_member(found.merged_into)
    if found is None or found.anonymised_at is not None:
        sign_out(request)
        return None
    return found


def begin_attempt(request: HttpRequest, *, email: str, ticket: int, wanted: str, demo_code: str) -> None:
    """Remember who asked for which code, where they wanted to go, and in a demonstration the code itself."""
    request.session[EMAIL] = email
    request.session[TICKET] = ticket
    request.session[NEXT] = wanted
    request.session[DEMO_CODE] = demo_code


def forget_attempt(request: HttpRequest) -> None:
    """An attempt to sign in is over."""
    for name in (EMAIL, TICKET, NEXT, DEMO_CODE):
        request.session.pop(name, None)
