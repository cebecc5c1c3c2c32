"""The way in and out."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from regulars.console.desk import BRAND
from regulars.console.forms import SignInForm
from regulars.identity import facade as identity
from regulars.kit.clock import utc_now

HOME = "console:members"


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for e-mail and password, and open a session where they go together."""
    onward = _onward(request)
    if request.method == "GET" and identity.find_signed_in_operator(request):
        return redirect(onward)
    form = SignInForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            identity.sign_in_operator(
                request,
                email=form.cleaned_data["email"],
                password=form.cleaned_data["password"],
                address=request.META.get("REMOTE_ADDR", ""),
                now=utc_now(),
            )
        except identity.TooManyAttempts as refusal:
            form.add_error(None, refusal.detail)
            status = 429
        except identity.SignInRefused as refusal:
            form.add_error(None, refusal.detail)
            status = 403
        else:
            return redirect(onward)
    elif request.method == "POST":
        status = 422
    context = {"form": form, "next": request.POST.get("next") or request.GET.get("next", ""), "brand": BRAND}
    return render(request, "console/sign_in.html", context, status=status)


@never_cache
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    identity.sign_out_operator(request)
    return redirect("console:sign_in")


def _onward(request: HttpRequest) -> str:
    """Where the operator meant to go, if that is a page of ours."""
    asked = request.POST.get("next") or request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if safe else resolve_url(HOME)
