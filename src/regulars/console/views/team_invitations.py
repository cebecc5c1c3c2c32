"""Places in the team that wait for somebody: offered, sent again, withdrawn, taken."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from regulars.console.desk import BRAND, Desk, at_desk, show
from regulars.console.forms_account import AcceptForm
from regulars.console.forms_team import ROLE_NAMES, InvitationForm
from regulars.console.pages.team import find_open_invitation
from regulars.console.views.once import lead_to_once
from regulars.identity import facade as identity
from regulars.identity.facade import InvitationInfo, Permission, Role, SignInWay
from regulars.kit.clock import utc_now
from regulars.kit.errors import InvalidInput, Refusal


@require_http_methods(["GET", "POST"])
@at_desk(Permission.OPERATORS_MANAGE, own_time=True)
def invite(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Offer somebody a place; the link goes by e-mail, and is shown once where there is no mail."""
    form = InvitationForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            invitation, token, mailed = identity.invite_operator(
                actor=desk.actor,
                now=desk.now,
                email=form.cleaned_data["email"],
                name=form.cleaned_data["name"],
                role=Role(form.cleaned_data["role"]),
                link_of=_link_maker(request),
                shop=desk.brand,
            )
        except Refusal as refusal:
            form.add_error("email", refusal.detail)
            status = 422 if isinstance(refusal, InvalidInput) else 409
        else:
            return _show_sent(request, desk, invitation, token, mailed)
    elif request.method == "POST":
        status = 422
    return show(
        request,
        desk,
        "console/team_invite.html",
        status=status,
        form=form,
        can_mail=identity.can_mail(),
        active="team",
    )


@require_POST
@at_desk(Permission.OPERATORS_MANAGE, own_time=True)
def resend(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """A new link for another week; the one before is no longer good."""
    invitation, token, mailed = identity.resend_invitation(
        actor=desk.actor, now=desk.now, number=number, link_of=_link_maker(request), shop=desk.brand
    )
    return _show_sent(request, desk, invitation, token, mailed)


@require_http_methods(["GET", "POST"])
@at_desk(Permission.OPERATORS_MANAGE, own_time=True)
def revoke(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Withdraw an invitation, after saying what that means."""
    row = find_open_invitation(number, desk.now)
    if request.method == "POST":
        identity.revoke_invitation(actor=desk.actor, now=desk.now, number=number)
        messages.success(request, _("%(email)s is no longer invited.") % {"email": row.info.email})
        return redirect("console:team")
    return show(request, desk, "console/team_invitation_revoke.html", row=row, active="team")


@never_cache
@sensitive_variables("token")
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Who was invited chooses a password and is in. Looking at the page uses nothing up."""
    now = utc_now()
    invitation = identity.find_invitation(token, now)
    if invitation is None:
        return render(request, "console/team_invitation_gone.html", {"brand": BRAND}, status=404)
    form = AcceptForm(request.POST if request.method == "POST" else None, initial={"name": invitation.name})
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operator = identity.accept_invitation(
                token=token, name=form.cleaned_data["name"], password=form.cleaned_data["password"], now=now
            )
        except identity.OperatorInvalid as refusal:
            form.add_error(refusal.extra.get("field"), refusal.detail)
            status = 422
        except Refusal as refusal:
            form.add_error(None, refusal.detail)
            status = 409
        else:
            identity.finish_sign_in(request, operator.id, SignInWay.PASSWORD, now)
            messages.success(request, _("Welcome. Make your account safe with a second step."))
            return redirect("console:account_two_factor")
    elif request.method == "POST":
        status = 422
    return render(
        request,
        "console/team_invitation.html",
        {"form": form, "invitation": invitation, "role": ROLE_NAMES[invitation.role], "brand": BRAND},
        status=status,
    )


def _link_maker(request: HttpRequest) -> Callable[[str], str]:
    return lambda token: request.build_absolute_uri(reverse("console:invitation", args=[token]))


@sensitive_variables("token")
def _show_sent(
    request: HttpRequest, desk: Desk, invitation: InvitationInfo, token: str, mailed: bool
) -> HttpResponse:
    if mailed:
        told = _("An invitation is on its way to %(email)s.") % {"email": invitation.email}
        messages.success(request, told)
        return redirect("console:team")
    link = _link_maker(request)(token)
    return lead_to_once(request, desk, "invitation", number=str(invitation.number), secret=link)
