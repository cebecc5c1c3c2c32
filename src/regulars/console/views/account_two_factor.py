"""One's own second factor: the authenticator app, passkeys, recovery codes."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.console.desk import Desk, at_desk, show
from regulars.console.forms_account import PasskeyForm, PasswordAgainForm, TotpForm
from regulars.console.views.once import lead_to_once
from regulars.console.views.sign_in import read_answer
from regulars.design import facade as design
from regulars.identity import facade as identity
from regulars.kit.errors import InvalidInput, Refusal, TooMany

CHALLENGE = "passkey_to_make"
HOME = "console:account_two_factor"
TAB = "security"


@require_safe
@at_desk(None, enrolling=True, own_time=True)
def two_factor(request: HttpRequest, desk: Desk) -> HttpResponse:
    """How one signs in, and what could be added."""
    return show(
        request,
        desk,
        "console/account_two_factor.html",
        factors=identity.get_two_factor(desk.operator.id),
        site=identity.read_site(request, desk.brand),
        tab=TAB,
        active="account",
    )


@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
@at_desk(None, enrolling=True, own_time=True)
def set_up_totp(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show an app its secret; a first code of it takes it into use."""
    me = desk.operator
    form = TotpForm(request.POST if request.method == "POST" else None)
    status = 200
    if _is_confirmed(request, desk, form):
        try:
            codes = identity.confirm_totp(
                actor=desk.actor, operator_id=me.id, code=form.cleaned_data["code"], now=desk.now
            )
        except identity.SecondFactorExists:
            return redirect(HOME)
        except Refusal as refusal:
            form.add_error("code", refusal.detail)
            status = 429 if isinstance(refusal, TooMany) else 403
        else:
            return _show_codes(request, desk, codes, _("Your authenticator app is set up."))
    elif request.method == "POST":
        status = _status(request, form)
    try:
        begun = identity.begin_totp(operator_id=me.id, shop=desk.brand, now=desk.now)
    except identity.SecondFactorExists:
        return redirect(HOME)
    return show(
        request,
        desk,
        "console/account_totp.html",
        status=status,
        form=form,
        qr=design.draw_qr(begun.uri),
        secret=" ".join(begun.secret[n : n + 4] for n in range(0, len(begun.secret), 4)),
        plain_secret=begun.secret,
        tab=TAB,
        active="account",
    )


