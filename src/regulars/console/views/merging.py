"""Two members who are one: told what it means, then done; and undone the same way."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from regulars.console.desk import Desk, at_desk, show
from regulars.console.forms import ReasonForm
from regulars.console.forms_people import MergeForm, RefundForm
from regulars.console.pages.finding import find_by_word
from regulars.console.pages.member import MemberHead, read_head
from regulars.design import facade as design
from regulars.earning import facade as earning
from regulars.identity.facade import Permission
from regulars.kit.errors import Refusal
from regulars.kit.ids import MemberId, RedemptionId
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Currency
from regulars.members import facade as members
from regulars.redemption import facade as redemption


@require_http_methods(["GET", "POST"])
@at_desk(Permission.POINTS_ADJUST)
def merge(request: HttpRequest, desk: Desk, member_id: int) -> HttpResponse:
    """Merge this member into another: who, then what will come of it, then the deed."""
    head = read_head(desk, MemberId(member_id))
    if request.method == "GET":
        return _ask(request, desk, head, MergeForm())
    form = MergeForm(request.POST)
    if not form.is_valid():
        return _ask(request, desk, head, form, status=422)
    into = find_by_word(form.cleaned_data["into"])
    if into is None:
        form.add_error("into", _("Nobody is found by that."))
        return _ask(request, desk, head, form, status=422)
    if request.POST.get("step") != "confirm":
        balance = ledger.get_balance(head.profile.id, desk.now)
        shown: dict[str, Any] = {"head": head, "form": form, "into": into, "balance": balance}
        shown["others"] = ledger.get_balance(into.id, desk.now)
        return show(request, desk, "console/merge_confirm.html", **shown, active="members")
    try:
        outcome = earning.merge_members(
            actor=desk.actor,
            now=desk.now,
            member_id=head.profile.id,
            into_member_id=into.id,
            reason=form.cleaned_data["reason"],
        )
    except Refusal as refusal:
        form.add_error(None, refusal.detail)
        return _ask(request, desk, head, form, status=409)
    points = outcome.of(Currency.POINTS)
    told = _("Merged. %(points)s points came over, %(pending)s of them pending.")
    numbers = {
        "points": design.format_points(points.active + points.pending),
        "pending": design.format_points(points.pending),
    }
    messages.success(request, told % numbers)
    return redirect("console:member", into.id)


@require_http_methods(["GET", "POST"])
@at_desk(Permission.POINTS_ADJUST)
def undo_merge(request: HttpRequest, desk: Desk, member_id: int) -> HttpResponse:
    """Part a merged member from the survivor again, with a reason."""
    head = read_head(desk, MemberId(member_id))
    form = ReasonForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            outcome = earning.undo_merge(
                actor=desk.actor,
                now=desk.now,
                member_id=head.profile.id,
                reason=form.cleaned_data["reason"],
            )
        except Refusal as refusal:
            form.add_error(None, refusal.detail)
            status = 409
        else:
            points = outcome.of(Currency.POINTS)
            told = _("Undone. %(points)s points are back; %(missing)s could not be.")
            numbers = {
                "points": design.format_points(points.active + points.pending),
                "missing": design.format_points(points.missing),
            }
            messages.success(request, told % numbers)
            return redirect("console:member", head.profile.id)
    elif request.method == "POST":
        status = 422
    into = members.get_member(head.profile.merged_into) if head.profile.merged_into else None
    shown: dict[str, Any] = {"head": head, "form": form, "into": into}
    return show(request, desk, "console/merge_undo.html", status=status, **shown, active="members")


@require_http_methods(["GET", "POST"])
@at_desk(Permission.REDEMPTIONS_MANAGE)
def refund_redemption(request: HttpRequest, desk: Desk, redemption_id: int) -> HttpResponse:
    """Give part of a redemption's points back; the reward stays with the member."""
    view = redemption.get_redemption(RedemptionId(redemption_id))
    form = RefundForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            redemption.refund_redemption(
                actor=desk.actor,
                now=desk.now,
                redemption_id=view.id,
                points=form.cleaned_data["points"],
                reason=form.cleaned_data["reason"],
                idempotency_key=f"console:{form.cleaned_data['key']}",
            )
        except Refusal as refusal:
            form.add_error(None, refusal.detail)
            status = 409
        else:
            given = design.format_points(form.cleaned_data["points"])
            messages.success(request, _("%(points)s points are back.") % {"points": given})
            return redirect("console:redemption", view.id)
    elif request.method == "POST":
        status = 422
    left = view.price_points - view.refunded_points
    shown: dict[str, Any] = {
        "head": read_head(desk, view.member_id),
        "view": view,
        "form": form,
        "left": left,
    }
    return show(request, desk, "console/redemption_refund.html", status=status, **shown, active="members")


def _ask(
    request: HttpRequest, desk: Desk, head: MemberHead, form: MergeForm, status: int = 200
) -> HttpResponse:
    return show(request, desk, "console/merge.html", status=status, head=head, form=form, active="members")
