"""Points passed from one member to another: told what it does to both, then done."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from regulars.console.desk import Desk, at_desk, show
from regulars.console.forms_desk import TransferForm
from regulars.console.pages.consequences import AdjustConsequences, preview_adjustment
from regulars.console.pages.finding import find_by_word
from regulars.console.pages.member import MemberHead, read_head
from regulars.design import facade as design
from regulars.identity.facade import Permission
from regulars.kit.errors import Refusal
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.members.facade import MemberProfile


@require_http_methods(["GET", "POST"])
@at_desk(Permission.POINTS_ADJUST)
def transfer(request: HttpRequest, desk: Desk, member_id: int) -> HttpResponse:
    """Pass points on: to whom and how many, then what will come of it, then the deed."""
    head = read_head(desk, MemberId(member_id))
    if head.profile.anonymised_at or head.profile.merged_into:
        raise members.MemberErased(_("There is nobody left here to pass points on."))
    form = TransferForm(request.POST or None)
    to = _find_taker(head, form) if form.is_valid() else None
    if to is None:
        return _ask(request, desk, head, form, status=422 if form.is_bound else 200)
    points: int = form.cleaned_data["points"]
    gives = _preview_giving(desk, head, form)
    if gives.short:
        return _ask(request, desk, head, form, status=409)
    if request.POST.get("step") != "confirm":
        gets = preview_adjustment(ledger.get_balance(to.id, desk.now), (), points, None)
        shown: dict[str, Any] = {"head": head, "form": form, "to": to, "gives": gives, "gets": gets}
        return show(request, desk, "console/transfer_confirm.html", **shown, active="members")
    try:
        _post(desk, desk.now, head, to, form)
    except Refusal as refusal:
        form.add_error(None, refusal.detail)
        return _ask(request, desk, head, form, status=409)
    messages.success(
        request,
        _("%(points)s points passed on to %(name)s.")
        % {"points": design.format_points(points), "name": to.name},
    )
    return redirect("console:member", member_id)


def _find_taker(head: MemberHead, form: TransferForm) -> MemberProfile | None:
    """Who gets them; None, with the form saying why, where nobody can."""
    to = find_by_word(form.cleaned_data["to"])
    if to is None:
        form.add_error("to", _("Nobody is found by that."))
    elif to.id == head.profile.id:
        form.add_error("to", _("That is the same member."))
    elif to.anonymised_at is not None:
        form.add_error("to", _("The data of this member was erased; there is nobody to give points to."))
    else:
        return to
    return None


def _preview_giving(desk: Desk, head: MemberHead, form: TransferForm) -> AdjustConsequences:
    """What leaves the giver, lot by lot; where there is not enough, the form says how much is missing."""
    balance = ledger.get_balance(head.profile.id, desk.now)
    lots = ledger.list_lots(head.profile.id, desk.now)
    gives = preview_adjustment(balance, lots, -form.cleaned_data["points"], None)
    if gives.short:
        told = _("The member has %(points)s to spend; that is %(short)s short.")
        have, short = design.format_points(gives.before.active), design.format_points(gives.short)
        form.add_error("points", told % {"points": have, "short": short})
    return gives


def _post(
    desk: Desk, now: datetime, head: MemberHead, to: MemberProfile, form: TransferForm
) -> ledger.Receipt:
    key: UUID = form.cleaned_data["key"]
    return ledger.transfer_points(
        actor=desk.actor,
        now=now,
        from_member_id=head.profile.id,
        to_member_id=to.id,
        amount=form.cleaned_data["points"],
        key=f"console:{key}",
        reason=form.cleaned_data["reason"],
    )


def _ask(
    request: HttpRequest, desk: Desk, head: MemberHead, form: TransferForm, status: int = 200
) -> HttpResponse:
    balance = ledger.get_balance(head.profile.id, desk.now)
    shown: dict[str, Any] = {"head": head, "form": form, "balance": balance}
    return show(request, desk, "console/transfer.html", status=status, **shown, active="members")
