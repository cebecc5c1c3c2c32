"""The list of redemptions of all members."""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from regulars.console.desk import Desk, at_desk
from regulars.console.pages.redemptions import (
    REDEMPTIONS,
    export_redemptions,
    list_actions,
    read_redemptions,
)
from regulars.console.tables.exporting import export_table
from regulars.console.tables.shown import show_table
from regulars.console.tables.state import read_state
from regulars.identity.facade import Permission


@require_safe
@at_desk(Permission.MEMBERS_VIEW)
def all_redemptions(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What members took, latest first."""
    state = read_state(REDEMPTIONS, request)
    page = read_redemptions(state, state.cursor, state.size)
    return show_table(
        request,
        desk,
        "console/all_redemptions.html",
        state,
        rows=page.items,
        next_cursor=page.next_cursor,
        previous_cursor=page.previous_cursor,
        actions=list_actions(desk),
        active="redemptions",
    )


@require_safe
@at_desk(Permission.MEMBERS_VIEW)
def all_redemptions_csv(request: HttpRequest, desk: Desk) -> HttpResponse | StreamingHttpResponse:
    """The same as a file."""
    state = read_state(REDEMPTIONS, request)
    return export_table(desk, state, lambda cursor: export_redemptions(state, cursor))
