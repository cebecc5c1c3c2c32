"""What a member redeemed: the list, one of them, taking it back."""

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import ngettext

from regulars.design.facade import format_points
from regulars.kit.errors import Conflict
from regulars.kit.ids import RedemptionId
from regulars.kit.paging import BadCursor
from regulars.ledger import facade as ledger
from regulars.redemption import facade as redemption
from regulars.store.pages.redemptions import load_my_rewards, load_redemption
from regulars.store.rendering import show
from regulars.store.visits import MemberVisit, StoreRequest, for_members, is_part


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
