"""Who is signed in: the member's number in the server's session, beside whatever else lives there."""

from datetime import datetime

from django.http import HttpRequest

from regulars.identity import facade as identity
from regulars.kit.ids import MemberId
from regulars.members import facade as members

MEMBER = "store_member_id"
EMAIL = "store_sign_in_email"
SESSION = "store_session"
NEXT = "store_sign_in_next"
TICKET = "store_sign_in_ticket"
DEMO_CODE = "store_demo_code"


def sign_in(request: HttpRequest, member_id: MemberId, now: datetime) -> None:
    """Remember the member, under a new session key: one known before becomes worthless."""
    forget_attempt(request)
    leave(request, now)
    request.session[SESSION] = identity.open_member_session(
        member_id=member_id, agent=request.headers.get("User-Agent", ""), now=now
    )
    request.session[MEMBER] = member_id
    request.session.cycle_key()


def sign_out(request: HttpRequest, now: datetime) -> None:
    """Forget the member; an operator signed in to the console in the same browser stays so."""
    leave(request, now)
    forget_attempt(request)
    request.session.cycle_key()


def leave(request: HttpRequest, now: datetime) -> None:
    """End the member's session in this browser, where there is one."""
    member_id, number = request.session.pop(MEMBER, None), request.session.pop(SESSION, None)
    if member_id is not None and number is not None:
        identity.end_member_sessions(member_id=member_id, now=now, only=number)


def find_member(request: HttpRequest, now: datetime) -> members.MemberProfile | None:
    """The member who is signed in; None for a stranger, and for one signed out or erased meanwhile."""
    member_id, number = request.session.get(MEMBER), request.session.get(SESSION)
    if member_id is None:
        return None
    if number is None or not identity.is_member_session_open(number=number, member_id=member_id, now=now):
        sign_out(request, now)
        return None
    found = members.get_profiles([member_id]).get(member_id)
    if found is not None and found.merged_into is not None:
        # Merged since they signed in: they are the survivor.
        found = members.get_member(found.merged_into)
    if found is None or found.anonymised_at is not None:
        sign_out(request, now)
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
