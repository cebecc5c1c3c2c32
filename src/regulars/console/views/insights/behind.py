"""The members behind a number: the list, and the same as a file."""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from regulars.analytics import facade as analytics
from regulars.analytics.facade import BehindReady, BehindWaiting, Opened, OverviewReport, ReportKind, Span
from regulars.console.desk import Desk, at_desk, show
from regulars.console.pages.insights.behind import BehindPage, list_rows, open_behind, read_behind
from regulars.console.pages.insights.frame import AGAIN_SECONDS, find_freshness, has_extra
from regulars.console.tables.exporting import export_table
from regulars.console.tables.shown import show_table
from regulars.identity import facade as identity
from regulars.identity.facade import Permission

FILE_SIZE = 100


@require_safe
@at_desk(Permission.INSIGHTS_VIEW)
def members_behind(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who they are, each with what they add to the number; or that a job lists them."""
    identity.check_can(desk.operator, Permission.MEMBERS_VIEW)
    page = read_behind(request, _find_currency())
    if page is None:
        return redirect("console:insights")
    ready = open_behind(page, desk)
    if not isinstance(ready, BehindReady):
        return _wait(request, desk, page, ready)
    rows, next_cursor = list_rows(page, ready, page.state.cursor, page.state.size)
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
    ready = open_behind(page, desk)
    if not isinstance(ready, BehindReady):
        return redirect(f"{reverse('console:insights_members')}?{request.GET.urlencode()}")
    return export_table(desk, page.state, lambda cursor: list_rows(page, ready, cursor, FILE_SIZE))


@require_POST
@at_desk(Permission.INSIGHTS_ASK)
def ask_members(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Have a list made anew after an attempt that failed."""
    identity.check_can(desk.operator, Permission.MEMBERS_VIEW)
    page = read_behind(request, "")
    if page is None:
        return redirect("console:insights")
    analytics.ask_behind(measure=page.measure, period=page.asked, key=page.key, now=desk.now)
    return redirect(f"{reverse('console:insights_members')}?{request.GET.urlencode()}")


def _wait(request: HttpRequest, desk: Desk, page: BehindPage, waiting: BehindWaiting | None) -> HttpResponse:
    """The page asks again by itself until the list is there, or until it is said to have failed."""
    response = show(
        request,
        desk,
        "console/insights/behind_waiting.html",
        page=page,
        waiting=waiting,
        again_href=f"{reverse('console:insights_members_ask')}?{request.GET.urlencode()}",
        has_extra=has_extra(),
        freshness=find_freshness(desk),
        active="insights",
    )
    if waiting is not None and not waiting.failure:
        response["Refresh"] = str(AGAIN_SECONDS)
    return response


def _find_currency() -> str:
    """The shop's one currency, as an overview has it; empty where it has none or several."""
    for span in (Span.ALL, *Span):
        opened = analytics.find_report(ReportKind.OVERVIEW, span)
        if isinstance(opened, Opened) and isinstance(opened.report, OverviewReport):
            return opened.report.currency
    return ""
