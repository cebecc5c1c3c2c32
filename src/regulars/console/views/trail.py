"""The audit trail."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from regulars.console.desk import Desk, at_desk, show
from regulars.console.forms import TrailFilterForm
from regulars.console.pages.people import parse_actor
from regulars.console.pages.trail import TrailPage, read_trail
from regulars.identity.facade import Permission
from regulars.trail import facade as trail


@require_safe
@at_desk(Permission.TRAIL_VIEW)
def audit_trail(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who did what, when and why, latest first, narrowed by subject, actor and action."""
    form = TrailFilterForm(request.GET, actions=trail.list_audit_actions())
    page = TrailPage((), None)
    if form.is_valid():
        asked = form.cleaned_data
        actor = parse_actor(asked["actor"])
        if asked["actor"] and actor is None:
            form.add_error(
                "actor", _("Write the kind and the number, as in operator:1, or one of: operator, member.")
            )
        else:
            page = read_trail(
                subject=asked["subject"].strip(),
                actor=actor,
                action=asked["action"],
                cursor=request.GET.get("cursor") or None,
            )
    chosen = {name: request.GET[name] for name in ("subject", "actor", "action") if request.GET.get(name)}
    more = (
        f"{reverse('console:trail')}?{urlencode(chosen | {'cursor': page.next_cursor})}"
        if page.next_cursor
        else ""
    )
    partial = request.GET.get("cursor") and getattr(request, "htmx", False)
    template = "console/parts/trail_rows.html" if partial else "console/trail.html"
    return show(
        request, desk, template, form=form, page=page, more=more, filtered=bool(chosen), active="trail"
    )
