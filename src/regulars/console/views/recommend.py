"""Recommendations: how they go, and what one member is shown and why."""

import csv

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from regulars.console.desk import Desk, at_desk, show
from regulars.console.pages.insights.frame import AGAIN_SECONDS, find_freshness, has_extra
from regulars.console.pages.member import read_head
from regulars.console.pages.recommend.member import load_shelves, load_shown, load_why
from regulars.console.pages.recommend.quality import load_quality
from regulars.console.views.turning import read_turn
from regulars.identity.facade import Permission
from regulars.kit.ids import MemberId
from regulars.members.facade import MemberErased
from regulars.recommend import facade as recommend
from regulars.rules.facade import get_current_programme


@require_safe
@at_desk(Permission.INSIGHTS_VIEW)
def quality(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What serves, how models did on the past, by which way shelves came. Asks again while a job compares."""
    page = load_quality(desk.now)
    response = show(
        request,
        desk,
        "console/recommend/quality.html",
        page=page,
        freshness=find_freshness(desk),
        has_extra=has_extra(),
        active="recommendations",
        tab="quality",
    )
    if page.waiting is not None:
        response["Refresh"] = str(AGAIN_SECONDS)
    return response


@require_safe
@at_desk(Permission.INSIGHTS_VIEW)
def served_csv(_request: HttpRequest, desk: Desk) -> HttpResponse:
    """The ways as a file: counts, so that shares can be made of them."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="recommendations-served.csv"'
    writer = csv.writer(response)
    writer.writerow(["way", "shelves_7_days", "shelves_28_days"])
    writer.writerows([one.way.value, one.week, one.month] for one in recommend.count_served(desk.now))
    return response


@require_POST
@at_desk(Permission.INSIGHTS_ASK)
def compare(_request: HttpRequest, desk: Desk) -> HttpResponse:
    """Have all models compared on the past by a job."""
    recommend.request_backtest(actor=desk.actor, now=desk.now)
    return redirect("console:recommendations")


@require_POST
@at_desk(Permission.INSIGHTS_MANAGE)
def train(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Have models trained by a job; one that loses against what serves is not swapped in."""
    if recommend.request_training(actor=desk.actor, now=desk.now):
        messages.success(
            request, _("A job trains the models. What serves is swapped only for what does not lose.")
        )
    else:
        messages.info(request, _("A training waits already."))
    return redirect("console:recommendations")


@require_safe
@at_desk(Permission.MEMBERS_VIEW)
def shelves(request: HttpRequest, desk: Desk, member_id: int) -> HttpResponse:
    """What the member would be shown now, each item with its reasons."""
    member = MemberId(member_id)
    head = read_head(desk, member)
    try:
        page = load_shelves(desk, get_current_programme(desk.now), member)
    except MemberErased:
        page = None
    return show(
        request,
        desk,
        "console/recommend/shelves.html",
        head=head,
        page=page,
        active="members",
        tab="shelves",
    )


@require_safe
@at_desk(Permission.MEMBERS_VIEW)
def shown(request: HttpRequest, desk: Desk, member_id: int) -> HttpResponse:
    """What was shown to the member, latest first."""
    member = MemberId(member_id)
    head = read_head(desk, member)
    try:
        cursor, backwards = read_turn(request)
        page = load_shown(member, cursor, backwards=backwards)
    except MemberErased:
        page = None
    return show(
        request, desk, "console/recommend/shown.html", head=head, page=page, active="members", tab="shelves"
    )


@require_safe
@at_desk(Permission.MEMBERS_VIEW)
def why(request: HttpRequest, desk: Desk, member_id: int, shown_id: int) -> HttpResponse:
    """One list that was shown, whole, with its reasons; `item` picks one to explain to the end."""
    member = MemberId(member_id)
    head = read_head(desk, member)
    programme = get_current_programme(desk.now)
    page = load_why(desk, programme, member, shown_id, request.GET.get("item", ""))
    return show(
        request, desk, "console/recommend/why.html", head=head, page=page, active="members", tab="shelves"
    )
