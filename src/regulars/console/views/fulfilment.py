"""The queue of what members wait for: looked through, packed, and handed over many at once."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from regulars.catalogue import facade as catalogue
from regulars.console.desk import Desk, at_desk, show
from regulars.console.forms_fulfilment import QueueForm
from regulars.console.pages.fulfilment import (
    QueueRow,
    read_chosen,
    read_filter,
    read_queue,
    write_packing,
)
from regulars.finance import facade as finance
from regulars.identity.facade import Permission
from regulars.kit.errors import Refusal
from regulars.kit.paging import BadCursor
from regulars.redemption import facade as redemption
from regulars.redemption.facade import QueueStatus, RedemptionState


@require_safe
@at_desk(Permission.REDEMPTIONS_MANAGE)
def queue(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What is to be handed over, in part, done and cancelled; narrowed by reward, age and word."""
    asked = request.GET.get("status", "")
    status = QueueStatus(asked) if asked in list(QueueStatus) else QueueStatus.TO_DO
    form = QueueForm(request.GET, rewards=catalogue.list_reward_names())
    query = {name: request.GET.get(name, "").strip() for name in form.fields}
    cursor = request.GET.get("cursor") or None
    try:
        page = read_queue(desk, status, read_filter(form, desk), query, cursor)
    except BadCursor:
        return redirect("console:fulfilment")
    template = "console/fulfilment/queue.html"
    if getattr(request, "htmx", False) and not request.htmx.history_restore_request:  # type: ignore[attr-defined]
        template = "console/fulfilment/rows.html" if cursor else "console/fulfilment/found.html"
    return show(request, desk, template, page=page, form=form, query=query, active="fulfilment")


@require_http_methods(["GET", "POST"])
@at_desk(Permission.REDEMPTIONS_MANAGE)
def chosen(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Do something with the redemptions that were ticked: pack them, or hand all of them over."""
    if request.method == "GET":  # who comes back to it with the browser's button
        return redirect("console:fulfilment")
    rows = read_chosen(desk, request.POST.getlist("chosen"))
    if not rows:
        messages.error(request, _("Tick what you mean first."))
        return redirect("console:fulfilment")
    if request.POST.get("do") == "pack":
        numbers = urlencode([("id", row.view.id) for row in rows])
        return redirect(f"{reverse('console:packing')}?{numbers}")
    ready = [row for row in rows if _is_ready(row)]
    if request.POST.get("step") == "confirm" and (key := _read_key(request)):
        return _hand_over_all(request, desk, ready, key)
    return show(
        request,
        desk,
        "console/fulfilment/deliver.html",
        ready=ready,
        left_out=len(rows) - len(ready),
        people=len({row.view.member_id for row in ready}),
        units=sum(row.view.units_left for row in ready),
        key=uuid4(),
        active="fulfilment",
    )


@require_safe
@at_desk(Permission.REDEMPTIONS_MANAGE)
def packing(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What goes into which parcel, to be printed."""
    rows = read_chosen(desk, request.GET.getlist("id"))
    query = urlencode([("id", row.view.id) for row in rows])
    shown: dict[str, Any] = {"rows": rows, "query": query}
    shown["units"] = sum(row.view.units_left for row in rows)
    return show(request, desk, "console/fulfilment/packing.html", **shown, active="fulfilment")


@require_safe
@at_desk(Permission.REDEMPTIONS_MANAGE)
def packing_csv(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The same for a spreadsheet."""
    rows = read_chosen(desk, request.GET.getlist("id"))
    name = f"regulars-packing_{desk.now.astimezone(desk.zone).date().isoformat()}.csv"
    return HttpResponse(
        finance.write_csv(write_packing(rows, desk.zone)).encode(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _hand_over_all(request: HttpRequest, desk: Desk, ready: list[QueueRow], key: UUID) -> HttpResponse:
    """Each on its own: one that somebody else handed over meanwhile stands in nobody's way."""
    done, refused = 0, []
    for row in ready:
        try:
            redemption.hand_over(
                actor=desk.actor,
                now=desk.now,
                redemption_id=row.view.id,
                idempotency_key=f"console:{key}",
            )
        except Refusal as refusal:
            refused.append(f"{row.view.reference}: {refusal.detail}")
        else:
            done += 1
    told = ngettext("%(count)d handed over.", "%(count)d handed over.", done) % {"count": done}
    if done:
        messages.success(request, told)
    if refused:
        messages.error(request, " ".join(refused))
    return redirect("console:fulfilment")


def _is_ready(row: QueueRow) -> bool:
    return row.view.state is RedemptionState.CONFIRMED and row.view.units_left > 0


def _read_key(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return None
