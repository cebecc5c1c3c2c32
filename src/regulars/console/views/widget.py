"""The widget on the shop's own pages: which sites may show it, and who signs for its members."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from regulars.console.desk import Desk, at_desk, show
from regulars.console.forms_widget import SitesForm, WidgetKeyForm, WidgetReasonForm
from regulars.console.views.once import lead_to_once
from regulars.identity.facade import Permission
from regulars.widget import facade as widget


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key, and whether what it signs is believed now."""

    key: widget.WidgetKey
    good: bool


@require_http_methods(["GET", "POST"])
@at_desk(Permission.API_KEYS_MANAGE)
def overview(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Sites, keys, and the lines that a shop puts on its pages. A POST saves the sites."""
    sites = widget.list_sites()
    form = SitesForm(
        request.POST if request.method == "POST" else None, initial={"origins": "\n".join(sites)}
    )
    if request.method == "POST" and form.is_valid():
        widget.allow_sites(actor=desk.actor, now=desk.now, origins=form.cleaned_data["origins"])
        messages.success(request, _("Saved: these sites can show the widget from now on."))
        return redirect("console:widget")
    return show(
        request,
        desk,
        "console/widget.html",
        status=422 if form.errors else 200,
        form=form,
        rows=[KeyRow(key, key.is_good(desk.now)) for key in widget.list_widget_keys()],
        snippet=_write_snippet(request),
        demonstrated=widget.may_demonstrate(),
        active="widget",
    )


@require_http_methods(["GET", "POST"])
@at_desk(Permission.API_KEYS_MANAGE)
def make_key(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A new key; its private half is shown this once and kept nowhere."""
    form = WidgetKeyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            key, private = widget.make_widget_key(
                actor=desk.actor, now=desk.now, label=form.cleaned_data["label"]
            )
        except widget.WidgetKeyInvalid as refusal:
            form.add_error("label", refusal.detail)
        else:
            return _show_key(request, desk, key, private)
    status = 422 if form.errors else 200
    return show(request, desk, "console/widget_key_new.html", status=status, form=form, active="widget")


@require_http_methods(["GET", "POST"])
@at_desk(Permission.API_KEYS_MANAGE)
def rotate_key(request: HttpRequest, desk: Desk, kid: str) -> HttpResponse:
    """A key in the place of another, which goes on for a day."""
    key = widget.get_widget_key(kid)
    if request.method == "POST":
        new, private = widget.rotate_widget_key(actor=desk.actor, now=desk.now, kid=kid)
        return _show_key(request, desk, new, private)
    ends_at = desk.now + widget.OVERLAP_DEFAULT
    return show(request, desk, "console/widget_key_rotate.html", key=key, ends_at=ends_at, active="widget")


@require_http_methods(["GET", "POST"])
@at_desk(Permission.API_KEYS_MANAGE)
def revoke_key(request: HttpRequest, desk: Desk, kid: str) -> HttpResponse:
    """End a key at once, after saying what that means."""
    key = widget.get_widget_key(kid)
    form = WidgetReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        widget.revoke_widget_key(actor=desk.actor, now=desk.now, kid=kid, reason=reason)
        messages.success(request, _("The key “%(label)s” no longer works.") % {"label": key.label})
        return redirect("console:widget")
    status = 422 if form.errors else 200
    return show(
        request, desk, "console/widget_key_revoke.html", status=status, key=key, form=form, active="widget"
    )


def _show_key(request: HttpRequest, desk: Desk, key: widget.WidgetKey, private: str) -> HttpResponse:
    return lead_to_once(request, desk, "widget-key", key=key.kid, secret=private)


def _write_snippet(request: HttpRequest) -> str:
    script = request.build_absolute_uri(static("design/dist/widget.js"))
    return (
        f'<script src="{script}" defer></script>\n'
        '<regulars-widget token-url="/points-token"></regulars-widget>'
    )
