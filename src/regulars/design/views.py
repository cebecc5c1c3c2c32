"""Requests that belong to no surface: choosing the theme and the language."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from regulars.design.languages import keep_language
from regulars.design.redirects import lead_back
from regulars.design.themes import COOKIE, THEMES


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keep the choice and go back to where it was made. Anything unknown means: as the system has it."""
    response = lead_back(request)
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        # Readable by script on purpose: the toggle changes it without a request.
        response.set_cookie(COOKIE, chosen, max_age=timedelta(days=400), samesite="Lax")
    else:
        response.delete_cookie(COOKIE, samesite="Lax")
    return response


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the choice in this browser and go back to where it was made."""
    response = lead_back(request)
    keep_language(response, request.POST.get("language", ""))
    return response
