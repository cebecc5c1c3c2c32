"""The one request that belongs to no surface: choosing the theme."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from regulars.design.themes import COOKIE, THEMES


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keep the choice and go back to where it was made. Anything unknown means: as the system has it."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    response = HttpResponseRedirect(back)
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        # Readable by script on purpose: the toggle changes it without a request.
        response.set_cookie(COOKIE, chosen, max_age=timedelta(days=400), samesite="Lax")
    else:
        response.delete_cookie(COOKIE, samesite="Lax")
    return response
