"""Finding members, and the pages about one."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from regulars.console.desk import Desk, at_desk, show
from regulars.console.pages.entries import CHOICES, read_history
from regulars.console.pages.insights.member import find_insights
from regulars.console.pages.member import read_head, read_overview
from regulars.console.pages.members import (
    MEMBERS,
    REACH,
    export_members,
    find_hint,
    find_note,
    list_actions,
    read_members,
)
from regulars.console.pages.trail import read_trail
from regulars.console.tables.exporting import export_table
from regulars.console.tables.shown import show_table
from regulars.console.tables.state import read_state
from regulars.identity.facade import Permission
from regulars.kit.ids import MemberId
from regulars.members import facade as members
from regulars.redemption import facade as redemption


@require_safe
@at_desk(Permission.MEMBERS_VIEW)
def all_members(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Everyone, narrowed as one types; without scripts, by the button."""
    state = read_state(MEMBERS, request)
    page = read_members(desk, state, state.cursor, state.size, reach=REACH)
    return show_table(
        request,
        desk,
        "console/members.html",
        state,
        rows=page.items,
        next_cursor=page.next_cursor,
        previous_cursor=page.previous_cursor,
        actions=list_actions(desk),
        note=find_note(state),
        hint=find_hint(state),
        active="members",
    )


@require_safe
@at_desk(Permission.MEMBERS_VIEW)
def all_members_csv(request: HttpRequest, desk: Desk) -> HttpResponse | StreamingHttpResponse:
    """The same as a file. Who takes persons' data out is on record."""
    state = read_state(MEMBERS, request)
    return export_table(desk, state, lambda cursor: export_members(desk, state, cursor))


@require_safe
@at_desk(Permission.MEMBERS_VIEW)
def overview(request: HttpRequest, desk: Desk, member_id: int) -> HttpResponse:
    """Who it is, what they have, where they stand, what happened lately."""
    member = MemberId(member_id)
    head = read_head(desk, member)
    shown: dict[str, Any] = {"page": read_overview(desk, member), "insights": find_insights(desk, member)}
    return show(request, desk, "console/member.html", head=head, **shown, active="members", tab="overview")


@require_safe
@at_desk(Permission.MEMBERS_VIEW)
def history(request: HttpRequest, desk: Desk, member_id: int) -> HttpResponse:
    """Every entry of the points wallet, each with its reason."""
    member = MemberId(member_id)
    choice = request.GET.get("show", "")
    choice = choice if choice in CHOICES else ""
    cursor = request.GET.get("cursor") or None
    page = read_history(member, choice=choice, cursor=cursor)
    more = _more("console:history", page.next_cursor, member_id, show=choice)
    if cursor and getattr(request, "htmx", False):
        return show(request, desk, "console/parts/entry_rows.html", page=page, more=more)
    choices = [(value, label) for value, (label, _kinds) in CHOICES.items()]
    head = read_head(desk, member)
    shown: dict[str, Any] = {"head": head, "page": page, "more": more, "choices": choices, "choice": choice}
    return show(request, desk, "console/history.html", **shown, active="members", tab="history")


@require_safe
@at_desk(Permission.MEMBERS_VIEW)
def redemptions(request: HttpRequest, desk: Desk, member_id: int) -> HttpResponse:
    """Every reward that the member took."""
    member = MemberId(member_id)
    cursor = request.GET.get("cursor") or None
    page = redemption.list_redemptions(member_id=member, cursor=cursor, size=25)
    more = _more("console:redemptions", page.next_cursor, member_id)
    if cursor and getattr(request, "htmx", False):
        return show(request, desk, "console/parts/redemption_rows.html", redemptions=page.items, more=more)
    shown: dict[str, Any] = {"head": read_head(desk, member), "redemptions": page.items, "more": more}
    return show(request, desk, "console/redemptions.html", **shown, active="members", tab="redemptions")


@require_safe
@at_desk(Permission.MEMBERS_VIEW)
def timeline(request: HttpRequest, desk: Desk, member_id: int) -> HttpResponse:
    """Everything that happened to the member, out of all rooms."""
    member = MemberId(member_id)
    cursor = request.GET.get("cursor") or None
    page = members.list_timeline(member, cursor, 30)
    more = _more("console:timeline", page.next_cursor, member_id)
    if cursor and getattr(request, "htmx", False):
        return show(request, desk, "console/parts/timeline_rows.html", page=page, more=more)
    shown: dict[str, Any] = {"head": read_head(desk, member), "page": page, "more": more}
    return show(request, desk, "console/timeline.html", **shown, active="members", tab="timeline")


@require_safe
@at_desk(Permission.TRAIL_VIEW)
def changes(request: HttpRequest, desk: Desk, member_id: int) -> HttpResponse:
    """The audit trail of one member."""
    head = read_head(desk, MemberId(member_id))
    cursor = request.GET.get("cursor") or None
    page = read_trail(subject=f"member:{member_id}", cursor=cursor)
    more = _more("console:changes", page.next_cursor, member_id)
    shown: dict[str, Any] = {"head": head, "page": page, "more": more, "of_member": True}
    if cursor and getattr(request, "htmx", False):
        return show(request, desk, "console/parts/trail_rows.html", **shown)
    return show(request, desk, "console/changes.html", **shown, active="members", tab="changes")


def _more(name: str, cursor: str | None, *args: int, **query: str) -> str:
    """The address of the next page, or nothing."""
    if not cursor:
        return ""
    given = {key: value for key, value in query.items() if value}
    return f"{reverse(name, args=args)}?{urlencode({**given, 'cursor': cursor})}"
