"""What a member redeemed: the list, one of them, taking it back, having it sent, being reminded."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from regulars.design.facade import format_points
from regulars.identity import facade as identity
from regulars.kit.errors import Conflict, TooMany
from regulars.kit.ids import RedemptionId
from regulars.kit.paging import BadCursor
from regulars.ledger import facade as ledger
from regulars.redemption import facade as redemption
from regulars.store.pages.calendars import can_remind, write_reminder
from regulars.store.pages.redemptions import load_my_rewards, load_redemption
from regulars.store.rendering import show
from regulars.store.visits import MemberVisit, StoreRequest, for_members, is_demo, is_part

EMAILS_BY_MEMBER = identity.Limit("store_redemption_email", 10, timedelta(hours=1))


@for_members
def my_rewards(request: StoreRequest, visit: MemberVisit) -> HttpResponseBase:
    """Ready, used, over."""
    cursor = request.GET.get("cursor") or None
    try:
        page = load_my_rewards(visit.member_id, request.GET.get("show", ""), cursor, visit.now)
    except BadCursor:
        return redirect("store:my_rewards")
    if cursor and is_part(request):
        return show(request, visit, "parts/redemption_page.html", page=page)
    points = ledger.get_balance(visit.member_id, visit.now).active
    return show(request, visit, "my_rewards.html", page=page, points=points, active="my_rewards")


@for_members
def redeemed(request: StoreRequest, visit: MemberVisit, redemption_id: int) -> HttpResponseBase:
    """One redemption with its code."""
    page = load_redemption(RedemptionId(redemption_id), visit.actor, visit.now, fresh="new" in request.GET)
    points = ledger.get_balance(visit.member_id, visit.now).active
    return show(request, visit, "redemption.html", page=page, points=points, active="my_rewards")


@for_members
def cancel(request: StoreRequest, visit: MemberVisit, redemption_id: int) -> HttpResponseBase:
    """Ask once more, then take it back: the points return to the lots they came from."""
    number = RedemptionId(redemption_id)
    if request.method == "POST":
        try:
            done = redemption.cancel_redemption(actor=visit.actor, now=visit.now, redemption_id=number)
        except Conflict as refusal:
            messages.error(request, refusal.detail)
        else:
            text = ngettext("%(points)s point is back.", "%(points)s points are back.", done.price_points)
            messages.success(request, text % {"points": format_points(done.price_points)})
        return redirect("store:redemption", redemption_id)
    page = load_redemption(number, visit.actor, visit.now)
    if is_part(request):
        return show(request, visit, "parts/cancel_dialog.html", page=page)
    points = ledger.get_balance(visit.member_id, visit.now).active
    return show(request, visit, "cancel.html", page=page, points=points, active="my_rewards")


@require_POST
@for_members
def send(request: StoreRequest, visit: MemberVisit, redemption_id: int) -> HttpResponseBase:
    """Send the code to the member's own address once more."""
    try:
        identity.take_attempt(limit=EMAILS_BY_MEMBER, subject=str(visit.member_id), now=visit.now)
        address = email_it(request, visit, RedemptionId(redemption_id))
    except (Conflict, TooMany) as refusal:
        messages.error(request, refusal.detail)
    else:
        if address:
            messages.success(request, _("On its way to %(address)s.") % {"address": address})
        else:
            messages.info(request, _("This is a demonstration: no e-mail leaves it."))
    return redirect("store:redemption", redemption_id)


def email_it(request: StoreRequest, visit: MemberVisit, redemption_id: RedemptionId) -> str:
    """Send it, and answer to where; nowhere in a demonstration. Raises NothingToSend."""
    if is_demo():
        return ""
    link = request.build_absolute_uri(reverse("store:redemption", args=[redemption_id]))
    return redemption.email_redemption(
        actor=visit.actor, now=visit.now, redemption_id=redemption_id, link=link
    )


@for_members
def reminder(request: StoreRequest, visit: MemberVisit, redemption_id: int) -> HttpResponseBase:
    """The last day as a calendar file."""
    view = redemption.get_redemption(RedemptionId(redemption_id))
    redemption.check_can_see(view.member_id, visit.actor)
    if not can_remind(view, visit.now):
        raise Http404
    link = request.build_absolute_uri(reverse("store:redemption", args=[redemption_id]))
    response = HttpResponse(
        write_reminder(view, link=link, now=visit.now), content_type="text/calendar; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{view.reference}.ics"'
    return response
