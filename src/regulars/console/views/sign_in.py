"""The way in and out: password, second factor, passkey."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from regulars.console.desk import BRAND
from regulars.console.forms import SignInForm
from regulars.console.forms_account import SecondStepForm
from regulars.design import facade as design
from regulars.identity import facade as identity
from regulars.identity.facade import OperatorInfo, SignInWay
from regulars.kit.clock import utc_now
from regulars.kit.errors import NotAllowed, TooMany

HOME = "console:members"
NEXT = "sign_in_next"
CHALLENGE = "passkey_challenge"
ANSWER_LENGTH_MAX = 20_000


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for e-mail and password; open a session where they go together and nothing else is asked for."""
    now = utc_now()
    onward = _onward(request)
    if request.method == "GET" and identity.find_visit(request, now):
        return HttpResponseRedirect(onward)
    form = SignInForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operator = identity.check_operator_password(
                email=form.cleaned_data["email"],
                password=form.cleaned_data["password"],
                address=request.META.get("REMOTE_ADDR", ""),
                now=now,
            )
        except (TooMany, NotAllowed) as refusal:
            form.add_error(None, refusal.detail)
            status = 429 if isinstance(refusal, TooMany) else 403
        else:
            if identity.begin_sign_in(request, operator, now):
                return _let_in(operator, onward)
            request.session[NEXT] = onward
            return redirect("console:sign_in_second")
    elif request.method == "POST":
        status = 422
    return _show_door(request, form, status)


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """After the password: ask for a code of the app, a recovery code, or a passkey."""
    now = utc_now()
    operator = identity.find_waiting(request, now)
    if operator is None:
        return redirect("console:sign_in")
    form = SecondStepForm(request.POST if "code" in request.POST else None)
    status = 200
    if form.is_bound and form.is_valid():
        try:
            way = identity.check_second_factor(
                operator_id=operator.id, code=form.cleaned_data["code"], now=now
            )
        except (TooMany, NotAllowed) as refusal:
            form.add_error("code", refusal.detail)
            status = 429 if isinstance(refusal, TooMany) else 403
        else:
            return _finish(request, operator, way)
    elif form.is_bound:
        status = 422
    return _show_second(request, operator, form, status)


@never_cache
@require_POST
def ask_for_passkey(request: HttpRequest) -> HttpResponse:
    """What the browser needs to ask for a passkey: anybody's at the door, one's own at the second step."""
    now = utc_now()
    site = identity.read_site(request, BRAND)
    if site is None:
        return JsonResponse({}, status=404)
    try:
        identity.take_attempt(
            limit=identity.PASSKEYS_ASKED_BY_ADDRESS, subject=request.META.get("REMOTE_ADDR", ""), now=now
        )
    except TooMany as refusal:
        return JsonResponse({"detail": refusal.detail}, status=429)
    waiting = identity.find_waiting(request, now)
    options, state = identity.ask_for_passkey(site=site, operator_id=waiting.id if waiting else None)
    request.session[CHALLENGE] = dict(state)
    return JsonResponse(dict(options))


@never_cache
@require_POST
def answer_by_passkey(request: HttpRequest) -> HttpResponse:
    """Let in whose passkey has signed the challenge."""
    now = utc_now()
    waiting = identity.find_waiting(request, now)
    try:
        identity.take_attempt(
            limit=identity.PASSKEYS_BY_ADDRESS, subject=request.META.get("REMOTE_ADDR", ""), now=now
        )
        operator = _check_answer(request, waiting)
    except (TooMany, NotAllowed) as refusal:
        status = 429 if isinstance(refusal, TooMany) else 403
        if waiting is not None:
            return _show_second(request, waiting, SecondStepForm(), status, said=refusal.detail)
        return _show_door(request, SignInForm(), status, said=refusal.detail)
    if waiting is None:
        request.session[NEXT] = _onward(request)
    return _finish(request, operator, SignInWay.PASSKEY)


@never_cache
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    identity.sign_out_operator(request, utc_now())
    return redirect("console:sign_in")


def read_answer(request: HttpRequest) -> Mapping[str, Any]:
    """What a browser answers about a passkey, as the script has put it into the form."""
    raw = request.POST.get("answer", "")
    if len(raw) > ANSWER_LENGTH_MAX:
        return {}
    try:
        answer = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _check_answer(request: HttpRequest, waiting: OperatorInfo | None) -> OperatorInfo:
    """Whose passkey it is. The challenge is taken away first: it is good for one answer."""
    site = identity.read_site(request, BRAND)
    state = request.session.pop(CHALLENGE, None)
    if site is None or state is None:
        raise identity.SecondFactorWrong(_("That took too long. Try again."))
    return identity.check_passkey(
        site=site,
        state=state,
        answer=read_answer(request),
        now=utc_now(),
        operator_id=waiting.id if waiting else None,
    )


def _finish(request: HttpRequest, operator: OperatorInfo, way: SignInWay) -> HttpResponse:
    onward = request.session.pop(NEXT, "") or resolve_url(HOME)
    identity.finish_sign_in(request, operator.id, way, utc_now())
    return _let_in(operator, onward)


def _let_in(operator: OperatorInfo, onward: str) -> HttpResponse:
    # Not redirect(): it would take a bare word for the name of a page.
    response = HttpResponseRedirect(onward)
    if operator.language:
        design.keep_language(response, operator.language)
    return response


def _show_door(request: HttpRequest, form: SignInForm, status: int, said: str = "") -> HttpResponse:
    return render(
        request,
        "console/sign_in.html",
        {
            "form": form,
            "next": request.POST.get("next") or request.GET.get("next", ""),
            "brand": BRAND,
            "said": said,
            "over": "over" in request.GET,
            "with_passkeys": identity.read_site(request, BRAND) is not None,
        },
        status=status,
    )


def _show_second(
    request: HttpRequest, operator: OperatorInfo, form: SecondStepForm, status: int, said: str = ""
) -> HttpResponse:
    factors = identity.get_two_factor(operator.id)
    return render(
        request,
        "console/sign_in_second.html",
        {
            "form": form,
            "who": operator,
            "factors": factors,
            "said": said,
            "brand": BRAND,
            "with_passkeys": bool(factors.passkeys) and identity.read_site(request, BRAND) is not None,
        },
        status=status,
    )


def _onward(request: HttpRequest) -> str:
    """Where the operator meant to go, if that is a page of ours."""
    asked = request.POST.get("next") or request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if safe else resolve_url(HOME)
