"""The widget's two addresses: asked by scripts on a shop's own pages, so with CORS, and without cookies.

What is no answer to an allowed site carries no CORS header: the browser keeps it from the page.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from regulars.api.problems import respond, respond_to_refusal
from regulars.api.rate import RateLimit
from regulars.api.refs import get_profile
from regulars.api.widget_answers import Page, choose_language, describe_member, describe_shop
from regulars.kit.clock import utc_now
from regulars.kit.errors import Refusal
from regulars.members.facade import MemberProfile, MemberUnknown, get_member
from regulars.rules import facade as rules
from regulars.widget import facade as widget

# Many members may stand behind one address (a shop's own Wi-Fi); no member looks twice a second for long.
BY_ADDRESS = RateLimit(rate_per_second=20, burst=100)
BY_MEMBER = RateLimit(rate_per_second=1, burst=20)
PREFLIGHT_SECONDS = 600
SHOP_SECONDS = 300
_BEARER = "Bearer "

Answer = Callable[[HttpRequest, "Asked"], HttpResponse]


class Asked:
    """Who asks: the page's origin (None where the browser names none) and the sites that may."""

    def __init__(self, request: HttpRequest) -> None:
        self.now = utc_now()
        self.origin = request.headers.get("Origin")
        self.sites = widget.list_sites()
        if widget.may_demonstrate():
            self.sites += (f"{request.scheme}://{request.get_host()}",)

    @property
    def allowed(self) -> bool:
        """Whether whoever asks may read the answer: an allowed site, or no other site at all."""
        return self.origin is None or self.origin in self.sites


def across_origins(answer: Answer) -> Callable[[HttpRequest], HttpResponse]:
    """GET for allowed origins: preflights, limits, refusals as problems, and the headers of CORS."""

    @csrf_exempt
    @wraps(answer)
    def view(request: HttpRequest) -> HttpResponse:
        asked = Asked(request)
        response = _answer(request, asked, answer)
        patch_vary_headers(response, ["Origin"])
        if asked.origin is not None and asked.allowed:
            response["Access-Control-Allow-Origin"] = asked.origin
            response["Access-Control-Expose-Headers"] = "Retry-After"
        return response

    return view


def _answer(request: HttpRequest, asked: Asked, answer: Answer) -> HttpResponse:
    if not asked.allowed:
        return respond_to_refusal(
            request, widget.OriginRefused("This site has not been allowed to show the widget.")
        )
    if request.method == "OPTIONS":
        return _allow(request)
    if request.method not in {"GET", "HEAD"}:
        refused = respond(HTTPStatus.METHOD_NOT_ALLOWED, "This address does not take that method.")
        refused["Allow"] = "GET, HEAD, OPTIONS"
        return refused
    language = choose_language(request.GET.get("lang", ""))
    with translation.override(language):
        try:
            BY_ADDRESS.take(request.META.get("REMOTE_ADDR", ""))
            response = answer(request, asked)
        except Refusal as refusal:
            if isinstance(refusal, widget.TokenRefused):
                response = respond(HTTPStatus.UNAUTHORIZED, refusal.detail, code=refusal.code)
                response["WWW-Authenticate"] = 'Bearer realm="widget"'
            else:
                response = respond_to_refusal(request, refusal)
        response["Content-Language"] = language
    return response


def _allow(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(status=HTTPStatus.NO_CONTENT)
    if request.headers.get("Access-Control-Request-Method"):
        response["Access-Control-Allow-Methods"] = "GET"
        response["Access-Control-Allow-Headers"] = "Authorization"
        response["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
    return response


@across_origins
def shop(request: HttpRequest, asked: Asked) -> HttpResponse:
    """What a stranger's widget shows: name, colours, links, words. Nobody's data, so caches may keep it."""
    page = Page(request, translation.get_language() or "en")
    response = JsonResponse({"shop": describe_shop(page, rules.get_current_programme(asked.now))})
    response["Cache-Control"] = f"public, max-age={SHOP_SECONDS}"
    return response


@across_origins
def member(request: HttpRequest, asked: Asked) -> HttpResponse:
    """The same with the points of the member whom the token names, and of nobody else."""
    authorization = request.headers.get("Authorization", "")
    if not authorization.startswith(_BEARER):
        raise widget.TokenRefused("Send a member token as `Authorization: Bearer …`.")
    claim = widget.check_token(
        token=authorization[len(_BEARER) :].strip(), sites=asked.sites, origin=asked.origin, now=asked.now
    )
    BY_MEMBER.take(claim.subject)
    programme = rules.get_current_programme(asked.now)
    found = _find_member(claim.subject)
    page = Page(request, translation.get_language() or "en")
    told = {
        "shop": describe_shop(page, programme),
        "member": describe_member(page, found.id, programme, asked.now),
    }
    response = JsonResponse(told)
    response["Cache-Control"] = "private, no-store"
    return response


def _find_member(subject: str) -> MemberProfile:
    """Whom a token speaks of; the survivor where they were merged. Raises MemberUnknown."""
    try:
        found = get_profile(subject)
        if found.merged_into is not None:
            found = get_member(found.merged_into)
    except MemberUnknown as error:
        raise _unknown() from error
    if found.anonymised_at is not None:
        raise _unknown()
    return found


def _unknown() -> MemberUnknown:
    return MemberUnknown("Whom this token names is no member yet.")
