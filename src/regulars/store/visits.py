"""Who visits, when, and under which programme: found once for each request and handed to everything below."""

import functools
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Concatenate, ParamSpec
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import urlencode
from django_htmx.middleware import HtmxDetails

from regulars.design import facade as design
from regulars.kit.actor import Actor, ActorKind
from regulars.kit.clock import utc_now
from regulars.kit.errors import NotAllowed, NotFound
from regulars.kit.ids import MemberId
from regulars.members import facade as members
from regulars.rules import facade as rules
from regulars.store import sessions
from regulars.store.looking import is_open, read_only, refuse_writing

P = ParamSpec("P")


class StoreRequest(HttpRequest):
    """A request as the middleware hands it over."""

    htmx: HtmxDetails


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: its instant, the programme in force, and the member who is signed in.

    `look` is there while an operator sees the store as that member does: then nothing may be written.
    """

    now: datetime
    programme: rules.Programme | None = None
    member: members.MemberProfile | None = None
    look: members.Look | None = None


@dataclass(frozen=True, slots=True)
class MemberVisit:
    """A visit of a member, under a programme."""

    now: datetime
    programme: rules.Programme
    member: members.MemberProfile
    look: members.Look | None = None

    @property
    def member_id(self) -> MemberId:
        """Whose pages these are."""
        return self.member.id

    @property
    def actor(self) -> Actor:
        """The member, acting for themselves; an operator who only looks acts as nobody else."""
        if self.look is not None:
            return self.look.operator.actor
        return Actor(ActorKind.MEMBER, str(self.member.id))


View = Callable[Concatenate[StoreRequest, Visit, P], HttpResponseBase]
MemberView = Callable[Concatenate[StoreRequest, MemberVisit, P], HttpResponseBase]
Answer = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def for_everyone(view: View[P]) -> Answer[P]:
    """A page for members and strangers alike. What is not there, or not theirs, is a 404."""

    @functools.wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        visit = find_visit(request)
        if visit.look is not None and not is_open(request):
            return refuse_writing(request)
        with ExitStack() as stack:
            if visit.look is not None:
                read_only(stack)
            _speak_as_they_do(stack, visit)
            try:
                response = view(request, visit, *args, **kwargs)  # type: ignore[arg-type]
            except (NotFound, NotAllowed) as refusal:
                raise Http404(refusal.detail) from refusal
        if visit.member is None:
            patch_cache_control(response, private=True, max_age=0)
        else:
            # The way back shows the points of now, and nothing at all to who comes after a signing out.
            patch_cache_control(response, private=True, no_store=True)
        patch_vary_headers(response, ["Cookie", "HX-Request"])
        return response

    return answer


def for_members(view: MemberView[P]) -> Answer[P]:
    """A page for members: a stranger is asked to sign in and comes back to it."""

    @functools.wraps(view)
    def check(request: StoreRequest, visit: Visit, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if visit.member is None or visit.programme is None:
            return _ask_to_sign_in(request)
        known = MemberVisit(visit.now, visit.programme, visit.member, visit.look)
        return view(request, known, *args, **kwargs)

    return for_everyone(check)


def find_visit(request: HttpRequest) -> Visit:
    """The visit that a request is. Four queries for a member, one for a stranger.

    Where an operator's look is over, so is whatever this browser was signed in to besides: no page still open
    from before may act for somebody else.
    """
    now = utc_now()
    try:
        programme = rules.get_current_programme(now)
    except rules.NoProgramme:
        programme = None
    if members.is_looking(request):
        look = members.find_look(request, now)
        if look is not None:
            return Visit(now, programme, look.member, look)
        sessions.sign_out(request, now)
    return Visit(now, programme, sessions.find_member(request, now))


def _ask_to_sign_in(request: StoreRequest) -> HttpResponse:
    """To the door; who was in the middle of something is told so, and comes back to that page."""
    if request.headers.get("X-By-Itself"):
        # Asked for by the page alone, perhaps as its member signs out: nobody is led anywhere.
        return HttpResponse(status=204)
    page = design.name_page(request)
    told = {"next": page} if page else {}
    if request.htmx or request.method != "GET":
        told["over"] = "yes"
    door = reverse("store:sign_in") + (f"?{urlencode(told)}" if told else "")
    if request.htmx:
        # A fragment cannot show a sign-in page: the whole page goes there.
        return HttpResponse(status=204, headers={"HX-Redirect": door})
    return HttpResponseRedirect(door)


def _speak_as_they_do(stack: ExitStack, visit: Visit) -> None:
    """In the member's language, where there is a translation, and with the days of their time zone."""
    if visit.member is not None and (language := _find_language(visit.member.locale)):
        stack.enter_context(translation.override(language))
    if visit.programme is not None:
        name = visit.member.time_zone if visit.member is not None else ""
        stack.enter_context(timezone.override(ZoneInfo(name) if name else visit.programme.time_zone))


def _find_language(locale: str) -> str | None:
    try:
        return translation.get_supported_language_variant(locale.replace("_", "-")) if locale else None
    except LookupError:
        return None


def is_part(request: StoreRequest) -> bool:
    """Whether only a part of the page is asked for. Going back restores whole pages."""
    return bool(request.htmx) and not request.htmx.history_restore_request


def is_demo() -> bool:
    """Whether this is a demonstration: codes on screen, example members, a page about the data."""
    return bool(settings.DEMO_MODE)


def describe_shell(visit: Visit | MemberVisit, points: int = 0) -> dict[str, Any]:
    """What every page shows around its content."""
    programme = visit.programme
    return {
        "brand": programme.name if programme else "Regulars",
        "now": visit.now,
        "shell": {
            "member": visit.member,
            "points": points,
            "points_word": programme.points_name.of(points) if programme else "",
            "currency": programme.currency if programme else "",
            "demo": is_demo(),
            "look": visit.look,
        },
    }
