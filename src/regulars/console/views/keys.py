"""The keys of the shop's systems."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from regulars.console.desk import Desk, at_desk, show
from regulars.console.forms_team import KeyForm, LastingForm, RevokeForm, RotateForm
from regulars.console.pages.team import find_key, read_keys
from regulars.console.views.once import lead_to_once
from regulars.identity import facade as identity
from regulars.identity.facade import Permission
from regulars.kit.errors import Refusal
from regulars.kit.ids import ApiKeyId


@require_safe
@at_desk(Permission.API_KEYS_MANAGE, own_time=True)
def keys(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every key, what it may do, and when it was last used."""
    return show(request, desk, "console/keys.html", rows=read_keys(desk.now), active="keys")


@require_http_methods(["GET", "POST"])
@at_desk(Permission.API_KEYS_MANAGE, own_time=True)
def issue(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A new key; its secret is shown this once and never again."""
    form = KeyForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            key, secret = identity.issue_api_key(
                actor=desk.actor,
                now=desk.now,
                label=form.cleaned_data["label"],
                scopes=form.cleaned_data["scopes"],
                expires_at=_end(desk, form),
            )
        except Refusal as refusal:
            form.add_error(None, refusal.detail)
            status = 422
        else:
            return lead_to_once(request, desk, "key", key=str(key.id), secret=secret)
    elif request.method == "POST":
        status = 422
    return show(request, desk, "console/key_issue.html", status=status, form=form, active="keys")


@require_http_methods(["GET", "POST"])
@at_desk(Permission.API_KEYS_MANAGE, own_time=True)
def rotate(request: HttpRequest, desk: Desk, key_id: int) -> HttpResponse:
    """A new key in another's place; both are good for a while."""
    row = find_key(key_id, desk.now)
    if row is None:
        raise identity.ApiKeyUnknown(_("There is no such key."))
    form = RotateForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        key, secret = identity.rotate_api_key(
            actor=desk.actor,
            now=desk.now,
            key_id=ApiKeyId(key_id),
            overlap=timedelta(days=form.cleaned_data["overlap"]),
            expires_at=_end(desk, form),
        )
        return lead_to_once(request, desk, "key", key=str(key.id), old=str(key_id), secret=secret)
    if request.method == "POST":
        status = 422
    return show(request, desk, "console/key_rotate.html", status=status, row=row, form=form, active="keys")


@require_http_methods(["GET", "POST"])
@at_desk(Permission.API_KEYS_MANAGE, own_time=True)
def revoke(request: HttpRequest, desk: Desk, key_id: int) -> HttpResponse:
    """End a key at once, after saying what that means."""
    row = find_key(key_id, desk.now)
    if row is None:
        raise identity.ApiKeyUnknown(_("There is no such key."))
    form = RevokeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        identity.revoke_api_key(
            actor=desk.actor,
            now=desk.now,
            key_id=ApiKeyId(key_id),
            reason=form.cleaned_data["reason"],
        )
        messages.success(request, _("The key “%(label)s” no longer works.") % {"label": row.info.label})
        return redirect("console:keys")
    status = 422 if request.method == "POST" else 200
    return show(request, desk, "console/key_revoke.html", status=status, row=row, form=form, active="keys")


def _end(desk: Desk, form: LastingForm) -> datetime | None:
    """The instant from which the key is refused; None where it has no end."""
    days = form.cleaned_data["lasting"]
    return desk.now + timedelta(days=days) if days else None
