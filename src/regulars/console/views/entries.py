"""One entry, one order, one redemption: each explains itself."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from regulars.console.desk import Desk, at_desk, show
from regulars.console.forms_fulfilment import HandOverForm, NoteForm
from regulars.console.pages.entry import read_entry, read_order
from regulars.console.pages.fulfilment import read_handed, read_notes
from regulars.console.pages.member import read_head
from regulars.console.pages.people import name_actors, parse_actor
from regulars.identity.facade import Permission
from regulars.kit.ids import MemberId, OrderId, RedemptionId
from regulars.redemption import facade as redemption


@require_safe
@at_desk(Permission.MEMBERS_VIEW)
def entry(request: HttpRequest, desk: Desk, member_id: int, currency: str, seq: int) -> HttpResponse:
    """One line of the journal: why it is there, and what it did to which lots."""
    head = read_head(desk, MemberId(member_id))
    page = read_entry(MemberId(member_id), currency, seq)
    return show(request, desk, "console/entry.html", head=head, page=page, active="members")


@require_safe
@at_desk(Permission.MEMBERS_VIEW)
def order(request: HttpRequest, desk: Desk, order_id: int) -> HttpResponse:
    """An order, and what each of its lines brought."""
    page = read_order(OrderId(order_id))
    head = read_head(desk, page.detail.order.member_id)
    return show(request, desk, "console/order.html", head=head, page=page, active="members")


@require_safe
@at_desk(Permission.MEMBERS_VIEW)
def one_redemption(request: HttpRequest, desk: Desk, redemption_id: int) -> HttpResponse:
    """A redemption, step by step."""
    view = redemption.get_redemption(RedemptionId(redemption_id))
    steps = redemption.list_steps(view.id)
    actors = {step.actor: parse_actor(step.actor) for step in steps}
    names = name_actors(actor for actor in actors.values() if actor)
    told = [(step, names[actor].text if (actor := actors[step.actor]) else step.actor) for step in steps]
    shown: dict[str, Any] = {"head": read_head(desk, view.member_id), "view": view, "steps": told}
    shown |= {"handed": read_handed(view.id), "notes": read_notes(view.id)}
    shown |= {"hand": HandOverForm(), "note": NoteForm()}
    return show(request, desk, "console/redemption.html", **shown, active="members")
