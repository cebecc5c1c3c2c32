"""In which brackets of days the shop reads retention."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.analytics import facade as analytics
from regulars.analytics.facade import BracketsInvalid, Period, ReportKind, RetentionKind
from regulars.console.desk import Desk, at_desk
from regulars.console.forms_insights import BracketsForm
from regulars.console.pages.insights.frame import ask_again
from regulars.console.pages.insights.periods import read_choice
from regulars.identity.facade import Permission


@require_POST
@at_desk(Permission.INSIGHTS_MANAGE)
def set_brackets(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Decide them for the whole shop; the figures follow by a job."""
    form = BracketsForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["days"][0]))
    else:
        try:
            analytics.set_bracket_days(actor=desk.actor, now=desk.now, days=form.cleaned_data["days"])
        except BracketsInvalid as refusal:
            messages.error(request, refusal.detail)
        else:
            choice = read_choice(request)
            if isinstance(choice.asked, Period):
                ask_again(ReportKind.RETENTION, choice, desk)
            messages.success(request, _("The brackets are set; the figures in them follow in a moment."))
    query = f"{read_choice(request).query}&kind={RetentionKind.BRACKETS}"
    return redirect(f"{reverse('console:insights_retention')}?{query}")
