"""Doing one thing with many rows: a form, what will come of it, the deed."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from regulars.console.desk import Desk, at_desk, show
from regulars.console.forms import AdjustForm, ReasonForm
from regulars.console.pages.bulk import Adjusting, preview_adjusting, preview_cancelling, read_ids
from regulars.console.views.corrections import default_expiry
from regulars.identity.facade import Permission
from regulars.kit.clock import end_of_day, local_date
from regulars.kit.errors import Refusal
from regulars.ledger import facade as ledger
from regulars.redemption import facade as redemption


@require_http_methods(["GET", "POST"])
@at_desk(Permission.POINTS_ADJUST)
def adjust_many(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The same points for all that were chosen: first how many, then what that means, then the deed."""
    if request.method == "GET":  # who comes back to it with the browser's button
        return redirect("console:members")
    ids, step = read_ids(request.POST), request.POST.get("step", "")
    if not ids:
        return _nothing_chosen(request, "console:members")
    today = local_date(desk.now, desk.zone)
    unasked = AdjustForm(initial={"expires_on": default_expiry(desk)}, today=today)
    form = AdjustForm(request.POST, today=today) if step else unasked
    will = preview_adjusting(desk, ids, form.amount if step and form.is_valid() else 0)
    template, status = "console/bulk_adjust.html", 200
    if step and not form.is_valid():
        status = 422
    elif step == "check" and not will.takers:
        form.add_error(None, _("None of them can be adjusted by this much."))
        status = 409
    elif step == "confirm":
        try:
            receipts = _post(desk, form, will)
        except Refusal as refusal:
            form.add_error(None, refusal.detail)
            status = 409
        else:
            told = ngettext("%(count)s member adjusted.", "%(count)s members adjusted.", len(receipts))
            messages.success(request, _("Done.") + " " + told % {"count": len(receipts)})
            return redirect(_way_back(request, "console:members"))
    elif step == "check":
        template = "console/bulk_adjust_confirm.html"
    shown = {"form": form, "will": will, "ids": ids, "back": _way_back(request, "console:members")}
    return show(request, desk, template, status=status, **shown, active="members")


@require_http_methods(["GET", "POST"])
@at_desk(Permission.REDEMPTIONS_MANAGE)
def cancel_many(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Give the points of all chosen redemptions back, each on its own: one refused does not stop the rest."""
    if request.method == "GET":  # as above
        return redirect("console:all_redemptions")
    ids, step = read_ids(request.POST), request.POST.get("step", "")
    if not ids:
        return _nothing_chosen(request, "console:all_redemptions")
    will = preview_cancelling(ids)
    form, status = ReasonForm(request.POST) if step else ReasonForm(), 200
    if step and not form.is_valid():
        status = 422
    elif step and will.rows:
        failed = []
        for row in will.rows:
            try:
                redemption.cancel_redemption(
                    actor=desk.actor,
                    now=desk.now,
                    redemption_id=row.view.id,
                    reason=form.cleaned_data["reason"],
                )
            except Refusal as refusal:
                failed.append(f"{row.view.reference}: {refusal.detail}")
        count = len(will.rows) - len(failed)
        if count:
            told = ngettext("%(count)s redemption cancelled.", "%(count)s redemptions cancelled.", count)
            messages.success(request, told % {"count": count})
        for sentence in failed:
            messages.error(request, sentence)
        return redirect(_way_back(request, "console:all_redemptions"))
    shown = {"form": form, "will": will, "ids": ids, "back": _way_back(request, "console:all_redemptions")}
    return show(request, desk, "console/bulk_cancel.html", status=status, **shown, active="redemptions")


def _post(desk: Desk, form: AdjustForm, will: Adjusting) -> list[ledger.Receipt]:
    """For all that were told or for nobody: who has become too poor since then is not left out unseen.

    So it is with who has become so by this very deed, sent a second time: the key answers as before.
    """
    key: UUID = form.cleaned_data["key"]
    until = form.cleaned_data["expires_on"]
    return ledger.adjust_many(
        actor=desk.actor,
        now=desk.now,
        member_ids=[one.profile.id for one in (*will.takers, *will.short)],
        amount=form.amount,
        reason=form.cleaned_data["reason"],
        key=f"console:{key}",
        expires_at=end_of_day(until, desk.zone) if until and form.amount > 0 else None,
    )


def _nothing_chosen(request: HttpRequest, view: str) -> HttpResponse:
    messages.error(request, _("Choose at least one row first."))
    return redirect(_way_back(request, view))


def _way_back(request: HttpRequest, view: str) -> str:
    """The table as it was left, where the form says so and it is ours."""
    asked, home = request.POST.get("back", ""), resolve_url(view)
    ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=None) and asked.partition("?")[0] == home
    return asked if ours else home
