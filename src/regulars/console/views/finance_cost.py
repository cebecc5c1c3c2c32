"""What a point is reckoned at: what was, what is, and what shall be from a day on."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from regulars.console.desk import Desk, at_desk, show
from regulars.console.forms_finance import CostForm
from regulars.console.pages.finance_cost import preview_cost, write_cost
from regulars.finance import facade as finance
from regulars.finance.facade import PointCost
from regulars.identity import facade as identity
from regulars.identity.facade import Permission
from regulars.kit.clock import local_date
from regulars.kit.errors import Refusal
from regulars.rules import facade as rules


@require_http_methods(["GET", "POST"])
@at_desk(Permission.FINANCE_VIEW)
def point_cost(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every cost there was; for who may, a form for the next one, what will come of it, and the deed."""
    if desk.programme is None:
        raise rules.NoProgramme(_("Publish a programme first: a point costs in its currency."))
    costs = finance.list_point_costs()
    today = local_date(desk.now, desk.zone)
    given = request.POST if request.method == "POST" else None
    form = CostForm(given, latest=next(iter(costs), None), today=today, currency=desk.programme.currency)
    if given is None:
        return _list(request, desk, form, costs, today)
    identity.check_can(desk.operator, Permission.FINANCE_MANAGE)
    if not form.is_valid():
        return _list(request, desk, form, costs, today, status=422)
    if request.POST.get("step") != "confirm":
        will = preview_cost(desk, **form.cleaned_data)
        return show(
            request,
            desk,
            "console/finance/cost_confirm.html",
            form=form,
            will=will,
            active="finance",
            tab="cost",
        )
    try:
        made = finance.set_point_cost(actor=desk.actor, now=desk.now, **form.cleaned_data)
    except Refusal as refusal:
        form.add_error(None, refusal.detail)
        return _list(request, desk, form, costs, today, status=409)
    told = _("A point is reckoned at %(cost)s from %(day)s on.")
    messages.success(request, told % {"cost": write_cost(made), "day": made.effective_on.isoformat()})
    return redirect("console:point_cost")


def _list(
    request: HttpRequest,
    desk: Desk,
    form: CostForm,
    costs: Sequence[PointCost],
    today: date,
    *,
    status: int = 200,
) -> HttpResponse:
    now = next((cost for cost in costs if cost.effective_on <= today), None)
    rows = [(cost, write_cost(cost), cost is now, cost.effective_on > today) for cost in costs]
    shown: dict[str, Any] = {"form": form, "rows": rows}
    return show(
        request, desk, "console/finance/cost.html", status=status, **shown, active="finance", tab="cost"
    )
