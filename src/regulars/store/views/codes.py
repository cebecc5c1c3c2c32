"""Codes by e-mail, for signing in and for joining: limits, letters, and the answer to a wrong one.

Both ways in are limited alike and answer alike, so that neither tells whose address is a member's.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import transaction
from django.http import HttpResponseBase
from django.utils.translation import gettext as _

from regulars.delivery import facade as delivery
from regulars.identity import facade as identity
from regulars.kit.errors import TooMany
from regulars.members.facade import MemberProfile
from regulars.store.forms import CodeForm
from regulars.store.visits import StoreRequest, Visit, is_demo

Found = TypeVar("Found")
# Few for an e-mail from one network address, more for it from everywhere: strangers lock no member out.
CODES_BY_PAIR = identity.Limit("store_pair", 5, timedelta(hours=1))
# As strict as the limit on one member's codes, so that the limits cannot be told apart.
CODES_BY_EMAIL = identity.Limit("store_email", 30, timedelta(hours=1))
CODES_BY_ADDRESS = identity.Limit("store_address", 60, timedelta(hours=1))
TRIES_BY_PAIR = identity.Limit("store_code_pair", 20, timedelta(hours=1))
# Each code bears five: so many guesses an hour at a million codes lead nowhere.
TRIES_BY_EMAIL = identity.Limit("store_code", 60, timedelta(hours=1))
NO_TICKET = identity.SignInTicket(0, "")


def count_code(request: StoreRequest, email: str, now: datetime) -> None:
    """One more code to that address from here. Raises TooMany."""
    address = request.META["REMOTE_ADDR"]
    identity.take_attempt(limit=CODES_BY_ADDRESS, subject=address, now=now)
    identity.take_attempt(limit=CODES_BY_PAIR, subject=f"{address} {email}", now=now)
    identity.take_attempt(limit=CODES_BY_EMAIL, subject=email, now=now)


def issue_code(member: MemberProfile, email: str, text: str, visit: Visit) -> identity.SignInTicket:
    """Issue a member's code and send it with a text, both or neither; NO_TICKET where there were too many."""
    try:
        return send_code(
            lambda: identity.issue_sign_in_code(member_id=member.id, now=visit.now), email, text, visit
        )
    except TooMany:
        return NO_TICKET


def send_code(
    issue: Callable[[], identity.SignInTicket], email: str, text: str, visit: Visit
) -> identity.SignInTicket:
    """Issue a code and send it, both or neither. A demonstration shows it instead of sending it."""
    brand = visit.programme.name if visit.programme else "Regulars"
    with transaction.atomic():
        ticket = issue()
        if not is_demo():
            named = {"code": ticket.code, "brand": brand}
            subject = _("%(code)s is your code for %(brand)s") % named
            delivery.send_email(to=email, subject=subject, text=text % named, now=visit.now)
    return ticket


def enter_with_code(
    request: StoreRequest,
    visit: Visit,
    form: CodeForm,
    email: str,
    *,
    check: Callable[[str], Found],
    enter: Callable[[Found], HttpResponseBase],
) -> HttpResponseBase | None:
    """What `enter` answers to whom `check` finds by the code; None, said in the form, where it is not right.

    `check` raises SignInCodeWrong.
    """
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        pair = f"{request.META['REMOTE_ADDR']} {email}"
        identity.take_attempt(limit=TRIES_BY_PAIR, subject=pair, now=visit.now)
        identity.take_attempt(limit=TRIES_BY_EMAIL, subject=email, now=visit.now)
        found = check(form.cleaned_data["code"])
    except TooMany as refusal:
        form.add_error(None, refusal.detail)
        return None
    except identity.SignInCodeWrong:
        form.add_error(
            "code", _("This code is not right, or it is no longer good. You can ask for a new one.")
        )
        return None
    return enter(found)
