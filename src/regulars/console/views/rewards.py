"""Rewards: the list, and the page on which one is written."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.catalogue import facade as catalogue
from regulars.console.desk import Desk, at_desk, show
from regulars.console.forms_rewards import RewardForm
from regulars.console.pages.rewards_editor import make_form, read_editor, read_preview
from regulars.console.pages.rewards_form import merge_changes, read_reward, show_reward
from regulars.console.pages.rewards_list import read_reward_filters, read_rewards
from regulars.identity.facade import Permission
from regulars.kit.errors import InvalidInput, Refusal
from regulars.kit.paging import BadCursor

EDITOR = "console/reward.html"


@require_safe
@at_desk(Permission.CATALOGUE_MANAGE)
def rewards(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every reward; only the rows where the list asks for more or for other ones."""
    cursor = request.GET.get("cursor") or None
    try:
        page = read_rewards(desk, read_reward_filters(request.GET), cursor)
    except BadCursor:
        return redirect("console:rewards")
    template = "console/rewards.html"
    htmx = getattr(request, "htmx", None)
    if htmx and not htmx.history_restore_request:
        template = "console/parts/reward_rows.html" if cursor else "console/parts/rewards_found.html"
    return show(request, desk, template, page=page, active="rewards")


@require_http_methods(["GET", "POST"])
@at_desk(Permission.CATALOGUE_MANAGE)
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Write a reward. It is a draft until it is published."""
    return _edit(request, desk, None)


@require_http_methods(["GET", "POST"])
@at_desk(Permission.CATALOGUE_MANAGE)
def edit(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Change a reward."""
    return _edit(request, desk, catalogue.get_offer(code, desk.now))


@require_POST
@at_desk(Permission.CATALOGUE_MANAGE)
def preview(request: HttpRequest, desk: Desk) -> HttpResponse:
    """How members would see what stands in the form: the part beside it."""
    code = request.POST.get("known", "").replace("\x00", "")
    offer = catalogue.get_offer(code, desk.now) if code else None
    info = offer.info if offer else None
    data, fault = _take_picture(request, desk)
    form = make_form(desk, info, catalogue.list_pool_stocks(), data)
    form.is_valid()
    shown = read_preview(desk, read_reward(form, info), offer, **_asked(request))
    return show(
        request,
        desk,
        "console/parts/reward_preview.html",
        preview=shown,
        form=form,
        uploaded="picture" in request.FILES,
        fault=fault,
        alone=True,
    )


def _edit(request: HttpRequest, desk: Desk, offer: catalogue.Offer | None) -> HttpResponse:
    info = offer.info if offer else None
    pools = catalogue.list_pool_stocks()
    if request.method == "GET":
        return _page(request, desk, make_form(desk, info, pools, language=get_language() or "en"), offer)
    data, fault = _take_picture(request, desk)
    form = make_form(desk, info, pools, data)
    if not form.is_valid() or fault:
        if fault:
            form.add_error("picture", fault)
        return _page(request, desk, form, offer, status=422)
    if request.POST.get("step") == "preview":
        return _page(request, desk, form, offer)
    return _save(request, desk, form, offer)


def _save(request: HttpRequest, desk: Desk, form: RewardForm, offer: catalogue.Offer | None) -> HttpResponse:
    info = offer.info if offer else None
    wanted = read_reward(form, info)
    if info is None and not form.cleaned_data["code"]:
        form.cleaned_data["code"] = catalogue.find_free_code(wanted.code)
        wanted = read_reward(form, None)
    try:
        saved = catalogue.save_reward(
            actor=desk.actor, now=desk.now, reward=wanted, base=form.cleaned_data["base"]
        )
    except catalogue.RewardMoved:
        return _merge(request, desk, form, wanted.code)
    except Refusal as refusal:
        field = _field_of(form, str(refusal.extra.get("field", "")))
        form.add_error(field, refusal.detail)
        return _page(request, desk, form, offer, status=422 if isinstance(refusal, InvalidInput) else 409)
    if info is not None and saved.version == info.version:
        messages.info(request, _("Nothing changed."))
    elif saved.decided.published:
        messages.success(request, _("Saved. Members see it so from now on."))
    else:
        messages.success(request, _("Saved as a draft."))
    if request.POST.get("step") == "publish" and not saved.decided.published:
        return redirect("console:reward_publish", saved.decided.code)
    return redirect("console:reward", saved.decided.code)


def _merge(request: HttpRequest, desk: Desk, form: RewardForm, code: str) -> HttpResponse:
    """Somebody else saved meanwhile: both changes together in the form, to be looked at and saved."""
    offer = catalogue.get_offer(code, desk.now)
    theirs = show_reward(offer.info, desk.programme.currency if desk.programme else "")
    merged = merge_changes(form, theirs)
    pools = catalogue.list_pool_stocks()
    again = make_form(desk, offer.info, pools, initial=merged.initial)
    page = read_editor(desk, again, offer, pools, merged=merged, **_asked(request))
    return show(request, desk, EDITOR, status=409, page=page, form=again, active="rewards")


def _page(
    request: HttpRequest, desk: Desk, form: RewardForm, offer: catalogue.Offer | None, *, status: int = 200
) -> HttpResponse:
    page = read_editor(desk, form, offer, catalogue.list_pool_stocks(), **_asked(request))
    return show(request, desk, EDITOR, status=status, page=page, form=form, active="rewards")


def _take_picture(request: HttpRequest, desk: Desk) -> tuple[QueryDict, str]:
    """The form's data with an uploaded picture stored and named in it, and why it was not.

    It is kept at once, so that a form that comes back does not lose it.
    """
    data = request.POST.copy()
    upload = request.FILES.get("picture")
    fault = ""
    if upload:
        try:
            picture = catalogue.save_picture(actor=desk.actor, now=desk.now, content=upload.read(), alt="")
        except catalogue.PictureRefused as refusal:
            fault = refusal.detail
        else:
            # A drawing beside a picture that was kept before was chosen after it.
            if data.get("picture_name") != picture.name:
                data["picture_name"], data["drawing"] = picture.name, ""
    return data, fault


def _asked(request: HttpRequest) -> dict[str, Any]:
    """In which language, and whose eyes, the preview is wanted."""
    told = request.POST if request.method == "POST" else request.GET
    return {"language": told.get("see_language", ""), "seen_as": told.get("see_as", "")}


def _field_of(form: RewardForm, name: str) -> str | None:
    """The form's field where a refusal belongs; None: above them all."""
    if name in {"name", "description", "terms"}:
        name = f"{name}_{form.cleaned_data.get('language', '')}"
    return name if name in form.fields else None
