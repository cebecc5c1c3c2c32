"""The shop's brand: its name, its logo, its two colours; tried first, undone when regretted."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from regulars.console.desk import Desk, at_desk, show
from regulars.console.forms_brand import BaseForm, BrandForm
from regulars.console.pages.brand import read_history, read_trial
from regulars.design import facade as design
from regulars.identity.facade import Permission
from regulars.kit.errors import InvalidInput, Refusal
from regulars.members import facade as members

HISTORY = 10


@require_http_methods(["GET", "POST"])
@at_desk(Permission.BRAND_MANAGE)
def brand(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Look at the brand, try another, save it."""
    current = design.get_brand()
    if request.method == "GET":
        return _page(request, desk, current, BrandForm.begin(current))
    form = BrandForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, desk, current, form, status=422)
    if request.POST.get("step") == "try":
        return _page(request, desk, current, form)
    return _save(request, desk, current, form)


@require_POST
@at_desk(Permission.BRAND_MANAGE)
def preview(request: HttpRequest, desk: Desk) -> HttpResponse:
    """How the colours under trial look, and whether they can be read: the part beside the form."""
    trial = read_trial(desk, request.POST)
    return show(request, desk, "console/parts/brand_preview.html", trial=trial)


@require_POST
@at_desk(Permission.BRAND_MANAGE)
def restore(request: HttpRequest, desk: Desk, version: int) -> HttpResponse:
    """Take up an earlier version again."""
    design.restore_brand(actor=desk.actor, now=desk.now, base=_base(request), version=version)
    messages.success(request, _("That brand is in force again."))
    return redirect("console:brand")


@require_POST
@at_desk(Permission.BRAND_MANAGE)
def reset(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Back to the look that Regulars comes with."""
    design.reset_brand(actor=desk.actor, now=desk.now, base=_base(request))
    messages.success(request, _("The original look is back."))
    return redirect("console:brand")


@require_POST
@at_desk(Permission.BRAND_MANAGE)
def registration(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Let whoever likes join in the store, or not."""
    is_open = request.POST.get("open") == "yes"
    members.set_registration(actor=desk.actor, now=desk.now, is_open=is_open)
    if is_open:
        messages.success(request, _("Whoever likes can join in the store now."))
    else:
        messages.success(request, _("From now on only you take members in."))
    return redirect("console:brand")


def _save(request: HttpRequest, desk: Desk, current: design.Brand, form: BrandForm) -> HttpResponse:
    told = form.cleaned_data
    # The colours that Regulars comes with are no choice: they follow where it goes.
    chosen = (told["main"].strip().lower(), told["accent"].strip().lower())
    main, accent = ("", "") if chosen == (design.HOUSE_MAIN, design.HOUSE_ACCENT) else chosen
    try:
        saved = design.save_brand(
            actor=desk.actor,
            now=desk.now,
            base=told["base"],
            name=told["name"],
            main=main,
            accent=accent,
            logo=told["logo"].read() if told["logo"] else None,
            without_logo=told["without_logo"],
        )
    except InvalidInput as refusal:
        form.add_error(refusal.extra.get("field"), refusal.detail)
        return _page(request, desk, current, form, status=422)
    except Refusal as refusal:
        form.add_error(None, refusal.detail)
        return _page(request, desk, current, form, status=409)
    if saved == current:
        messages.info(request, _("Nothing changed."))
    else:
        messages.success(request, _("Saved. Store, console and e-mails look like this from now on."))
    return redirect("console:brand")


def _page(
    request: HttpRequest, desk: Desk, current: design.Brand, form: BrandForm, *, status: int = 200
) -> HttpResponse:
    told = {name: str(form[name].value() or "") for name in ("name", "main", "accent")}
    context: dict[str, Any] = {
        "form": form,
        "current": current,
        "trial": read_trial(desk, told),
        "history": read_history(HISTORY),
        "may_join": members.is_registration_open(),
    }
    return show(request, desk, "console/brand.html", status=status, **context, active="brand")


def _base(request: HttpRequest) -> int:
    form = BaseForm(request.POST)
    return int(form.cleaned_data["base"]) if form.is_valid() else -1
