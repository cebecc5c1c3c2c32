"""Who works here: people, their roles, what each role may do, and who must have a second factor."""

import secrets

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.console.desk import Desk, at_desk, show
from regulars.console.forms_team import ReasonToResetForm, RoleForm, RulesForm
from regulars.console.pages.account import read_sessions
from regulars.console.pages.team import read_matrix, read_rules, read_team
from regulars.console.views.once import lead_to_once
from regulars.identity import facade as identity
from regulars.identity.facade import OperatorInfo, Permission, Role
from regulars.kit.errors import Refusal
from regulars.kit.ids import OperatorId

# Words would be nicer; this is typed once, by somebody who is asked to change it.
GROUPS = 4
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@require_safe
@at_desk(Permission.OPERATORS_MANAGE, own_time=True)
def team(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Everybody with their roles, and who is invited."""
    return show(
        request,
        desk,
        "console/team.html",
        page=read_team(desk.operator, desk.now),
        active="team",
        tab="people",
    )


@require_safe
@at_desk(Permission.OPERATORS_MANAGE)
def roles(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who may do what, as the policies say."""
    return show(
        request, desk, "console/team_roles.html", page=read_matrix(desk.operator), active="team", tab="roles"
    )


@require_http_methods(["GET", "POST"])
@at_desk(Permission.OPERATORS_MANAGE)
def rules(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Which roles must have a second factor."""
    page = read_rules()
    form = RulesForm(
        request.POST if request.method == "POST" else None, initial={"roles": sorted(page.required)}
    )
    if request.method == "POST" and form.is_valid():
        identity.require_two_factor(actor=desk.actor, now=desk.now, roles=form.cleaned_data["roles"])
        messages.success(request, _("Saved. It holds from now on."))
        return redirect("console:team_rules")
    status = 422 if request.method == "POST" else 200
    return show(
        request,
        desk,
        "console/team_rules.html",
        status=status,
        form=form,
        page=page,
        active="team",
        tab="rules",
    )


@require_http_methods(["GET", "POST"])
@at_desk(Permission.OPERATORS_MANAGE, own_time=True)
def change(request: HttpRequest, desk: Desk, operator_id: int) -> HttpResponse:
    """Give somebody another role; see how and where they sign in."""
    operator = identity.get_operator(OperatorId(operator_id))
    form = RoleForm(request.POST if request.method == "POST" else None, initial={"role": operator.role.value})
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
        request,
        desk,
        "console/team_change.html",
        status=status,
        form=form,
        who=operator,
        is_me=operator.id == desk.operator.id,
        factors=identity.get_two_factor(operator.id),
        sessions=read_sessions(operator.id, desk.now, desk.session),
        active="team",
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
    messages.success(request, told % {"name": _name(operator)})
    return redirect("console:team")


@require_POST
@at_desk(Permission.OPERATORS_MANAGE)
def reset_password(request: HttpRequest, desk: Desk, operator_id: int) -> HttpResponse:
    """Give somebody a new password, which is shown once; every session of theirs ends."""
    operator = identity.get_operator(OperatorId(operator_id))
    if operator.id == desk.operator.id:
        return redirect("console:account_password")
    password = _make_password()
    identity.change_password(actor=desk.actor, now=desk.now, operator_id=operator.id, password=password)
    return lead_to_once(request, desk, "password", who=str(operator.id), secret=password)


@require_http_methods(["GET", "POST"])
@at_desk(Permission.OPERATORS_MANAGE)
def reset_two_factor(request: HttpRequest, desk: Desk, operator_id: int) -> HttpResponse:
    """Take somebody's second factor away, after saying what that means."""
    operator = identity.get_operator(OperatorId(operator_id))
    if operator.id == desk.operator.id:
        # One's own asks for the password, and is there.
        return redirect("console:account_two_factor")
    factors = identity.get_two_factor(operator.id)
    if not factors.on:
        raise identity.SecondFactorMissing(_("There is no second factor to take away."))
    form = ReasonToResetForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        identity.reset_two_factor(
            actor=desk.actor, now=desk.now, operator_id=operator.id, reason=form.cleaned_data["reason"]
        )
        messages.success(
            request, _("%(name)s now signs in with the password alone.") % {"name": _name(operator)}
        )
        return redirect("console:team_change", operator.id)
    status = 422 if request.method == "POST" else 200
    return show(
        request,
        desk,
        "console/team_two_factor.html",
        status=status,
        form=form,
        who=operator,
        factors=factors,
        sessions=read_sessions(operator.id, desk.now),
        active="team",
    )


@require_POST
@at_desk(Permission.OPERATORS_MANAGE)
def end_sessions(request: HttpRequest, desk: Desk, operator_id: int) -> HttpResponse:
    """Sign a colleague out everywhere; oneself, everywhere else."""
    operator = identity.get_operator(OperatorId(operator_id))
    ended = identity.end_operator_sessions(
        actor=desk.actor, operator_id=operator.id, now=desk.now, but=desk.session
    )
    told = ngettext("%(number)d session has ended.", "%(number)d sessions have ended.", ended)
    messages.success(request, told % {"number": ended})
    return redirect("console:team_change", operator.id)


def _name(operator: OperatorInfo) -> str:
    return operator.name or operator.email


def _make_password() -> str:
    """Some 79 bits, in groups that can be read out."""
    groups = ("".join(secrets.choice(LETTERS) for _n in range(4)) for _group in range(GROUPS))
    return "-".join(groups)
