"""A telephone number: proved with a code sent to it, before anything changes."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from regulars.delivery import facade as delivery
from regulars.identity import facade as identity
from regulars.members import facade as members
from regulars.store.forms import PhoneForm
from regulars.store.views.proving import Contact, ask_for_code, send_code
from regulars.store.visits import MemberVisit, StoreRequest, for_members, is_demo

# Text messages cost money, and may go to strangers: fewer than e-mails, and few from one network address.
CODES_BY_MEMBER = identity.Limit("store_new_phone", 3, timedelta(hours=1))
CODES_BY_ADDRESS = identity.Limit("store_new_phone_address", 10, timedelta(hours=1))
CODES_BY_NUMBER = identity.Limit("store_new_phone_number", 5, timedelta(hours=24))
TRIES_BY_MEMBER = identity.Limit("store_new_phone_code", 20, timedelta(hours=1))


def can_prove_phone() -> bool:
    """Whether codes can be sent to telephones here; a demonstration shows them instead."""
    return is_demo() or delivery.can_text()


@require_POST
@for_members
def new_phone(request: StoreRequest, visit: MemberVisit) -> HttpResponseBase:
    """Send a code to the number that is to be theirs, whoever's it is now: its owner alone can read it."""
    if not can_prove_phone():
        raise Http404("No way to send text messages has been set up.")
    form = PhoneForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for error in form.errors["phone"]))
        return redirect("store:profile")
    phone = form.cleaned_data["phone"]
    if phone == visit.member.phone:
        messages.info(request, _("That is your number already."))
        return redirect("store:profile")
    limits = [
        (CODES_BY_ADDRESS, request.META["REMOTE_ADDR"]),
        (CODES_BY_MEMBER, str(visit.member_id)),
        (CODES_BY_NUMBER, phone),
    ]
    return send_code(request, visit, PHONE, phone, limits)


@sensitive_post_parameters("code")
@for_members
def phone_code(request: StoreRequest, visit: MemberVisit) -> HttpResponseBase:
    """Ask for the code; with it, the number is theirs."""
    return ask_for_code(request, visit, PHONE)


def _send(phone: str, code: str, visit: MemberVisit) -> None:
    words = _("%(code)s confirms your number for %(brand)s. It is good for ten minutes.")
    delivery.send_text(to=phone, text=words % {"code": code, "brand": visit.programme.name}, now=visit.now)


def _change(phone: str, visit: MemberVisit) -> str:
    members.change_phone(actor=visit.actor, now=visit.now, member_id=visit.member_id, phone=phone)
    return _("%(phone)s is your number now.") % {"phone": phone}


PHONE = Contact("phone", "phone_code", TRIES_BY_MEMBER, _send, _change)
