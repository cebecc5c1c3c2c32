"""Rewards: looking for one, looking at one, redeeming it."""

import contextlib
import secrets

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.catalogue import facade as catalogue
from regulars.kit.errors import NotFound, Refusal
from regulars.kit.paging import BadCursor
from regulars.redemption import facade as redemption
from regulars.rules import facade as rules
from regulars.store.pages.rewards import load_reward, load_rewards, read_filters, read_units
from regulars.store.pages.suggestions import list_related
from regulars.store.rendering import show
from regulars.store.views.redemptions import email_it
from regulars.store.visits import MemberVisit, StoreRequest, Visit, for_everyone, for_members, is_part

HELD_FOR_MINUTES = 48 * 60
"""How long a reward that also costs money waits at the till."""


def _load_viewer(visit: Visit, programme: rules.Programme) -> catalogue.Viewer:
    member_id = visit.member.id if visit.member else None
    return redemption.load_viewer(member_id=member_id, programme=programme, now=visit.now)


@for_everyone
def rewards(request: StoreRequest, visit: Visit) -> HttpResponseBase:
    """The list; only the tiles where the list itself asks for more, or for other ones."""
    if visit.programme is None:
        return show(request, visit, "closed.html")
    viewer = _load_viewer(visit, visit.programme)
    cursor = request.GET.get("cursor") or None
    try:
        page = load_rewards(read_filters(request.GET), viewer, visit.programme, cursor)
    except BadCursor:
        return redirect("store:rewards")
    template = "rewards.html"
    if is_part(request):
        template = "parts/reward_page.html" if cursor else "parts/reward_list.html"
    return show(request, visit, template, page=page, points=viewer.points, active="rewards")


@for_everyone
def reward(request: StoreRequest, visit: Visit, code: str) -> HttpResponse:
    """One reward, and what stands between it and this member."""
    if visit.programme is None:
        return show(request, visit, "closed.html")
    viewer = _load_viewer(visit, visit.programme)
    goal = redemption.find_goal(visit.member.id) if visit.member else None
    page = load_reward(code, viewer, goal=goal)
    related = list_related(page.reward, viewer, visit, visit.programme)
    return show(
        request, visit, "reward.html", page=page, related=related, points=viewer.points, active="rewards"
    )


@require_POST
@for_members
def goal(request: StoreRequest, visit: MemberVisit, code: str) -> HttpResponseBase:
    """Save for this reward, or no longer."""
    if request.POST.get("wish") == "no":
        redemption.clear_goal(actor=visit.actor, member_id=visit.member_id)
        messages.info(request, _("It is no longer your goal."))
        return redirect("store:reward", code)
    try:
        redemption.set_goal(actor=visit.actor, now=visit.now, member_id=visit.member_id, reward_code=code)
    except catalogue.RewardEnded as refusal:
        messages.error(request, refusal.detail)
    else:
        messages.success(request, _("This is your goal now. Your home page shows how near you are."))
    return redirect("store:reward", code)


@for_members
def redeem(request: StoreRequest, visit: MemberVisit, code: str) -> HttpResponseBase:
    """Ask once more, then redeem. The form carries the key that makes a second sending the same request."""
    refusal = ""
    units = read_units((request.POST if request.method == "POST" else request.GET).get("units", ""))
    if request.method == "POST":
        try:
            done = _redeem(visit, code, request.POST.get("key", ""), 1 if units is None else units)
        except NotFound:
            raise
        except Refusal as error:
            refusal = error.detail
        else:
            if visit.member.email and not done.replayed:
                # The reward is theirs; a mail that cannot be sent must not look as if it were not.
                with contextlib.suppress(Refusal):
                    email_it(request, visit, done.id)
            answer = redirect("store:redemption", done.id)
            answer["Location"] += "?new=yes"
            return answer
    viewer = redemption.load_viewer(member_id=visit.member_id, programme=visit.programme, now=visit.now)
    page = load_reward(code, viewer, key=secrets.token_urlsafe(18), refusal=refusal, units=units)
    template = "parts/redeem_dialog.html" if is_part(request) else "redeem.html"
    response = show(
        request,
        visit,
        template,
        page=page,
        points=viewer.points,
        active="rewards",
        status=409 if refusal else 200,
    )
    patch_cache_control(response, no_store=True)  # each page has a key of its own
    return response


def _redeem(visit: MemberVisit, code: str, key: str, units: int) -> redemption.RedemptionView:
    """Points at once; where money is due as well, the points wait until it is paid at the till."""
    if catalogue.get_reward(code).decided.price_money:
        return redemption.reserve_reward(
            actor=visit.actor,
            now=visit.now,
            member_id=visit.member_id,
            reward_code=code,
            idempotency_key=key,
            hold_minutes=HELD_FOR_MINUTES,
            units=units,
        )
    return redemption.redeem_reward(
        actor=visit.actor,
        now=visit.now,
        member_id=visit.member_id,
        reward_code=code,
        idempotency_key=key,
        units=units,
    )


def picture(_request: StoreRequest, name: str) -> HttpResponseBase:
    """An uploaded picture. Its name is made from its content, so it never changes."""
    try:
        found = catalogue.read_picture(name)
    except catalogue.PictureNotFound:
        return HttpResponse(
            _("There is no such picture."), status=404, content_type="text/plain; charset=utf-8"
        )
    response = HttpResponse(found.content, content_type=found.content_type)
    patch_cache_control(response, public=True, max_age=31_536_000, immutable=True)
    response["X-Content-Type-Options"] = "nosniff"
    return response
