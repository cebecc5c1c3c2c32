"""A telephone number: proved with a code sent to it, before anything changes."""

from datetime import timedelta

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from regulars.delivery import facade as delivery
from regulars.identity import facade as identity
from regulars.identity.facade import CodeUse
from regulars.kit.errors import Refusal, TooMany
from regulars.members import facade as members
from regulars.store.forms import CodeForm, PhoneForm
from regulars.store.rendering import show
from regulars.store.visits import MemberVisit, StoreRequest, for_members, is_demo

PROOF = "store_phone_proof"
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
    try:
        address = request.META["REMOTE_ADDR"]
        identity.take_attempt(limit=CODES_BY_ADDRESS, subject=address, now=visit.now)
        identity.take_attempt(limit=CODES_BY_MEMBER, subject=str(visit.member_id), now=visit.now)
        identity.take_attempt(limit=CODES_BY_NUMBER, subject=phone, now=visit.now)
        ticket = _send_code(phone, visit)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
        return redirect("store:profile")
    # In this browser's session alone: the code is worth nothing without it.
    request.session[PROOF] = [phone, ticket.number, ticket.code if is_demo() else ""]
    return redirect("store:phone_code")


@sensitive_post_parameters("code")
@for_members
def phone_code(request: StoreRequest, visit: MemberVisit) -> HttpResponseBase:
    """Ask for the code; with it, the number is theirs."""
    proof = request.session.get(PROOF)
    if proof is None:
        return redirect("store:profile")
    phone, ticket, demo_code = proof
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            identity.take_attempt(limit=TRIES_BY_MEMBER, subject=str(visit.member_id), now=visit.now)
            identity.check_sign_in_code(
                member_id=visit.member_id,
                ticket=ticket,
                code=form.cleaned_data["code"],
                now=visit.now,
                use=CodeUse.CONTACT,
            )
        except (TooMany, identity.SignInCodeWrong) as refusal:
            form.add_error("code", refusal.detail)
        else:
            return _take_over(request, visit, phone)
    return show(
        request,
        visit,
        "phone_code.html",
        form=form,
        phone=phone,
        demo_code=demo_code if is_demo() else "",
        active="profile",
        status=422 if form.errors else 200,
    )


def _take_over(request: StoreRequest, visit: MemberVisit, phone: str) -> HttpResponseBase:
    del request.session[PROOF]
    try:
        members.change_phone(actor=visit.actor, now=visit.now, member_id=visit.member_id, phone=phone)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    else:
        messages.success(request, _("%(phone)s is your number now.") % {"phone": phone})
    return redirect("store:profile")


def _send_code(phone: str, visit: MemberVisit) -> identity.SignInTicket:
    """Issue a code and send it, both or neither. Raises TooManyAttempts, TextRefused, TextsNotSetUp."""
    with transaction.atomic():
        ticket = identity.issue_sign_in_code(member_id=visit.member_id, now=visit.now, use=CodeUse.CONTACT)
        if not is_demo():
            words = _("%(code)s confirms your number for %(brand)s. It is good for ten minutes.")
            text = words % {"code": ticket.code, "brand": visit.programme.name}
            delivery.send_text(to=phone, text=text, now=visit.now)
    return ticket
