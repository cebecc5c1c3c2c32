"""Themes in what members buy, and what is kept out of every inference."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from regulars.analytics import facade as analytics
from regulars.analytics.facade import LearningSettingInvalid, LifestyleNameInvalid
from regulars.console.desk import Desk, at_desk, show
from regulars.console.forms_insights import LearningForm, LifestyleForm
from regulars.console.pages.insights.frame import find_freshness
from regulars.console.pages.insights.lifestyles import LifestylesPage, list_lifestyles, read_lifestyles
from regulars.console.pages.insights.periods import read_choice
from regulars.console.views.insights.pages import download, list_tabs
from regulars.identity.facade import Permission
from regulars.recommend import facade as recommend

TAB = "lifestyles"


@require_safe
@at_desk(Permission.INSIGHTS_VIEW)
def lifestyles(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Which themes there are, each with what makes it."""
    return _show(request, desk, read_lifestyles(desk))


@require_safe
@at_desk(Permission.INSIGHTS_VIEW)
def lifestyles_csv(request: HttpRequest, desk: Desk) -> HttpResponse:  # noqa: ARG001 (Django hands it over)
    """The same as a file."""
    return download(list_lifestyles(), f"regulars-lifestyles_{desk.now:%Y-%m-%d}.csv")


@require_POST
@at_desk(Permission.INSIGHTS_MANAGE)
def name_lifestyle(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Give a theme a name, or its own again."""
    form = LifestyleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("A name has at most 60 characters."))
        return redirect("console:lifestyles")
    try:
        named = analytics.name_lifestyle(actor=desk.actor, now=desk.now, **form.cleaned_data)
    except LifestyleNameInvalid as refusal:
        messages.error(request, refusal.detail)
    else:
        messages.success(request, _("It is called “%(name)s” now.") % {"name": named.name})
    return redirect("console:lifestyles")


@require_POST
@at_desk(Permission.INSIGHTS_MANAGE)
def decide_learning(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Say what is kept out; what was made of it is forgotten at once."""
    form = LearningForm(request.POST)
    if not form.is_valid():
        return _show(request, desk, read_lifestyles(desk, form), status=422)
    try:
        analytics.set_learning_settings(
            actor=desk.actor,
            now=desk.now,
            keeps_sensitive_out=form.cleaned_data["keeps_sensitive_out"],
            sensitive_patterns=[
                line for line in form.cleaned_data["sensitive_patterns"].splitlines() if line.strip()
            ],
            risk_horizon_weeks=form.cleaned_data["risk_horizon_weeks"],
        )
    except LearningSettingInvalid as refusal:
        form.add_error(None, refusal.detail)
        return _show(request, desk, read_lifestyles(desk, form), status=422)
    recommend.request_scoring()
    messages.success(request, _("Kept. What is learnt from now on follows it."))
    return redirect("console:lifestyles")


def _show(request: HttpRequest, desk: Desk, page: LifestylesPage, status: int = 200) -> HttpResponse:
    choice = read_choice(request)
    shown = {
        "page": page,
        "choice": choice,
        "tabs": list_tabs(choice, TAB),
        "freshness": find_freshness(desk),
    }
    return show(
        request, desk, "console/insights/lifestyles.html", status=status, active="insights", tab=TAB, **shown
    )
