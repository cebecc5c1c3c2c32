"""Where every point came from, and where it went."""

from dataclasses import replace

from django.http import HttpResponseBase
from django.shortcuts import redirect

from regulars.kit.ids import JournalSeq
from regulars.kit.paging import BadCursor
from regulars.ledger import facade as ledger
from regulars.store.pages.history import load_ahead, load_entries, load_entry
from regulars.store.pages.statements import read_period
from regulars.store.rendering import show
from regulars.store.visits import MemberVisit, StoreRequest, for_members, is_part


@for_members
def history(request: StoreRequest, visit: MemberVisit) -> HttpResponseBase:
    """The journal, latest first."""
    cursor = request.GET.get("cursor") or None
    month = request.GET.get("month", "")[:40] if cursor else ""
    try:
        page = load_entries(visit.member_id, request.GET.get("show", ""), cursor, month, visit.now)
    except BadCursor:
        return redirect("store:history")
    if cursor and is_part(request):
        return show(request, visit, "parts/entry_page.html", page=page)
    balance = ledger.get_balance(visit.member_id, visit.now)
    page = replace(
        page,
        balance=balance,
        ahead=load_ahead(visit.member_id, visit.now),
        period=read_period(request.GET, visit.now),
    )
    return show(request, visit, "history.html", page=page, points=balance.active, active="history")


@for_members
def entry(request: StoreRequest, visit: MemberVisit, seq: int) -> HttpResponseBase:
    """One entry, line by line."""
    detail = load_entry(visit.member_id, JournalSeq(seq), visit.now)
    if is_part(request):
        return show(request, visit, "parts/entry_detail.html", detail=detail)
    points = ledger.get_balance(visit.member_id, visit.now).active
    return show(request, visit, "entry.html", detail=detail, points=points, active="history")
