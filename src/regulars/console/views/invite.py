"""Somebody new at the desk, and the message that asks them in."""

import secrets
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from regulars.console.desk import Desk, at_desk, show
from regulars.console.forms_desk import NewMemberForm
from regulars.console.pages.member import read_head
from regulars.identity import facade as identity
from regulars.identity.facade import Permission
from regulars.kit.errors import Refusal
from regulars.kit.ids import MemberId
from regulars.members import facade as members
from regulars.members.facade import MemberInput, MemberProfile, SaveStatus

# Nobody is written to again and again, and nobody writes to everybody from here.
INVITES_BY_MEMBER = identity.Limit("invite_member", 2, timedelta(days=1))
INVITES_BY_OPERATOR = identity.Limit("invite_operator", 60, timedelta(hours=1))


@require_http_methods(["GET", "POST"])
@at_desk(Permission.MEMBERS_EDIT)
def new_member(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Take somebody in; who is there already is shown, not changed."""
    form = NewMemberForm(request.POST or None)
    if request.method == "GET":
        return show(request, desk, "console/member_new.html", form=form, active="members")
    status = 422
    if form.is_valid():
        outcome = members.save_members(actor=desk.actor, now=desk.now, batch=[_read(form)])[0]
        if outcome.status is not SaveStatus.REFUSED and outcome.member_id is not None:
            messages.success(request, _("Welcome to a new member."))
            if form.cleaned_data["invite"]:
                _try_to_invite(request, desk, outcome.member_id)
            return redirect("console:member", outcome.member_id)
        form.add_error(None, _explain(outcome))
        status = 409
    return show(request, desk, "console/member_new.html", status=status, form=form, active="members")


@require_http_methods(["GET", "POST"])
@at_desk(Permission.MEMBERS_EDIT)
def invite(request: HttpRequest, desk: Desk, member_id: int) -> HttpResponse:
    """Ask a member in by e-mail, after saying what is sent and where."""
    head = read_head(desk, MemberId(member_id))
    if request.method == "POST":
        _try_to_invite(request, desk, head.profile.id)
        return redirect("console:member", member_id)
    shown: dict[str, Any] = {"head": head, "key": uuid4()}
    return show(request, desk, "console/invite.html", **shown, active="members")


def _try_to_invite(request: HttpRequest, desk: Desk, member_id: MemberId) -> None:
    profile = members.get_member(member_id)
    try:
        identity.take_attempt(limit=INVITES_BY_OPERATOR, subject=str(desk.actor), now=desk.now)
        identity.take_attempt(limit=INVITES_BY_MEMBER, subject=str(member_id), now=desk.now)
        address = _invite(request, desk, profile)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    else:
        messages.success(request, _("Invited: a message goes to %(address)s.") % {"address": address})


def _invite(request: HttpRequest, desk: Desk, profile: MemberProfile) -> str:
    """In the member's own language where there is one. Raises what the room refuses."""
    link = request.build_absolute_uri(f"{reverse('store:sign_in')}?next={reverse('store:profile')}")
    with translation.override(_find_language(profile.locale) or translation.get_language()):
        return members.invite_member(
            actor=desk.actor, now=desk.now, member_id=profile.id, shop=desk.brand, link=link
        )


def _find_language(locale: str) -> str | None:
    try:
        return translation.get_supported_language_variant(locale.replace("_", "-")) if locale else None
    except LookupError:
        return None


def _read(form: NewMemberForm) -> MemberInput:
    told = form.cleaned_data
    return MemberInput(
        external_id=told["external_id"] or f"desk-{secrets.token_hex(8)}",
        given_name=told["given_name"] or None,
        family_name=told["family_name"] or None,
        email=told["email"] or None,
        phone=told["phone"] or None,
        cards=[told["card"]] if told["card"] else [],
        locale=told["locale"] or None,
        only_new=True,
    )


def _explain(outcome: members.MemberOutcome) -> str:
    if outcome.code == "identity_taken":
        return _("Somebody has this e-mail, phone or card already. Look them up instead.")
    if outcome.code == members.MemberExists.code:
        return _("Somebody has this id already. Look them up instead.")
    return outcome.detail
