"""A new e-mail address: proved with a code sent to it, before anything changes."""

from datetime import timedelta

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from regulars.delivery import facade as delivery
from regulars.identity import facade as identity
from regulars.identity.facade import CodeUse
from regulars.kit.errors import Refusal, TooMany
from regulars.members import facade as members
from regulars.store.forms import CodeForm, EmailForm
from regulars.store.rendering import show
from regulars.store.visits import MemberVisit, StoreRequest, for_members, is_demo

PROOF = "store_email_proof"
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
    try:
        identity.take_attempt(limit=CODES_BY_MEMBER, subject=str(visit.member_id), now=visit.now)
        ticket = _send_code(email, visit)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
        return redirect("store:profile")
    request.session[PROOF] = [email, ticket.number, ticket.code if is_demo() else ""]
    return redirect("store:email_code")


@sensitive_post_parameters("code")
@for_members
def email_code(request: StoreRequest, visit: MemberVisit) -> HttpResponseBase:
    """Ask for the code; with it, the address is theirs."""
    proof = request.session.get(PROOF)
    if proof is None:
        return redirect("store:profile")
    email, ticket, demo_code = proof
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
            return _take_over(request, visit, email)
    return show(
        request,
        visit,
        "email_code.html",
        form=form,
        email=email,
        demo_code=demo_code if is_demo() else "",
        active="profile",
        status=422 if form.errors else 200,
    )


def _take_over(request: StoreRequest, visit: MemberVisit, email: str) -> HttpResponseBase:
    del request.session[PROOF]
    try:
        members.change_email(actor=visit.actor, now=visit.now, member_id=visit.member_id, email=email)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    else:
        messages.success(request, _("%(address)s is your address now.") % {"address": email})
    return redirect("store:profile")


def _send_code(email: str, visit: MemberVisit) -> identity.SignInTicket:
    """Issue a code and send it, both or neither. Raises TooManyAttempts, EmailRefused."""
    with transaction.atomic():
        ticket = identity.issue_sign_in_code(member_id=visit.member_id, now=visit.now, use=CodeUse.CONTACT)
        if not is_demo():
            delivery.send_email(
                to=email,
                subject=_("%(code)s confirms your address for %(brand)s")
                % {"code": ticket.code, "brand": visit.programme.name},
                text=_(
                    "Your code is %(code)s. It is good for ten minutes and makes this your address.\n\n"
                    "If you did not ask for it, ignore this message: nothing changes without the code."
                )
                % {"code": ticket.code},
                now=visit.now,
            )
    return ticket
