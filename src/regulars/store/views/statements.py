"""A statement of any period, to keep: for a spreadsheet or for paper."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from regulars.identity import facade as identity
from regulars.kit.errors import TooMany
from regulars.store.pages.statement_pdf import ROWS_MAX, Letterhead, draw_statement
from regulars.store.pages.statements import StatementTooLong, load_statement, read_period, write_csv
from regulars.store.visits import MemberVisit, StoreRequest, for_members

# Each takes a second or two of a processor.
STATEMENTS_BY_MEMBER = identity.Limit("store_statement", 30, timedelta(hours=1))


@for_members
def statement(request: StoreRequest, visit: MemberVisit) -> HttpResponseBase:
    """The statement as PDF, or as CSV where that is asked for."""
    period = read_period(request.GET, visit.now)
    try:
        identity.take_attempt(limit=STATEMENTS_BY_MEMBER, subject=str(visit.member_id), now=visit.now)
        found = load_statement(visit, period)
        name = f"{period.first:%Y%m%d}-{period.last:%Y%m%d}"
        if request.GET.get("as") == "csv":
            return _attach(write_csv(found).encode(), "text/csv; charset=utf-8", f"{name}.csv")
        if len(found.rows) > ROWS_MAX:
            raise StatementTooLong
    except TooMany as refusal:
        messages.error(request, refusal.detail)
        return redirect("store:history")
    except StatementTooLong:
        messages.error(request, _("That is too much for one document. Please choose a shorter time."))
        return redirect("store:history")
    head = Letterhead(
        brand=visit.programme.name,
        member=visit.member.name,
        reference=visit.member.external_id,
        points_word=visit.programme.points_name.many,
        made_at=visit.now,
    )
    return _attach(draw_statement(found, head), "application/pdf", f"{name}.pdf")


def _attach(content: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
