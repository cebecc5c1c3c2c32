"""The audit trail."""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from regulars.console.desk import Desk, at_desk
from regulars.console.pages.trail import TRAIL, export_entries, read_entries
from regulars.console.tables.exporting import export_table
from regulars.console.tables.shown import show_table
from regulars.console.tables.state import read_state
from regulars.identity.facade import Permission


@require_safe
@at_desk(Permission.TRAIL_VIEW)
def audit_trail(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who did what, when and why, latest first, narrowed by actor, subject, action and time."""
    state = read_state(TRAIL, request)
    page = read_entries(desk, state, state.cursor, state.size)
    return show_table(
        request,
        desk,
        "console/trail.html",
        state,
        rows=page.items,
        next_cursor=page.next_cursor,
        previous_cursor=page.previous_cursor,
        active="trail",
    )


@require_safe
@at_desk(Permission.TRAIL_VIEW)
def audit_trail_csv(request: HttpRequest, desk: Desk) -> HttpResponse | StreamingHttpResponse:
    """The same as a file."""
    state = read_state(TRAIL, request)
    return export_table(desk, state, lambda cursor: export_entries(desk, state, cursor))
