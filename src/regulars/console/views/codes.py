"""Code pools: filling them, watching what is left, fetching what is unused. Codes are shown masked."""

import csv
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.catalogue import facade as catalogue
from regulars.catalogue.facade import Alphabet, CodeState
from regulars.console.desk import Desk, at_desk, show
from regulars.console.forms_rewards_codes import GenerateForm, NewPoolForm, PoolForm, SheetForm
from regulars.console.pages.codes import STATE_NAMES, read_codes_page
from regulars.console.pages.rewards_form import propose_code
from regulars.design.facade import format_points
from regulars.identity.facade import Permission
from regulars.kit.errors import Refusal
from regulars.kit.paging import BadCursor


@require_safe
@at_desk(Permission.CATALOGUE_MANAGE)
def pools(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every pool, and what is left in it."""
    return show(request, desk, "console/codes.html", pools=catalogue.list_pools(), active="rewards")


@require_http_methods(["GET", "POST"])
@at_desk(Permission.CATALOGUE_MANAGE)
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Make a pool; it is filled on its own page."""
    form = NewPoolForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"].strip().lower() or propose_code(form.cleaned_data["name"])
        if any(pool.code == code for pool in catalogue.list_pools()):
            form.add_error("code", _("There is a pool of that code already."))
            status = 409
        else:
            try:
                _save(desk, code, form)
            except Refusal as refusal:
                form.add_error(None, refusal.detail)
                status = 422
            else:
                messages.success(request, _("The pool is there. Now fill it."))
                return redirect("console:pool", code)
    elif request.method == "POST":
        status = 422
    return show(request, desk, "console/code_new.html", status=status, form=form, active="rewards")


@require_http_methods(["GET", "POST"])
@at_desk(Permission.CATALOGUE_MANAGE)
def pool(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """One pool: its name and alert, its codes, and two ways to add some."""
    known = catalogue.get_pool(code)
    initial = {"name": known.name, "alert_below": known.alert_below or None}
    if request.method == "GET":
        return _page(request, desk, known, form=PoolForm(initial=initial))
    form = PoolForm(request.POST, initial=initial)
    if not form.is_valid():
        return _page(request, desk, known, form=form, status=422)
    _save(desk, code, form)
    messages.success(request, _("Saved."))
    return redirect("console:pool", code)


@require_POST
@at_desk(Permission.CATALOGUE_MANAGE)
def upload(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Take in a sheet of codes, and tell which lines were left out and why."""
    known = catalogue.get_pool(code)
    form = SheetForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, desk, known, sheet=form, status=422)
    try:
        done = catalogue.import_code_sheet(
            actor=desk.actor, now=desk.now, pool=code, text=form.cleaned_data["text"]
        )
    except Refusal as refusal:
        form.add_error("sheet", refusal.detail)
        return _page(request, desk, known, sheet=form, status=422)
    if done.known or done.twice or done.bad:
        return _page(request, desk, catalogue.get_pool(code), imported=done)
    _say_added(request, done.added)
    return redirect("console:pool", code)


@require_POST
@at_desk(Permission.CATALOGUE_MANAGE)
def generate(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Make codes that nobody can guess."""
    known = catalogue.get_pool(code)
    form = GenerateForm(request.POST)
    if not form.is_valid():
        return _page(request, desk, known, making=form, status=422)
    try:
        made = catalogue.generate_codes(
            actor=desk.actor,
            now=desk.now,
            pool=code,
            pattern=form.cleaned_data["pattern"],
            alphabet=Alphabet(form.cleaned_data["alphabet"]),
            count=form.cleaned_data["count"],
        )
    except Refusal as refusal:
        form.add_error(str(refusal.extra.get("field", "")) or None, refusal.detail)
        return _page(request, desk, known, making=form, status=422)
    _say_added(request, made)
    return redirect("console:pool", code)


@require_POST
@at_desk(Permission.CATALOGUE_MANAGE)
def download(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:  # noqa: ARG001
    """The unused codes as a file. Fetching them is in the audit trail; they stay free."""
    values = catalogue.hand_out_free_codes(actor=desk.actor, now=desk.now, pool=code)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{code}-unused.csv"'
    writer = csv.writer(response)
    writer.writerow(["code"])
    writer.writerows([_harmless(value)] for value in values)
    return response


def _page(
    request: HttpRequest,
    desk: Desk,
    known: catalogue.PoolInfo,
    *,
    form: PoolForm | None = None,
    sheet: SheetForm | None = None,
    making: GenerateForm | None = None,
    imported: catalogue.SheetImport | None = None,
    status: int = 200,
) -> HttpResponse:
    asked = request.GET.get("state", "")
    state = CodeState(asked) if asked in list(CodeState) else None
    try:
        page = read_codes_page(known, state, request.GET.get("cursor") or None)
    except BadCursor:
        return redirect("console:pool", known.code)
    shown: dict[str, Any] = {
        "page": page,
        "pool": known,
        "form": form or PoolForm(initial={"name": known.name, "alert_below": known.alert_below or None}),
        "sheet": sheet or SheetForm(),
        "making": making or GenerateForm(),
        "imported": imported,
        "states": STATE_NAMES.items(),
    }
    htmx = getattr(request, "htmx", None)
    rows_only = htmx and request.GET.get("cursor") and not htmx.history_restore_request
    template = "console/parts/code_rows.html" if rows_only else "console/code_pool.html"
    return show(request, desk, template, status=status, **shown, active="rewards")


def _save(desk: Desk, code: str, form: PoolForm) -> None:
    catalogue.save_pool(
        actor=desk.actor,
        now=desk.now,
        code=code,
        name=form.cleaned_data["name"],
        alert_below=form.cleaned_data["alert_below"] or 0,
    )


def _say_added(request: HttpRequest, count: int) -> None:
    text = ngettext("%(count)s code was added.", "%(count)s codes were added.", count)
    messages.success(request, text % {"count": format_points(count)})


def _harmless(value: str) -> str:
    """What a spreadsheet would take for a formula gets an apostrophe."""
    return f"'{value}" if value[:1] in "=+-@" else value
