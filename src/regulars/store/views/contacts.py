"""A new e-mail address: proved with a code sent to it, before anything changes."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from regulars.delivery import facade as delivery
from regulars.identity import facade as identity
from regulars.members import facade as members
from regulars.store.forms import EmailForm
from regulars.store.views.proving import Contact, ask_for_code, send_code
from regulars.store.visits import MemberVisit, StoreRequest, for_members

CODES_BY_MEMBER = identity.Limit("store_new_email", 5, timedelta(hours=1))
TRIES_BY_MEMBER = identity.Limit("store_new_email_code", 20, timedelta(hours=1))


@require_POST
@for_members
def new_email(request: StoreRequest, visit: MemberVisit) -> HttpResponseBase:
    """Send a code to the address that is to be theirs, whoever's it is now: its owner alone can read it."""
    form = EmailForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for error in form.errors["email"]))
        return redirect("store:profile")
    email = form.cleaned_data["email"].strip().lower()
    if email == visit.member.email:
        messages.info(request, _("That is your address already."))
        return redirect("store:profile")
    return send_code(request, visit, EMAIL, email, [(CODES_BY_MEMBER, str(visit.member_id))])


@sensitive_post_parameters("code")
@for_members
def email_code(request: StoreRequest, visit: MemberVisit) -> HttpResponseBase:
    """Ask for the code; with it, the address is theirs."""
    return ask_for_code(request, visit, EMAIL)


def _send(email: str, code: str, visit: MemberVisit) -> None:
    words = _(
        "Your code is %(code)s. It is good for ten minutes and makes this your address.\n\n"
        "If you did not ask for it, ignore this message: nothing changes without the code."
    )
    delivery.send_email(
        to=email,
        subject=_("%(code)s confirms your address for %(brand)s")
        % {"code": code, "brand": visit.programme.name},
        text=words % {"code": code},
        now=visit.now,
    )


def _change(email: str, visit: MemberVisit) -> str:
    members.change_email(actor=visit.actor, now=visit.now, member_id=visit.member_id, email=email)
    return _("%(address)s is your address now.") % {"address": email}


EMAIL = Contact("email", "email_code", TRIES_BY_MEMBER, _send, _change)
