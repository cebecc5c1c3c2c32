"""The counter: a code is scanned or typed, the page says whether it is good, one button hands it over."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.console.desk import Desk, at_desk, show
from regulars.console.forms_fulfilment import CounterForm, HandOverForm, NoteForm, RestForm
from regulars.console.pages.fulfilment import read_counter, tell_rows
from regulars.console.pages.member import read_head
from regulars.identity import facade as identity
from regulars.identity.facade import Permission
from regulars.kit.errors import NotFound, Refusal, TooMany
from regulars.kit.ids import RedemptionId
from regulars.redemption import facade as redemption
from regulars.redemption.facade import AlreadyHandedOver

# Wrong codes in a row: enough for a worn label and a tired hand, few for somebody who tries.
WRONG_CODES = identity.Limit("counter_wrong", 20, timedelta(minutes=10))
# Whoever mixes wrong codes with a good one of their own meets this one.
ALL_CODES = identity.Limit("counter_all", 900, timedelta(hours=1))


@require_http_methods(["GET", "POST"])
@at_desk(Permission.REDEMPTIONS_MANAGE)
def counter(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Wait for a code, and find what it stands for. A code of nothing is told so, and no more."""
    if request.method != "POST":
        return _wait(request, desk, CounterForm(), done=_find_done(request))
    form = CounterForm(request.POST)
    if not form.is_valid():
        return _wait(request, desk, form, status=422)
    try:
        found = _find(desk, form.cleaned_data["code"])
    except TooMany as refusal:
        form.add_error("code", refusal.detail)
        return _wait(request, desk, form, status=429)
    if not found:
        form.add_error("code", _("No redemption has this code."))
        return _wait(request, desk, form, status=404)
    if len(found) == 1:
        return redirect("console:counter_found", found[0].id)
    return _wait(request, desk, form, several=list(tell_rows(desk, found)))


@require_safe
@at_desk(Permission.REDEMPTIONS_MANAGE)
def counter_found(request: HttpRequest, desk: Desk, redemption_id: int) -> HttpResponse:
    """Whose it is, what it is, and whether it is good."""
    page = read_counter(desk, RedemptionId(redemption_id))
    shown: dict[str, Any] = {
        "page": page,
        "form": CounterForm(),
        "hand": HandOverForm(initial={"at": "counter"}),
    }
    return show(request, desk, "console/fulfilment/counter_found.html", **shown, active="fulfilment")


@require_POST
@at_desk(Permission.REDEMPTIONS_MANAGE)
def hand_over(request: HttpRequest, desk: Desk, redemption_id: int) -> HttpResponse:
    """Give the member what they came for, all of it or some. Who comes second sees who was first."""
    number = RedemptionId(redemption_id)
    form = HandOverForm(request.POST)
    back = "console:redemption" if request.POST.get("at") != "counter" else "console:counter_found"
    if not form.is_valid():
        messages.error(request, _("Nothing was handed over: say how many, as a whole number."))
        return redirect(back, number)
    try:
        redemption.hand_over(
            actor=desk.actor,
            now=desk.now,
            redemption_id=number,
            units=form.cleaned_data["units"],
            idempotency_key=f"console:{form.cleaned_data['key']}",
        )
    except NotFound:
        raise
    except AlreadyHandedOver:
        # The page itself says when and by whom.
        return redirect(back, number)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
        return redirect(back, number)
    if back == "console:redemption":
        messages.success(request, _("Handed over."))
        return redirect(back, number)
    return redirect(f"{reverse('console:counter')}?done={number}")


@require_http_methods(["GET", "POST"])
@at_desk(Permission.REDEMPTIONS_MANAGE)
def drop_rest(request: HttpRequest, desk: Desk, redemption_id: int) -> HttpResponse:
    """Say that the rest will never come, after saying what that gives back."""
    view = redemption.get_redemption(RedemptionId(redemption_id))
    form = RestForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            redemption.drop_rest(
                actor=desk.actor,
                now=desk.now,
                redemption_id=view.id,
                reason=form.cleaned_data["reason"],
                idempotency_key=f"console:{form.cleaned_data['key']}",
            )
        except Refusal as refusal:
            form.add_error(None, refusal.detail)
            status = 409
        else:
            messages.success(request, _("Done. The points of the rest are back."))
            return redirect("console:redemption", view.id)
    elif request.method == "POST":
        status = 422
    points = redemption.split_refund(
        price_points=view.price_points,
        refunded_points=view.refunded_points,
        units=view.units,
        dropped=view.units_left,
    )
    shown: dict[str, Any] = {"head": read_head(desk, view.member_id), "view": view, "form": form}
    return show(
        request, desk, "console/fulfilment/rest.html", status=status, **shown, points=points, active="members"
    )


@require_POST
@at_desk(Permission.REDEMPTIONS_MANAGE)
def write_note(request: HttpRequest, desk: Desk, redemption_id: int) -> HttpResponse:
    """Leave a word for colleagues."""
    number = RedemptionId(redemption_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The note was not kept: it needs some words, and not too many."))
    else:
        redemption.write_note(
            actor=desk.actor,
            now=desk.now,
            redemption_id=number,
            text=form.cleaned_data["text"],
            idempotency_key=f"console:{form.cleaned_data['key']}",
        )
        messages.success(request, _("Noted."))
    return redirect("console:redemption", number)


def _find(desk: Desk, word: str) -> list[redemption.RedemptionView]:
    """What a code stands for. Raises TooManyAttempts after too many wrong ones."""
    subject = str(desk.actor)
    identity.take_attempt(limit=ALL_CODES, subject=subject, now=desk.now)
    # Counted before it is looked up: those that are tried at once cannot slip past together.
    identity.take_attempt(limit=WRONG_CODES, subject=subject, now=desk.now)
    found = redemption.find_at_counter(word)
    if found:
        identity.forget_attempts(limit=WRONG_CODES, subject=subject)
    return found


def _find_done(request: HttpRequest) -> redemption.RedemptionView | None:
    """What was handed over a moment ago, as the address says."""
    text = request.GET.get("done", "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    number = RedemptionId(int(text))
    return redemption.get_redemptions([number]).get(number)


def _wait(
    request: HttpRequest, desk: Desk, form: CounterForm, *, status: int = 200, **shown: Any
) -> HttpResponse:
    done = shown.pop("done", None)
    page = read_counter(desk, done.id) if done else None
    told = {"form": form, "page": page, "several": shown.get("several", [])}
    return show(request, desk, "console/fulfilment/counter.html", status=status, **told, active="fulfilment")
