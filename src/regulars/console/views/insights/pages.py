"""The pages of insights: a report that a job has made, over the period that all of them share."""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from regulars.analytics import facade as analytics
from regulars.analytics.facade import (
    CheckUp,
    Opened,
    OverviewReport,
    PointsReport,
    ReportKind,
    RetentionReport,
    ValueReport,
    Waiting,
)
from regulars.console.desk import Desk, at_desk, show
from regulars.console.pages.insights.check_up import show_check_up
from regulars.console.pages.insights.frame import (
    AGAIN_SECONDS,
    Frame,
    ask_again,
    find_freshness,
    has_extra,
    make_frame,
    open_report,
)
from regulars.console.pages.insights.overview import show_overview
from regulars.console.pages.insights.periods import USUAL, Choice, read_choice
from regulars.console.pages.insights.points import show_points
from regulars.console.pages.insights.retention import show_retention
from regulars.console.pages.insights.sheets import Sheet, list_rows
from regulars.console.pages.insights.value import show_value
from regulars.design.facade import Chart
from regulars.facts import facade as facts
from regulars.finance import facade as finance
from regulars.identity.facade import Permission
from regulars.kit.errors import NotFound


class InsightsUnknown(NotFound):
    """There is no such page or table of insights."""

    code = "insights_not_found"


@dataclass(frozen=True, slots=True)
class Reading:
    """A report that is there, with all that a page is made from."""

    request: HttpRequest
    desk: Desk
    choice: Choice
    frame: Frame
    opened: Opened


@dataclass(frozen=True, slots=True)
class InsightsPage:
    """One of the pages: its report, its address, and what makes it."""

    kind: ReportKind
    view: str
    label: Promise
    make: Callable[[Reading], Any]


def _make_overview(reading: Reading) -> Any:
    looked = analytics.find_report(ReportKind.CHECK_UP, reading.choice.asked or USUAL)
    beside = cast(CheckUp, looked.report) if isinstance(looked, Opened) else None
    return show_overview(cast(OverviewReport, reading.opened.report), beside, reading.frame)


def _make_retention(reading: Reading) -> Any:
    report = cast(RetentionReport, reading.opened.report)
    return show_retention(report, reading.frame, reading.request.GET.get("kind", ""))


def _make_value(reading: Reading) -> Any:
    overview = open_report(ReportKind.OVERVIEW, reading.choice, reading.desk)
    beside = cast(OverviewReport, overview.report) if isinstance(overview, Opened) else None
    return show_value(cast(ValueReport, reading.opened.report), beside, reading.frame)


def _make_points(reading: Reading) -> Any:
    return show_points(cast(PointsReport, reading.opened.report), reading.frame)


def _make_check_up(reading: Reading) -> Any:
    return show_check_up(cast(CheckUp, reading.opened.report), reading.frame)


PAGES: Mapping[str, InsightsPage] = {
    "overview": InsightsPage(
        ReportKind.OVERVIEW, "console:insights", pgettext_lazy("insights", "Overview"), _make_overview
    ),
    "retention": InsightsPage(
        ReportKind.RETENTION, "console:insights_retention", _("Retention"), _make_retention
    ),
    "value": InsightsPage(
        ReportKind.VALUE, "console:insights_value", pgettext_lazy("insights", "Value"), _make_value
    ),
    "points": InsightsPage(ReportKind.POINTS, "console:insights_points", _("Points"), _make_points),
    "check-up": InsightsPage(ReportKind.CHECK_UP, "console:insights_check_up", _("Check-up"), _make_check_up),
}


@require_safe
@at_desk(Permission.INSIGHTS_VIEW)
def page(request: HttpRequest, desk: Desk, name: str) -> HttpResponse:
    """One of the pages over the chosen period: there, being made, or why not."""
    known, choice = PAGES[name], read_choice(request)
    shell: dict[str, Any] = {
        "active": "insights",
        "tab": name,
        "choice": choice,
        "freshness": find_freshness(desk),
    }
    shell["tabs"] = list_tabs(choice, name)
    if choice.asked is None:
        return show(request, desk, "console/insights/base.html", status=422, **shell)
    if shell["freshness"] is None:
        return show(request, desk, "console/insights/nothing.html", has_extra=has_extra(), **shell)
    opened = open_report(known.kind, choice, desk)
    if not isinstance(opened, Opened):
        return _wait(request, desk, opened, shell)
    made = known.make(Reading(request, desk, choice, make_frame(desk, name, choice, opened), opened))
    template = f"console/insights/{name.replace('-', '_')}.html"
    return show(request, desk, template, opened=opened, page=made, **shell)


@require_POST
@at_desk(Permission.INSIGHTS_ASK)
def ask(request: HttpRequest, desk: Desk, page: str) -> HttpResponse:
    """Have a page worked out anew, on demand or after an attempt that failed."""
    known = _find_page(page)
    choice = read_choice(request)
    if choice.asked is not None:
        ask_again(known.kind, choice, desk)
    return redirect(f"{reverse(known.view)}?{choice.query}")


@require_POST
@at_desk(Permission.INSIGHTS_ASK)
def copy_now(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Have the first copy of the shop's data made at once instead of by and by."""
    facts.ask_sync(now=desk.now)
    messages.success(request, gettext("The data are being copied; figures follow when that is done."))
    return redirect("console:insights")


@require_safe
@at_desk(Permission.INSIGHTS_VIEW)
def csv_file(request: HttpRequest, desk: Desk, page: str, name: str) -> HttpResponse:
    """Just what one chart or table of a page shows."""
    known = _find_page(page)
    choice = read_choice(request)
    opened = open_report(known.kind, choice, desk)
    if choice.asked is None or not isinstance(opened, Opened):
        return redirect(f"{reverse(known.view)}?{choice.query}")
    made = known.make(Reading(request, desk, choice, make_frame(desk, page, choice, opened), opened))
    shown = next((one for one in made.charts if one.name == name), None)
    if shown is None:
        raise InsightsUnknown(gettext("There is no such table."))
    return download(shown, f"regulars-{page}-{name}_{opened.as_of.isoformat()}.csv")


def download(shown: Chart | Sheet, name: str) -> HttpResponse:
    """What a chart or a table shows, as a file for a spreadsheet."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    for row in list_rows(shown):
        writer.writerow([finance.make_safe(cell) if isinstance(cell, str) else cell for cell in row])
    return HttpResponse(
        written.getvalue().encode(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def list_tabs(choice: Choice, name: str) -> list[tuple[str, Promise, bool]]:
    """The pages of insights, each with its address over the same period and whether it is this one."""
    tabs = [(f"{reverse(one.view)}?{choice.query}", one.label, key == name) for key, one in PAGES.items()]
    return [*tabs, (reverse("console:lifestyles"), _("Lifestyles"), name == "lifestyles")]


def _wait(request: HttpRequest, desk: Desk, waiting: Waiting | None, shell: dict[str, Any]) -> HttpResponse:
    """The page asks again by itself until the report is there, or until it is said to have failed."""
    address = reverse("console:insights_ask", args=[shell["tab"]])
    told: dict[str, Any] = {
        "waiting": waiting,
        "has_extra": has_extra(),
        "again_href": f"{address}?{shell['choice'].query}",
    }
    response = show(request, desk, "console/insights/waiting.html", **told, **shell)
    if waiting is not None and not waiting.failure:
        response["Refresh"] = str(AGAIN_SECONDS)
    return response


def _find_page(name: str) -> InsightsPage:
    if name not in PAGES:
        raise InsightsUnknown(gettext("There is no such page."))
    return PAGES[name]
