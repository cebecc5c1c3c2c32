"""Saving how one looks at a table, sharing it, and deleting it after saying for whom."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from regulars.console.desk import Desk, at_desk, show
from regulars.console.pages.members import MEMBERS
from regulars.console.pages.redemptions import REDEMPTIONS
from regulars.console.pages.trail import TRAIL
from regulars.console.tables.state import TableState, parse_state
from regulars.console.tables.types import Table
from regulars.identity import facade as identity
from regulars.identity.facade import Permission
from regulars.kit.errors import NotFound, Refusal

TABLES = {table.name: table for table in (MEMBERS, REDEMPTIONS, TRAIL)}


class TableUnknown(NotFound):
    """There is no such table."""

    code = "table_not_found"


@require_POST
@at_desk(Permission.MEMBERS_VIEW)
def save_view(request: HttpRequest, desk: Desk, table: str) -> HttpResponse:
    """Keep a view under a name, with what it means now and nothing else."""
    state = _state_of(table, request.POST.get("query", ""))
    try:
        saved = identity.save_view(
            actor=desk.actor,
            now=desk.now,
            table=table,
            name=request.POST.get("name", ""),
            query=state.query(),
            shared=request.POST.get("shared") == "on",
        )
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    else:
        messages.success(request, _("The view “%(name)s” is saved.") % {"name": saved.name})
    return redirect(state.address())


@require_POST
@at_desk(Permission.MEMBERS_VIEW)
def share_view(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Show a view to the team, or to oneself alone."""
    shared = request.POST.get("shared") == "on"
    saved = identity.share_view(actor=desk.actor, now=desk.now, number=number, shared=shared)
    told = _("The team sees “%(name)s” now.") if shared else _("Only you see “%(name)s” now.")
    messages.success(request, told % {"name": saved.name})
    return redirect(_state_of(saved.table, saved.query).address())


@require_http_methods(["GET", "POST"])
@at_desk(Permission.MEMBERS_VIEW)
def delete_view(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Delete a view: says first whether others use it too."""
    saved = identity.get_view(operator_id=desk.operator.id, number=number)
    state = _state_of(saved.table, saved.query)
    if request.method == "POST":
        identity.delete_view(actor=desk.actor, now=desk.now, number=number)
        messages.success(request, _("The view “%(name)s” is deleted.") % {"name": saved.name})
        return redirect(state.table.view)
    return show(request, desk, "console/view_delete.html", saved=saved, table=state.table, active=saved.table)


def _state_of(table: str, query: str) -> TableState:
    known: Table | None = TABLES.get(table)
    if known is None:
        raise TableUnknown(_("There is no such table."))
    return parse_state(known, QueryDict(query[:4_000]))
