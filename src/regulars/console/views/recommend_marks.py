"""Marks on recommendations: the list, a new one, the end of one."""

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.console.desk import Desk, at_desk, show
from regulars.console.forms_recommend import MarkForm
from regulars.console.pages.recommend.marks import find_things, list_kinds, load_marks, name_thing
from regulars.console.pages.recommend.wording import SUBJECTS
from regulars.console.views.turning import read_turn
from regulars.identity.facade import Permission
from regulars.kit.clock import end_of_day, local_date, start_of_day
from regulars.recommend import facade as recommend
from regulars.recommend.facade import MarkInvalid, MarkKind, MarkSubject, ShelfCode

FIELDS = {"starts_at": "starts_on", "ends_at": "ends_on"}


@require_safe
@at_desk(Permission.INSIGHTS_VIEW)
def marks(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Which marks hold; with `all` those that have ended, too."""
    with_ended = bool(request.GET.get("all"))
    cursor, backwards = read_turn(request)
    page = load_marks(desk.now, with_ended=with_ended, cursor=cursor, backwards=backwards)
    return show(
        request,
        desk,
        "console/recommend/marks.html",
        page=page,
        with_ended=with_ended,
        active="recommendations",
        tab="marks",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Permission.CATALOGUE_MANAGE)
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Find something first, then say what to do with it. Without scripts, two pages."""
    subject, value = request.GET.get("subject", ""), request.GET.get("value", "")
    chosen = MarkSubject(subject) if subject in set(MarkSubject) else None
    name = None if chosen is None else name_thing(chosen, value)
    if chosen is None or name is None:
        return _search(request, desk)
    today = local_date(desk.now, desk.zone)
    form = MarkForm(request.POST or None, subject=chosen, kinds=list_kinds(), today=today)
    if request.method == "POST" and form.is_valid():
        try:
            _set(desk, chosen, value, form.cleaned_data)
        except MarkInvalid as refusal:
            field = FIELDS.get(str(refusal.extra.get("field")), str(refusal.extra.get("field")))
            form.add_error(field if field in form.fields else None, refusal.detail)
        else:
            messages.success(request, _("Done. It holds from the next visit on."))
            return redirect("console:marks")
    return show(
        request,
        desk,
        "console/recommend/mark_new.html",
        status=422 if form.errors else 200,
        form=form,
        name=name,
        subject=SUBJECTS[chosen],
        active="recommendations",
    )


def _search(request: HttpRequest, desk: Desk) -> HttpResponse:
    text = request.GET.get("q", "")
    return show(
        request,
        desk,
        "console/recommend/mark_find.html",
        status=404 if request.method == "POST" else 200,
        text=text,
        found=find_things(text, desk.now),
        active="recommendations",
    )


def _set(desk: Desk, subject: MarkSubject, value: str, told: dict[str, Any]) -> None:
    first, last = told["starts_on"], told["ends_on"]
    starts_at: datetime | None = None if first is None else start_of_day(first, desk.zone)
    recommend.set_mark(
        actor=desk.actor,
        now=desk.now,
        kind=MarkKind(told["kind"]),
        subject=subject,
        value=value,
        shelf=ShelfCode(told["shelf"]) if told.get("shelf") else None,
        place=told.get("place"),
        factor=told["factor"],
        # A first day of today is from now on: it cannot have held this morning.
        starts_at=None if starts_at is None or starts_at < desk.now else starts_at,
        # The last day there is has none after it: who writes it means for ever.
        ends_at=None if last in (None, date.max) else end_of_day(last, desk.zone),
        note=told["note"],
    )


@require_POST
@at_desk(Permission.CATALOGUE_MANAGE)
def end(request: HttpRequest, desk: Desk, mark_id: int) -> HttpResponse:
    """End a mark now."""
    recommend.end_mark(actor=desk.actor, now=desk.now, mark_id=mark_id)
    messages.success(request, _("It has ended."))
    return redirect("console:marks")
