"""Pages that show a secret this once, each led to by the deed that made it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe

from regulars.console.desk import Desk, at_desk, show
from regulars.console.pages.once import keep_once, take_once
from regulars.console.pages.team import find_key, find_open_invitation
from regulars.identity import facade as identity
from regulars.kit.errors import NotFound
from regulars.kit.ids import OperatorId
from regulars.widget import facade as widget

Told = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OncePage:
    """A template, what it is given beside what was told, and the page that one goes on to."""

    template: str
    read: Callable[[Desk, Told], dict[str, Any]]
    home: str
    active: str


@sensitive_variables("told", "token")
def lead_to_once(request: HttpRequest, desk: Desk, page: str, **told: str) -> HttpResponse:
    """Answer a deed by leading to the page that shows what it made."""
    token = keep_once(request.session, {**told, "page": page}, now=desk.now)
    return redirect("console:once", page, token)


@sensitive_variables("told", "token")
@require_safe
@at_desk(None, enrolling=True, own_time=True)
def once(request: HttpRequest, desk: Desk, page: str, token: str) -> HttpResponse:
    """Show it and forget it; who comes again is told that it is gone."""
    shown = PAGES.get(page)
    if shown is None:
        raise NotFound(_("There is no such page."))
    told = take_once(request.session, token, now=desk.now)
    if told is None or told["page"] != page:
        messages.info(
            request, _("That was shown once, and nobody can read it again. If it is lost, make a new one.")
        )
        return redirect(shown.home)
    return show(request, desk, shown.template, **shown.read(desk, told), active=shown.active)


def _read_key(desk: Desk, told: Told) -> dict[str, Any]:
    row = find_key(int(told["key"]), desk.now)
    old = find_key(int(told["old"]), desk.now) if told.get("old") else None
    return {"key": row.info if row else None, "old": old, "secret": told["secret"]}


def _read_widget_key(_desk: Desk, told: Told) -> dict[str, Any]:
    return {"key": widget.get_widget_key(told["key"]), "private": told["secret"]}


def _read_password(_desk: Desk, told: Told) -> dict[str, Any]:
    return {"who": identity.get_operator(OperatorId(int(told["who"]))), "password": told["secret"]}


def _read_invitation(desk: Desk, told: Told) -> dict[str, Any]:
    return {"invitation": find_open_invitation(int(told["number"]), desk.now).info, "link": told["secret"]}


def _read_codes(_desk: Desk, told: Told) -> dict[str, Any]:
    return {"text": told["secret"], "heading": told["heading"], "tab": "security"}


PAGES = {
    "key": OncePage("console/key_secret.html", _read_key, "console:keys", "keys"),
    "widget-key": OncePage("console/widget_key.html", _read_widget_key, "console:widget", "widget"),
    "password": OncePage("console/team_password.html", _read_password, "console:team", "team"),
    "invitation": OncePage("console/team_invitation_link.html", _read_invitation, "console:team", "team"),
    "codes": OncePage("console/account_codes.html", _read_codes, "console:account_two_factor", "account"),
}
