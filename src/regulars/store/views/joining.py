"""Joining by oneself: a form, a code to the address, and a welcome.

Nothing is written about anybody until the address is proved: what was typed waits in the browser's session.
Whether an address belongs to a member is told to nobody but who reads its mail: known or not, the same page
follows and the same limits hold, and the code of a known one signs in to the account there is.
"""

import secrets
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from regulars.identity import facade as identity
from regulars.kit.errors import TooMany
from regulars.kit.ids import MemberId
from regulars.members import facade as members
from regulars.members.facade import ConsentChannel, ConsentPurpose, MemberInput, MemberProfile
from regulars.store import sessions
from regulars.store.forms import CodeForm
from regulars.store.forms_joining import JoinForm
from regulars.store.rendering import show
from regulars.store.views.codes import NO_TICKET, count_code, enter_with_code, issue_code, send_code
from regulars.store.views.signing_in import OWN_ID, thank_for_joining
from regulars.store.visits import StoreRequest, Visit, for_everyone, is_demo

JOIN = "store_join"


@for_everyone
def join(request: StoreRequest, visit: Visit) -> HttpResponseBase:
    """Ask who it is; send a code to their address, whoever's it is."""
    if visit.member is not None:
        return redirect("store:home")
    if visit.programme is None or not members.is_registration_open():
        return show(request, visit, "join_closed.html", active="sign_in", status=200)
    form = JoinForm(request.POST if request.method == "POST" else None, now=visit.now)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        try:
            count_code(request, email, visit.now)
        except TooMany as refusal:
            form.add_error(None, refusal.detail)
        else:
            is_known, ticket = _send_code(email, visit)
            request.session[JOIN] = form.keep() | {
                "is_known": is_known,
                "ticket": ticket.number,
                "demo_code": ticket.code if is_demo() else "",
            }
            return redirect("store:join_code")
    return show(request, visit, "join.html", form=form, active="sign_in", status=422 if form.errors else 200)


@sensitive_post_parameters("code")
@for_everyone
def join_code(request: StoreRequest, visit: Visit) -> HttpResponseBase:
    """Ask for the code; take in whoever has it."""
    told = request.session.get(JOIN)
    if told is None:
        return redirect("store:join")
    form = CodeForm(request.POST if request.method == "POST" else None)
    entered = enter_with_code(
        request,
        visit,
        form,
        told["email"],
        check=lambda code: _check_code(told, code, visit),
        enter=lambda found: _welcome(request, visit, told, found),
    )
    if entered is not None:
        return entered
    return show(
        request,
        visit,
        "join_code.html",
        form=form,
        email=told["email"],
        demo_code=told["demo_code"] if is_demo() else "",
        active="sign_in",
        status=422 if form.errors else 200,
    )


def _send_code(email: str, visit: Visit) -> tuple[bool, identity.SignInTicket]:
    """Whether a member has the address, and the ticket of the code that goes there."""
    member = members.find_member(members.IdentityKind.EMAIL, email)
    if member is not None:
        text = _(
            "Your code is %(code)s. It is good for ten minutes.\n\n"
            "There is an account at %(brand)s with this address already: the code signs you in to it, and "
            "nothing of it changes.\n\n"
            "If you did not ask for it, ignore this message: nobody gets in without the code."
        )
        return True, issue_code(member, email, text, visit)
    text = _(
        "Your code is %(code)s. It is good for ten minutes; with it your account at %(brand)s is made.\n\n"
        "If you did not ask for it, ignore this message: without the code there is no account, and "
        "nothing of you is kept."
    )
    ticket = send_code(lambda: identity.issue_join_code(email=email, now=visit.now), email, text, visit)
    return False, ticket


def _check_code(told: dict[str, Any], code: str, visit: Visit) -> MemberProfile | None:
    """The member whose address it is already, None for somebody new. Raises SignInCodeWrong."""
    member = members.find_member(members.IdentityKind.EMAIL, told["email"])
    if not told["is_known"]:
        identity.check_join_code(email=told["email"], ticket=told["ticket"], code=code, now=visit.now)
    elif member is None or told["ticket"] == NO_TICKET.number:
        raise identity.SignInCodeWrong("This code is not right.")
    else:
        identity.check_sign_in_code(member_id=member.id, ticket=told["ticket"], code=code, now=visit.now)
    return member


def _welcome(
    request: StoreRequest, visit: Visit, told: dict[str, Any], member: MemberProfile | None
) -> HttpResponseBase:
    """Sign in who is there already; take in who is not, with what they agreed to."""
    request.session.pop(JOIN, None)
    if member is None:
        try:
            made = members.register_member(now=visit.now, given=_read(told), consents=_read_consents(told))
        except members.RegistrationClosed as refusal:
            messages.error(request, refusal.detail)
            return redirect("store:join")
        except members.ContactTaken:
            # Two tabs, one address: the other one was faster.
            member = members.find_member(members.IdentityKind.EMAIL, told["email"])
            if member is None:
                return redirect("store:join")
        else:
            return _greet(request, visit, made)
    sessions.sign_in(request, member.id, visit.now)
    messages.info(request, _("You were a member already. Nothing of your account was changed."))
    return redirect("store:home")


def _greet(request: StoreRequest, visit: Visit, member_id: MemberId) -> HttpResponseBase:
    member = members.get_member(member_id)
    sessions.sign_in(request, member_id, visit.now)
    points = thank_for_joining(member, visit)
    name = member.given_name or member.name
    if points and visit.programme:
        told = _("Welcome, %(name)s. %(points)s %(word)s are yours for joining.")
        word = visit.programme.points_name.of(points)
        messages.success(request, told % {"name": name, "points": points, "word": word})
    else:
        messages.success(request, _("Welcome, %(name)s. From now on your purchases count.") % {"name": name})
    return redirect("store:home")


def _read(told: dict[str, Any]) -> MemberInput:
    return MemberInput(
        external_id=f"{OWN_ID}{secrets.token_hex(8)}",
        email=told["email"],
        given_name=told["given_name"] or None,
        family_name=told["family_name"] or None,
        birthday=date.fromisoformat(told["birthday"]) if told["birthday"] else None,
        locale=told["locale"] or None,
        only_new=True,
    )


def _read_consents(told: dict[str, Any]) -> dict[tuple[ConsentChannel, ConsentPurpose], bool]:
    """By e-mail alone: it is all that is known of them."""
    return {(ConsentChannel.EMAIL, purpose): purpose.value in told["consents"] for purpose in ConsentPurpose}
