"""The members behind a number: the list, and the same as a file."""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from regulars.analytics import facade as analytics
from regulars.analytics.facade import Opened, OverviewReport, ReportKind, Span
from regulars.console.desk import Desk, at_desk
from regulars.console.pages.insights.behind import list_rows, read_behind
from regulars.console.pages.insights.frame import find_freshness
from regulars.console.tables.exporting import export_table
from regulars.console.tables.shown import show_table
from regulars.identity import facade as identity
from regulars.identity.facade import Permission

FILE_SIZE = 100


@require_safe
@at_desk(Permission.INSIGHTS_VIEW)
def members_behind(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who they are, each with what they add to the number."""
    identity.check_can(desk.operator, Permission.MEMBERS_VIEW)
    page = read_behind(request, _find_currency())
    if page is None:
        return redirect("console:insights")
    rows, next_cursor = list_rows(page, page.state.cursor, page.state.size)
    return show_table(
        request,
        desk,
        "console/insights/behind.html",
        page.state,
        rows=rows,
        next_cursor=next_cursor,
        page=page,
        freshness=find_freshness(desk),
        active="insights",
    )


@require_safe
@at_desk(Permission.INSIGHTS_VIEW)
def members_behind_csv(request: HttpRequest, desk: Desk) -> HttpResponse | StreamingHttpResponse:
    """The same as a file. Who takes persons' data out is on record."""
    identity.check_can(desk.operator, Permission.MEMBERS_VIEW)
    page = read_behind(request, _find_currency())
    if page is None:
        return redirect("console:insights")
    return export_table(desk, page.state, lambda cursor: list_rows(page, cursor, FILE_SIZE))


def _find_currency() -> str:
    """The shop's one currency, as an overview has it; empty where it has none or several."""
    for span in (Span.ALL, *Span):
        opened = analytics.find_report(ReportKind.OVERVIEW, span)
        if isinstance(opened, Opened) and isinstance(opened.report, OverviewReport):
            return opened.report.currency
    return ""
