"""Putting things right by hand: in two steps, the second of which says what will come of it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from regulars.console.desk import Desk, at_desk, show
from regulars.console.forms import AdjustForm, ReasonForm
from regulars.console.pages.consequences import AdjustConsequences, preview_adjustment
from regulars.console.pages.entries import name_award
from regulars.console.pages.entry import POINTS, find_reversible
from regulars.console.pages.member import MemberHead, read_head
from regulars.design import facade as design
from regulars.earning import facade as earning
from regulars.earning.facade import Source, SourceKind
from regulars.identity.facade import Permission
from regulars.kit.clock import end_of_day, local_date
from regulars.kit.errors import NotFound, Refusal
from regulars.kit.ids import LotId, MemberId, RedemptionId
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.redemption import facade as redemption
from regulars.rules import facade as rules


class NothingToReverse(NotFound):
    """The address names nothing that could be taken back."""

    code = "nothing_to_reverse"


@require_http_methods(["GET", "POST"])
@at_desk(Permission.POINTS_ADJUST)
def adjust(request: HttpRequest, desk: Desk, member_id: int) -> HttpResponse:
    """Add or take points with a reason: a form, then what will come of it, then the deed."""
    head = read_head(desk, MemberId(member_id))
    if head.profile.anonymised_at:
        raise members.MemberErased(
            _("The data of this member was erased; there is nobody to give points to.")
        )
    if head.profile.merged_into:
        # Points given to who is no longer there could be spent by nobody.
        return redirect("console:adjust", head.profile.merged_into)
    form = AdjustForm(
        request.POST if request.method == "POST" else None,
        initial={"expires_on": default_expiry(desk)},
        today=local_date(desk.now, desk.zone),
    )
    if not form.is_valid():
        return _ask(request, desk, head, form, status=422 if form.is_bound else 200)
    will = _preview(desk, head, form)
    if will.short:
        told = _("The member has %(points)s to spend; that is %(short)s short.")
        numbers = {
            "points": design.format_points(will.before.active),
            "short": design.format_points(will.short),
        }
        form.add_error("points", told % numbers)
        return _ask(request, desk, head, form, status=409)
    if request.POST.get("step") != "confirm":
        return show(
            request, desk, "console/adjust_confirm.html", head=head, form=form, will=will, active="members"
        )
    try:
        receipt = _post(desk, head, form, will)
    except Refusal as refusal:
        form.add_error(None, refusal.detail)
        return _ask(request, desk, head, form, status=409)
    balance = design.format_points(receipt.balance_after)
    messages.success(
        request,
        _("Done. %(name)s now has %(points)s to spend.") % {"name": head.profile.name, "points": balance},
    )
    return redirect("console:member", member_id)


@require_http_methods(["GET", "POST"])
@at_desk(Permission.AWARDS_REVERSE)
def reverse_award(request: HttpRequest, desk: Desk, kind: str, number: int) -> HttpResponse:
    """Take back all that is left of what an order or event gave, after saying what that means."""
    if kind not in {SourceKind.ORDER, SourceKind.EVENT}:
        raise NothingToReverse(_("Only what an order or an event gave can be taken back."))
    award, reversible = find_reversible(Source(SourceKind(kind), number))
    head = read_head(desk, award.member_id)
    form = ReasonForm(request.POST or None)
    lots = ledger.list_lots(award.member_id, desk.now)
    opened = {LotId(one.seq) for one in award.postings if one.currency == POINTS}
    still_there = sum(lot.remaining for lot in lots if lot.lot_id in opened)
    policy = rules.get_programme(award.programme_version).returns.shortfall
    status = 200
    if request.method == "POST" and reversible and form.is_valid():
        try:
            outcome = earning.reverse_award(
                actor=desk.actor, now=desk.now, source=award.source, reason=form.cleaned_data["reason"]
            )
        except Refusal as refusal:
            form.add_error(None, refusal.detail)
            status = 409
        else:
            points = design.format_points(outcome.points)
            messages.success(
                request,
                ngettext("%(points)s point taken back.", "%(points)s points taken back.", outcome.points)
                % {"points": points},
            )
            return redirect("console:member", award.member_id)
    elif request.method == "POST":
        status = 422
    shown: dict[str, Any] = {"head": head, "award": award, "reversible": reversible, "form": form}
    shown["named"] = name_award(award)
    shown |= {
        "still_there": still_there,
        "policy": policy.value,
        "gone": max(0, (reversible.left if reversible else 0) - still_there),
    }
    return show(request, desk, "console/reverse.html", status=status, **shown, active="members")


@require_http_methods(["GET", "POST"])
@at_desk(Permission.REDEMPTIONS_MANAGE)
def cancel_redemption(request: HttpRequest, desk: Desk, redemption_id: int) -> HttpResponse:
    """Give the points of a redemption back, with a reason."""
    view = redemption.get_redemption(RedemptionId(redemption_id))
    form = ReasonForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            redemption.cancel_redemption(
                actor=desk.actor, now=desk.now, redemption_id=view.id, reason=form.cleaned_data["reason"]
            )
        except Refusal as refusal:
            form.add_error(None, refusal.detail)
            status = 409
        else:
            messages.success(request, _("Cancelled. The points are back."))
            return redirect("console:redemption", view.id)
    elif request.method == "POST":
        status = 422
    shown: dict[str, Any] = {"head": read_head(desk, view.member_id), "view": view, "form": form}
    shown["left"] = view.price_points - view.refunded_points
    return show(request, desk, "console/redemption_cancel.html", status=status, **shown, active="members")


@require_POST
@at_desk(Permission.REDEMPTIONS_MANAGE)
def fulfil_redemption(request: HttpRequest, desk: Desk, redemption_id: int) -> HttpResponse:
    """Note that the member has the reward."""
    try:
        redemption.fulfil_redemption(
            actor=desk.actor, now=desk.now, redemption_id=RedemptionId(redemption_id)
        )
    except NotFound:
        raise
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    else:
        messages.success(request, _("Marked as delivered."))
    return redirect("console:redemption", redemption_id)


def _ask(
    request: HttpRequest, desk: Desk, head: MemberHead, form: AdjustForm, status: int = 200
) -> HttpResponse:
    balance = ledger.get_balance(head.profile.id, desk.now)
    return show(
        request,
        desk,
        "console/adjust.html",
        status=status,
        head=head,
        form=form,
        balance=balance,
        active="members",
    )


def _preview(desk: Desk, head: MemberHead, form: AdjustForm) -> AdjustConsequences:
    until = form.cleaned_data["expires_on"]
    expires_at = end_of_day(until, desk.zone) if until and form.amount > 0 else None
    lots = ledger.list_lots(head.profile.id, desk.now)
    return preview_adjustment(ledger.get_balance(head.profile.id, desk.now), lots, form.amount, expires_at)


def _post(desk: Desk, head: MemberHead, form: AdjustForm, will: AdjustConsequences) -> ledger.Receipt:
    key: UUID = form.cleaned_data["key"]
    return ledger.adjust_points(
        actor=desk.actor,
        now=desk.now,
        member_id=head.profile.id,
        amount=form.amount,
        reason=form.cleaned_data["reason"],
        key=f"console:{key}",
        expires_at=will.expires_at,
    )


def default_expiry(desk: Desk) -> str:
    """The last day that the programme gives to points earned today; empty where they never lapse."""
    if desk.programme is None:
        return ""
    expires_at = rules.resolve_expiry(desk.programme, None, desk.now)
    if expires_at is None:
        return ""
    # The end is exclusive: midnight belongs to the day before.
    return local_date(expires_at - timedelta(microseconds=1), desk.zone).isoformat()
