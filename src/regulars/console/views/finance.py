"""What is owed in points, and what moved."""

from datetime import date
from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from regulars.console.desk import Desk, at_desk, show
from regulars.console.forms_finance import LiabilityForm, MovementsForm
from regulars.console.pages.finance import show_liability, show_movements
from regulars.finance import facade as finance
from regulars.finance.facade import (
    Breakdown,
    Liability,
    LiabilityQuestion,
    Movements,
    MovementsQuestion,
    Opened,
    Question,
    Table,
    Waiting,
)
from regulars.identity.facade import Permission
from regulars.kit.clock import local_date

AGAIN_SECONDS = 2


@require_safe
@at_desk(Permission.FINANCE_VIEW)
def liability(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What members could claim at the end of a day, by the month in which it lapses and by tier."""
    form = LiabilityForm(_asked(request, as_of=_today(desk)), today=_today(desk))
    if not form.is_valid():
        return _ask_again(request, desk, form, "liability")
    opened = _open(desk, _question_of_day(form))
    if isinstance(opened, Waiting):
        return _wait(request, desk, form, opened, "liability")
    owed = cast(Liability, opened.report)
    asked = {"as_of": form.cleaned_data["as_of"].isoformat(), "currency": owed.currency.value}
    return show(
        request,
        desk,
        "console/finance/liability.html",
        form=form,
        opened=opened,
        page=show_liability(owed),
        as_of=form.cleaned_data["as_of"],
        is_now=form.cleaned_data["as_of"] == _today(desk),
        query=urlencode(asked),
        active="finance",
        tab="liability",
    )


@require_safe
@at_desk(Permission.FINANCE_VIEW)
def liability_csv(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The same for a spreadsheet."""
    form = LiabilityForm(request.GET, today=_today(desk))
    if not form.is_valid():
        return _ask_again(request, desk, form, "liability")
    by = Breakdown.TIER if request.GET.get("by") == Breakdown.TIER else Breakdown.EXPIRY
    opened = _open(desk, _question_of_day(form))
    if isinstance(opened, Waiting):
        return _go_and_wait(request, "console:finance")
    owed = cast(Liability, opened.report)
    name = f"regulars-liability_{form.cleaned_data['as_of'].isoformat()}_{owed.currency}_by-{by}.csv"
    return _download(finance.list_liability(owed, by), name)


@require_safe
@at_desk(Permission.FINANCE_VIEW)
def movements(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What moved from one day to another, both whole: opening + movements = closing."""
    today = _today(desk)
    form = MovementsForm(_asked(request, first_day=today.replace(day=1), last_day=today), today=today)
    if not form.is_valid():
        return _ask_again(request, desk, form, "movements")
    asked = form.cleaned_data
    opened = _open(desk, _question_of_period(form))
    if isinstance(opened, Waiting):
        return _wait(request, desk, form, opened, "movements")
    moved = cast(Movements, opened.report)
    query = {
        "first_day": asked["first_day"].isoformat(),
        "last_day": asked["last_day"].isoformat(),
        "step": asked["step"] or "",
        "currency": moved.currency.value,
    }
    return show(
        request,
        desk,
        "console/finance/movements.html",
        form=form,
        opened=opened,
        page=show_movements(moved, asked["step"]),
        query=urlencode(query),
        active="finance",
        tab="movements",
    )


@require_safe
@at_desk(Permission.FINANCE_VIEW)
def movements_csv(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The same for a spreadsheet."""
    form = MovementsForm(request.GET, today=_today(desk))
    if not form.is_valid():
        return _ask_again(request, desk, form, "movements")
    opened = _open(desk, _question_of_period(form))
    if isinstance(opened, Waiting):
        return _go_and_wait(request, "console:movements")
    moved = cast(Movements, opened.report)
    days = "_".join(form.cleaned_data[name].isoformat() for name in ("first_day", "last_day"))
    return _download(finance.list_movements(moved), f"regulars-movements_{days}_{moved.currency}.csv")


def _open(desk: Desk, question: Question) -> Opened | Waiting:
    return finance.open_report(question=question, now=desk.now)


def _question_of_day(form: LiabilityForm) -> LiabilityQuestion:
    return LiabilityQuestion(form.cleaned_data["as_of"], form.cleaned_data["currency"])


def _question_of_period(form: MovementsForm) -> MovementsQuestion:
    asked = form.cleaned_data
    return MovementsQuestion(asked["first_day"], asked["last_day"], asked["step"], asked["currency"])


def _wait(request: HttpRequest, desk: Desk, form: Any, waiting: Waiting, tab: str) -> HttpResponse:
    """The page asks again by itself until the report is there."""
    response = show(
        request,
        desk,
        "console/finance/waiting.html",
        form=form,
        waiting=waiting,
        page=None,
        active="finance",
        tab=tab,
    )
    response["Refresh"] = str(AGAIN_SECONDS)
    return response


def _go_and_wait(request: HttpRequest, page: str) -> HttpResponse:
    return redirect(f"{reverse(page)}?{request.GET.urlencode()}")


def _asked(request: HttpRequest, **days: date) -> dict[str, str]:
    """What was asked for, with these days where none was given, so that the form shows them."""
    given = {name: str(value) for name, value in request.GET.items() if value}
    return {name: day.isoformat() for name, day in days.items()} | given


def _today(desk: Desk) -> date:
    return local_date(desk.now, desk.zone)


def _ask_again(request: HttpRequest, desk: Desk, form: Any, tab: str) -> HttpResponse:
    return show(
        request,
        desk,
        f"console/finance/{tab}.html",
        status=422,
        form=form,
        page=None,
        active="finance",
        tab=tab,
    )


def _download(table: Table, name: str) -> HttpResponse:
    return HttpResponse(
        finance.write_csv(table).encode(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