@require_POST
@at_desk(None, enrolling=True, own_time=True)
def begin_passkey(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What the browser needs to make a passkey, after the password: a session alone does not suffice."""
    site = identity.read_site(request, desk.brand)
    if site is None:
        return JsonResponse({}, status=404)
    form = PasskeyForm(request.POST)
    if not _is_confirmed(request, desk, form):
        told = [str(error) for errors in form.errors.values() for error in errors]
        return JsonResponse({"detail": " ".join(told)}, status=403)
    options, state = identity.begin_passkey(operator_id=desk.operator.id, site=site)
    request.session[CHALLENGE] = dict(state)
    return JsonResponse(dict(options))


@require_http_methods(["GET", "POST"])
@at_desk(None, enrolling=True, own_time=True)
def add_passkey(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Keep the passkey that the browser has made, for a challenge that the password was given for; once."""
    site = identity.read_site(request, desk.brand)
    if site is None:
        return redirect(HOME)
    form = PasskeyForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            made, codes = identity.add_passkey(
                actor=desk.actor,
                operator_id=desk.operator.id,
                site=site,
                state=request.session.pop(CHALLENGE, None) or {},
                answer=read_answer(request),
                label=form.cleaned_data["label"],
                now=desk.now,
            )
        except InvalidInput as refusal:
            form.add_error(None, refusal.detail)
            status = 422
        else:
            return _show_codes(
                request, desk, codes, _("The passkey “%(label)s” is yours.") % {"label": made.label}
            )
    elif request.method == "POST":
        status = 422
    return show(
        request, desk, "console/account_passkey.html", status=status, form=form, tab=TAB, active="account"
    )


@sensitive_post_parameters("current")
@require_http_methods(["GET", "POST"])
@at_desk(None, enrolling=True, own_time=True)
def remove_totp(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Do without the app, after the password and what it means."""
    factors = identity.get_two_factor(desk.operator.id)
    if factors.totp_since is None:
        return redirect(HOME)
    form = PasswordAgainForm(request.POST if request.method == "POST" else None)
    if _is_confirmed(request, desk, form):
        identity.remove_totp(actor=desk.actor, operator_id=desk.operator.id, now=desk.now)
        messages.success(request, _("The authenticator app is no longer asked for."))
        return redirect(HOME)
    return _ask_to_remove(request, desk, form, factors, passkey=None)


@sensitive_post_parameters("current")
@require_http_methods(["GET", "POST"])
@at_desk(None, enrolling=True, own_time=True)
def remove_passkey(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Do without a passkey, after the password and what it means."""
    factors = identity.get_two_factor(desk.operator.id)
    passkey = next((one for one in factors.passkeys if one.number == number), None)
    if passkey is None:
        raise identity.PasskeyUnknown(_("There is no such passkey."))
    form = PasswordAgainForm(request.POST if request.method == "POST" else None)
    if _is_confirmed(request, desk, form):
        identity.remove_passkey(actor=desk.actor, operator_id=desk.operator.id, number=number, now=desk.now)
        messages.success(request, _("The passkey “%(label)s” is removed.") % {"label": passkey.label})
        return redirect(HOME)
    return _ask_to_remove(request, desk, form, factors, passkey=passkey)


@sensitive_post_parameters("current")
@require_http_methods(["GET", "POST"])
@at_desk(None, enrolling=True, own_time=True)
def renew_codes(request: HttpRequest, desk: Desk) -> HttpResponse:
    """New recovery codes, after the password."""
    factors = identity.get_two_factor(desk.operator.id)
    if not factors.on:
        return redirect(HOME)
    form = PasswordAgainForm(request.POST if request.method == "POST" else None)
    if _is_confirmed(request, desk, form):
        codes = identity.replace_recovery_codes(actor=desk.actor, operator_id=desk.operator.id, now=desk.now)
        return _show_codes(request, desk, codes, _("Your new recovery codes"))
    return show(
        request,
        desk,
        "console/account_codes_renew.html",
        status=_status(request, form),
        form=form,
        factors=factors,
        tab=TAB,
        active="account",
    )


def _is_confirmed(request: HttpRequest, desk: Desk, form: PasswordAgainForm) -> bool:
    """Whether the present password was given; the form says why not."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        identity.check_password_again(
            operator_id=desk.operator.id, password=form.cleaned_data["current"], now=desk.now
        )
    except Refusal as refusal:
        form.add_error("current", refusal.detail)
        return False
    return True


def _ask_to_remove(
    request: HttpRequest,
    desk: Desk,
    form: PasswordAgainForm,
    factors: identity.TwoFactorInfo,
    passkey: identity.PasskeyInfo | None,
) -> HttpResponse:
    left = len(factors.passkeys) + (factors.totp_since is not None) - 1
    return show(
        request,
        desk,
        "console/account_factor_remove.html",
        status=_status(request, form),
        form=form,
        factors=factors,
        passkey=passkey,
        is_last=left == 0,
        tab=TAB,
        active="account",
    )


def _status(request: HttpRequest, form: PasswordAgainForm) -> int:
    return 403 if request.method == "POST" and form.errors else 200


def _show_codes(request: HttpRequest, desk: Desk, codes: tuple[str, ...], heading: str) -> HttpResponse:
    """The recovery codes, this once; straight on where there are none to show."""
    if not codes:
        messages.success(request, heading)
        return redirect(HOME)
    return lead_to_once(request, desk, "codes", heading=heading, secret="\n".join(codes))
