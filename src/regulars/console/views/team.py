"""Who works here."""

import secrets

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.console.desk import Desk, at_desk, show
from regulars.console.forms_team import OperatorForm, RoleForm
from regulars.console.pages.team import read_team
from regulars.identity import facade as identity
from regulars.identity.facade import Permission, Role
from regulars.kit.errors import Refusal
from regulars.kit.ids import OperatorId

# Words would be nicer; this is typed once, by somebody who is asked to change it.
GROUPS = 4
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@require_safe
@at_desk(Permission.OPERATORS_MANAGE)
def team(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Everybody with their roles, and what each role may do."""
    return show(request, desk, "console/team.html", page=read_team(desk.operator), active="team")


@require_http_methods(["GET", "POST"])
@at_desk(Permission.OPERATORS_MANAGE)
def add(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Let somebody new in, with a first password that is shown once."""
    form = OperatorForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        password = _make_password()
        try:
            operator = identity.create_operator(
                actor=desk.actor,
                now=desk.now,
                email=form.cleaned_data["email"],
                name=form.cleaned_data["name"],
                role=Role(form.cleaned_data["role"]),
                password=password,
            )
        except Refusal as refusal:
            form.add_error("email", refusal.detail)
            status = 409
        else:
            return show(
                request,
                desk,
                "console/team_password.html",
                who=operator,
                password=password,
                is_new=True,
                active="team",
            )
    elif request.method == "POST":
        status = 422
    return show(request, desk, "console/team_add.html", status=status, form=form, active="team")


@require_http_methods(["GET", "POST"])
@at_desk(Permission.OPERATORS_MANAGE)
def change(request: HttpRequest, desk: Desk, operator_id: int) -> HttpResponse:
    """Give somebody another role."""
    operator = identity.get_operator(OperatorId(operator_id))
    form = RoleForm(request.POST or None, initial={"role": operator.role.value})
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            identity.change_operator(
                actor=desk.actor,
                now=desk.now,
                operator_id=operator.id,
                role=Role(form.cleaned_data["role"]),
            )
        except Refusal as refusal:
            form.add_error("role", refusal.detail)
            status = 409
        else:
            messages.success(request, _("Changed."))
            return redirect("console:team")
    elif request.method == "POST":
        status = 422
    return show(
        request, desk, "console/team_change.html", status=status, form=form, who=operator, active="team"
    )


@require_POST
@at_desk(Permission.OPERATORS_MANAGE)
def set_activity(request: HttpRequest, desk: Desk, operator_id: int) -> HttpResponse:
    """Let somebody go, or take them back."""
    is_active = request.POST.get("active") == "yes"
    operator = identity.change_operator(
        actor=desk.actor, now=desk.now, operator_id=OperatorId(operator_id), active=is_active
    )
    told = _("%(name)s can sign in again.") if is_active else _("%(name)s can no longer sign in.")
    messages.success(request, told % {"name": operator.name or operator.email})
    return redirect("console:team")


@require_POST
@at_desk(Permission.OPERATORS_MANAGE)
def reset_password(request: HttpRequest, desk: Desk, operator_id: int) -> HttpResponse:
    """Give somebody a new password, which is shown once; every session of theirs ends."""
    operator = identity.get_operator(OperatorId(operator_id))
    password = _make_password()
    identity.change_password(actor=desk.actor, now=desk.now, operator_id=operator.id, password=password)
    return show(
        request,
        desk,
        "console/team_password.html",
        who=operator,
        password=password,
        is_new=False,
        active="team",
    )


def _make_password() -> str:
    """Some 79 bits, in groups that can be read out."""
    groups = ("".join(secrets.choice(LETTERS) for _n in range(4)) for _group in range(GROUPS))
    return "-".join(groups)
