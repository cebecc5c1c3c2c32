"""One's own account: who one is, the password, where one is signed in."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.console.desk import Desk, at_desk, show
from regulars.console.forms_account import PasswordForm, ProfileForm
from regulars.console.pages.account import read_sessions
from regulars.design import facade as design
from regulars.identity import facade as identity
from regulars.kit.errors import Refusal, TooMany


@require_http_methods(["GET", "POST"])
@at_desk(None, own_time=True)
def profile(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Name, language, time zone."""
    me = desk.operator
    held = {"name": me.name, "language": me.language, "time_zone": me.time_zone}
    form = ProfileForm(request.POST if request.method == "POST" else None, initial=held)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            changed = identity.change_profile(
                actor=desk.actor, now=desk.now, operator_id=me.id, **form.cleaned_data
            )
        except identity.OperatorInvalid as refusal:
            form.add_error(refusal.extra.get("field"), refusal.detail)
            status = 422
        else:
            messages.success(request, _("Saved."))
            response = redirect("console:account")
            if changed.language != me.language:
                design.keep_language(response, changed.language)
            return response
    elif request.method == "POST":
        status = 422
    return show(
        request, desk, "console/account.html", status=status, form=form, tab="profile", active="account"
    )


@sensitive_post_parameters("current", "new")
@require_http_methods(["GET", "POST"])
@at_desk(None, own_time=True)
def password(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Another password; every other session ends."""
    me = desk.operator
    form = PasswordForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            identity.check_password_again(
                operator_id=me.id, password=form.cleaned_data["current"], now=desk.now
            )
            identity.change_password(
                actor=desk.actor,
                now=desk.now,
                operator_id=me.id,
                password=form.cleaned_data["new"],
                keep_session=desk.session,
            )
        except identity.OperatorInvalid as refusal:
            form.add_error("new", refusal.detail)
            status = 422
        except Refusal as refusal:
            form.add_error("current", refusal.detail)
            status = 429 if isinstance(refusal, TooMany) else 403
        else:
            identity.keep_signed_in(request, me.id)
            messages.success(request, _("Your password is changed. You are signed out everywhere else."))
            return redirect("console:account_two_factor")
    elif request.method == "POST":
        status = 422
    return show(
        request,
        desk,
        "console/account_password.html",
        status=status,
        form=form,
        tab="security",
        active="account",
    )


@require_safe
@at_desk(None, own_time=True)
def sessions(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Where one is signed in."""
    rows = read_sessions(desk.operator.id, desk.now, desk.session)
    return show(request, desk, "console/account_sessions.html", rows=rows, tab="sessions", active="account")


@require_POST
@at_desk(None, own_time=True)
def end_sessions(request: HttpRequest, desk: Desk) -> HttpResponse:
    """End one session, or all but this one."""
    number = request.POST.get("number", "")
    only = int(number) if number.isdecimal() and len(number) < 19 else None
    if only is None and number != "others":
        return redirect("console:account_sessions")
    ended = identity.end_operator_sessions(
        actor=desk.actor,
        operator_id=desk.operator.id,
        now=desk.now,
        only=only,
        but=None if only else desk.session,
    )
    told = ngettext("%(number)d session has ended.", "%(number)d sessions have ended.", ended)
    messages.success(request, told % {"number": ended})
    return redirect("console:account_sessions")
