"""Trying a basket: what would this earn, and why, under the draft and under what is in force."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from regulars.activity import facade as activity
from regulars.activity.facade import OrderDetail
from regulars.catalogue import facade as catalogue
from regulars.console.desk import Desk, at_desk, show
from regulars.console.forms_programme_basket import (
    BLANK_LINES,
    KINDS,
    LINES_MAX,
    TypedLine,
    WhoForm,
    read_lines,
)
from regulars.console.pages.programme_basket import (
    Outcome,
    build_basket,
    find_member,
    find_whose,
    make_state,
    name_lines,
    try_basket,
    type_lines,
)
from regulars.console.pages.programme_draft import parse
from regulars.identity.facade import Permission
from regulars.kit.ids import OrderId
from regulars.rules import facade as rules
from regulars.rules.facade import Programme
from regulars.tiers import facade as tiers


@require_safe
@at_desk(Permission.PROGRAMME_VIEW)
def basket(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A basket in the address: it can be kept, sent to a colleague, and tried again after a change.

    A real order is tried with the tier and the number of orders that its member has today.
    """
    live = desk.programme
    draft = rules.find_draft()
    drafted = parse(draft.text) if draft else None
    shown: dict[str, Any] = {"live": live, "draft": draft, "drafted": drafted, "kinds": KINDS}
    base = live or drafted
    if base is None:
        return show(request, desk, "console/programme/basket.html", active="programme", **shown)
    order = _find_order(request)
    sent = request.GET
    lines = type_lines(order) if order else read_lines(sent, base.currency)
    if sent.get("add"):
        lines.append(TypedLine(sku=sent["add"].strip()[:100]))
    who = _who(request, desk, base, order, drafted)
    whose = find_whose(sent.get("member", ""), base, desk.now)
    outcomes = _try(lines, who, order, [(_("In force"), live), (_("Draft"), drafted)])
    words = sent.get("find", "") if not sent.get("add") else ""
    shown |= {
        "order": order,
        "lines": name_lines(lines[:LINES_MAX]),
        "blanks": [TypedLine()] * BLANK_LINES,
        "who": who,
        "whose": whose,
        "searched": sent.get("member", ""),
        "find": words,
        "found": catalogue.search_products(words) if words else (),
        "outcomes": outcomes,
        "difference": _difference(outcomes),
        "shortfall": -(_difference(outcomes) or 0),
        "currency": base.currency,
    }
    return show(request, desk, "console/programme/basket.html", active="programme", **shown)


def _find_order(request: HttpRequest) -> OrderDetail | None:
    wanted = request.GET.get("order", "").strip()
    if not wanted:
        return None
    if wanted.isdecimal() and len(wanted) < 19:
        try:
            return activity.get_order(OrderId(int(wanted)))
        except activity.UnknownOrder:
            pass
    return activity.find_order(wanted[:100])


def _who(
    request: HttpRequest, desk: Desk, base: Programme, order: OrderDetail | None, drafted: Programme | None
) -> WhoForm:
    names = {tier.code: tier.name for each in (drafted, base) if each for tier in each.tiers.tiers}
    sent = QueryDict(mutable=True)
    sent.update(request.GET.dict())
    if order is not None:
        sent["tier"] = tiers.get_standing(order.order.member_id, base, desk.now).tier or ""
        sent["at"] = order.order.occurred_at.astimezone(base.time_zone).strftime("%Y-%m-%dT%H:%M")
        before = activity.count_orders_before([order.order.member_id]).get(order.order.member_id, 0)
        sent["first"] = "on" if before <= 1 else ""
    elif not sent.get("at"):
        sent["at"] = desk.now.astimezone(base.time_zone).strftime("%Y-%m-%dT%H:%M")
    if "tier" not in sent:
        sent["tier"] = next((tier.code for tier in base.tiers.tiers if not tier.threshold), "")
    form = WhoForm(sent, tiers=list(names.items()))
    form.is_valid()
    return form


def _try(
    lines: list[TypedLine],
    who: WhoForm,
    order: OrderDetail | None,
    programmes: list[tuple[str, Programme | None]],
) -> list[tuple[str, Outcome]]:
    if not lines or any(line.error for line in lines) or not who.is_valid():
        return []
    values = who.cleaned_data
    whose = find_member(order.order.member_id) if order else None
    outcomes = []
    for title, programme in programmes:
        if programme is not None:
            state = make_state(
                tier=values["tier"],
                segments=values["segments"],
                first=values["first"],
                whose=whose,
                orders_before=1,
                zone=programme.time_zone,
            )
            tried, labels = build_basket(lines, values["at"], programme.currency)
            outcomes.append((title, try_basket(programme, state, tried, labels)))
    return outcomes


def _difference(outcomes: list[tuple[str, Outcome]]) -> int | None:
    """How many points more the draft gives than what is in force; None where there are not both."""
    return outcomes[1][1].points - outcomes[0][1].points if len(outcomes) == 2 else None
