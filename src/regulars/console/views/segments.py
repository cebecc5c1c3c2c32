"""Segments: the list, one of them, who is in it and why, how they overlap."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.console.desk import Desk, at_desk, show
from regulars.console.forms_segments import DayForm
from regulars.console.pages.insights.frame import find_freshness
from regulars.console.pages.segments.shown import (
    explain,
    list_change_rows,
    list_member_rows,
    list_overlap,
    list_rows,
    name_segment,
    read_row,
    say_fault,
)
from regulars.identity.facade import Permission
from regulars.kit.clock import end_of_day
from regulars.kit.errors import Refusal
from regulars.kit.ids import MemberId
from regulars.members import facade as members
from regulars.segments import facade as segments


@require_safe
@at_desk(Permission.SEGMENTS_VIEW)
def all_segments(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every segment with its size, how that went, and how it stands."""
    rows = list_rows(desk)
    own = [row for row in rows if not row.segment.built_in]
    built_in = [row for row in rows if row.segment.built_in]
    failing = [
        (row, say_fault(row.segment, desk))
        for row in rows
        if row.segment.state is segments.SegmentState.FAILING
    ]
    return show(
        request,
        desk,
        "console/segments/list.html",
        own=own,
        built_in=built_in,
        failing=failing,
        freshness=find_freshness(desk),
        active="segments",
    )


@require_safe
@at_desk(Permission.SEGMENTS_VIEW)
def overlap(request: HttpRequest, desk: Desk) -> HttpResponse:
    """How many are in two segments at once."""
    return show(
        request,
        desk,
        "console/segments/overlap.html",
        matrix=list_overlap(list_rows(desk)),
        freshness=find_freshness(desk),
        active="segments",
    )


@require_safe
@at_desk(Permission.SEGMENTS_VIEW)
def segment(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """What a segment means, how it stands, who is in it."""
    found = segments.get_segment(code)
    try:
        sentence = segments.describe_tree(tree=found.tree, now=desk.now)
    except Refusal as refusal:
        sentence = refusal.detail
    form = DayForm(request.GET)
    day = form.cleaned_data["on"] if form.is_valid() else None
    as_of = None if day is None else end_of_day(day, desk.zone)
    page = list_member_rows(code, request.GET.get("after"), as_of)
    template = (
        "console/segments/member_rows.html" if request.GET.get("part") else "console/segments/segment.html"
    )
    return show(
        request,
        desk,
        template,
        status=200 if form.is_valid() else 422,
        row=read_row(desk, found),
        sentence=sentence,
        fault=say_fault(found, desk),
        page=page,
        form=form,
        day=day,
        count=None if as_of is None else segments.count_members_as_of(code, as_of),
        freshness=find_freshness(desk),
        active="segments",
    )


@require_safe
@at_desk(Permission.SEGMENTS_VIEW)
def history(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Entries and exits, latest first."""
    page = list_change_rows(code=code, cursor=request.GET.get("after"))
    row = read_row(desk, segments.get_segment(code))
    return show(request, desk, "console/segments/history.html", row=row, page=page, active="segments")


@require_safe
@at_desk(Permission.SEGMENTS_VIEW)
def why(request: HttpRequest, desk: Desk, code: str, member_id: int) -> HttpResponse:
    """Why a member is in a segment, or is not: the values that decided it."""
    found = segments.get_segment(code)
    change = segments.find_last_change(code, MemberId(member_id))
    return show(
        request,
        desk,
        "console/segments/why.html",
        segment=found,
        name=name_segment(found),
        profile=members.get_member(MemberId(member_id)),
        change=change,
        facts=explain(change, desk),
        active="segments",
    )


@require_POST
@at_desk(Permission.SEGMENTS_MANAGE)
def rebuild(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Ask for a rebuild."""
    found = segments.get_segment(code)
    segments.request_rebuild(now=desk.now, codes=(found.code,))
    messages.success(request, _("It is rebuilt within a minute."))
    return redirect("console:segment", code=code)


@require_http_methods(["GET", "POST"])
@at_desk(Permission.SEGMENTS_MANAGE)
def archive(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Ask first, then end a segment."""
    found = segments.get_segment(code)
    error = ""
    if request.method == "POST":
        try:
            segments.archive_segment(actor=desk.actor, now=desk.now, code=code)
        except Refusal as refusal:
            error = refusal.detail
        else:
            messages.success(request, _("“%(name)s” is archived.") % {"name": name_segment(found)})
            return redirect("console:segments")
    return show(
        request,
        desk,
        "console/segments/archive.html",
        status=409 if error else 200,
        segment=found,
        name=name_segment(found),
        error=error,
        active="segments",
    )
