"""What is owed in points, and what moved."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from regulars.console.desk import Desk, at_desk, show
from regulars.console.forms_finance import LiabilityForm, MovementsForm
from regulars.console.pages.finance import show_liability, show_movements
from regulars.finance import facade as finance
from regulars.finance.facade import Breakdown, Liability, Movements, Period, Table
from regulars.identity.facade import Permission
from regulars.kit.clock import end_of_day, local_date, start_of_day


@require_safe
@at_desk(Permission.FINANCE_VIEW)
def liability(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What members could claim at the end of a day, by the month in which it lapses and by tier."""
    form = LiabilityForm(_asked(request, as_of=_today(desk)), today=_today(desk))
    if not form.is_valid():
        return _ask_again(request, desk, form, "liability")
    owed = _read_liability(desk, form)
    asked = {"as_of": form.cleaned_data["as_of"].isoformat(), "currency": owed.currency.value}
    return show(
        request,
        desk,
        "console/finance/liability.html",
        form=form,
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
    owed = _read_liability(desk, form)
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
    moved = _read_movements(desk, form)
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
    moved = _read_movements(desk, form)
    days = "_".join(form.cleaned_data[name].isoformat() for name in ("first_day", "last_day"))
    return _download(finance.list_movements(moved), f"regulars-movements_{days}_{moved.currency}.csv")


def _read_liability(desk: Desk, form: LiabilityForm) -> Liability:
    return finance.get_liability(
        as_of=_end_of(desk, form.cleaned_data["as_of"]), now=desk.now, currency=form.cleaned_data["currency"]
    )


def _read_movements(desk: Desk, form: MovementsForm) -> Movements:
    asked = form.cleaned_data
    return finance.get_movements(
        period=Period(
            start_of_day(asked["first_day"], desk.zone), end_of_day(asked["last_day"], desk.zone), desk.zone
        ),
        now=desk.now,
        currency=asked["currency"],
        step=asked["step"],
    )


def _asked(request: HttpRequest, **days: date) -> dict[str, str]:
    """What was asked for, with these days where none was given, so that the form shows them."""
    given = {name: str(value) for name, value in request.GET.items() if value}
    return {name: day.isoformat() for name, day in days.items()} | given


def _today(desk: Desk) -> date:
    return local_date(desk.now, desk.zone)


def _end_of(desk: Desk, day: date) -> datetime:
    """The end of a day; of today, the present."""
    return min(end_of_day(day, desk.zone), desk.now)


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
