"""What every page of the console is handed: who works, when, under which programme, and what they may."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.functional import Promise

from regulars.console.forms_team import ROLE_NAMES
from regulars.console.pages.navigation import Group, Place, find_place, list_groups, list_primary
from regulars.design import facade as design
from regulars.identity import facade as identity
from regulars.identity.facade import OperatorInfo, Permission
from regulars.kit.actor import Actor
from regulars.kit.clock import utc_now
from regulars.kit.errors import InvalidInput, NotAllowed, NotFound, Refusal
from regulars.rules import facade as rules
from regulars.rules.facade import Programme

Params = ParamSpec("Params")
SIGN_IN = "console:sign_in"
ENROLMENT = "console:account_two_factor"
BRAND = "Regulars"
STATUSES: tuple[tuple[type[Refusal], int], ...] = (
    (NotFound, 404),
    (NotAllowed, 403),
    (InvalidInput, 422),
    (Refusal, 409),
)


@dataclass(frozen=True, slots=True)
class Desk:
    """Who works at the console, and when. `programme` is None until one is published."""

    operator: OperatorInfo
    now: datetime
    programme: Programme | None
    session: int = 0
    must_enrol: bool = False

    @property
    def actor(self) -> Actor:
        """The operator as the one who acts."""
        return self.operator.actor

    @property
    def zone(self) -> ZoneInfo:
        """The programme's time zone, in which the console shows days and hours."""
        return self.programme.time_zone if self.programme else ZoneInfo("UTC")

    @property
    def own_zone(self) -> ZoneInfo:
        """The operator's own time zone, for what concerns them and no member: sessions, the team, keys."""
        return ZoneInfo(self.operator.time_zone) if self.operator.time_zone else self.zone

    @property
    def brand(self) -> str:
        """The programme's name."""
        return self.programme.name if self.programme else BRAND

    @property
    def role_name(self) -> Promise:
        """The operator's role in the reader's language."""
        return ROLE_NAMES[self.operator.role]

    @property
    def may(self) -> Mapping[str, bool]:
        """What the role permits, by the permission's name in small letters: for templates."""
        return {each.name.lower(): identity.can(self.operator, each) for each in Permission}

    @property
    def groups(self) -> list[Group]:
        """The pages that the operator may open, in groups: for the navigation."""
        return [] if self.must_enrol else list_groups(self.operator)

    @property
    def primary(self) -> list[Place]:
        """The few of them that a phone shows at its foot."""
        return [] if self.must_enrol else list_primary(self.operator)


View = Callable[Concatenate[HttpRequest, Desk, Params], HttpResponseBase]


def at_desk(
    permission: Permission | None, *, enrolling: bool = False, own_time: bool = False
) -> Callable[[View[Params]], Callable[..., HttpResponseBase]]:
    """Let in who is signed in and may; show the rest the way in, or why not. Nothing is kept in caches.

    Where `permission` is None, everybody at work may. Who must set up a second factor first is led there from
    everywhere but the pages that are `enrolling`. `own_time`: hours are told in the operator's own time zone.
    """

    def decorate(view: View[Params]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def answer(request: HttpRequest, *args: Params.args, **kwargs: Params.kwargs) -> HttpResponseBase:
            now = utc_now()
            visit = identity.find_visit(request, now)
            if visit is None:
                return _ask_to_sign_in(request)
            if visit.must_enrol and not enrolling:
                return _lead(request, resolve_url(ENROLMENT))
            desk = Desk(visit.operator, now, _find_programme(now), visit.session, visit.must_enrol)
            with timezone.override(desk.own_zone if own_time else desk.zone):
                try:
                    if permission is not None:
                        identity.check_can(visit.operator, permission)
                    response: HttpResponseBase = view(request, desk, *args, **kwargs)
                except Refusal as refusal:
                    status = next(code for kind, code in STATUSES if isinstance(refusal, kind))
                    place = find_place(visit.operator, request.path)
                    response = show(
                        request, desk, "console/refused.html", status=status, refusal=refusal, place=place
                    )
            add_never_cache_headers(response)
            return response

        return answer

    return decorate


def show(
    request: HttpRequest, desk: Desk, template: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    """Render a page of the console."""
    shell = {"desk": desk, "brand": desk.brand, "now": desk.now}
    return render(request, template, {**context, **shell}, status=status)


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the door; who was in the middle of something is told so, and comes back to that page."""
    page = design.name_page(request)
    told = {"next": page} if page else {}
    if getattr(request, "htmx", False) or request.method != "GET":
        told["over"] = "yes"
    return _lead(request, resolve_url(SIGN_IN) + (f"?{urlencode(told, safe='/')}" if told else ""))


def _lead(request: HttpRequest, address: str) -> HttpResponse:
    if getattr(request, "htmx", False):
        # A part of a page cannot hold another page; the whole of it goes there.
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)


def _find_programme(now: datetime) -> Programme | None:
    try:
        return rules.get_current_programme(now)
    except rules.NoProgramme:
        return None
