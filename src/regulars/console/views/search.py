"""The one search: a page that works by itself, and the same as a part for the palette."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from regulars.console.desk import Desk, at_desk, show
from regulars.console.pages.search import find_everything
from regulars.identity.facade import Permission


@require_safe
@at_desk(Permission.PROGRAMME_VIEW)
def search(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What the text may stand for, by kind."""
    found = find_everything(desk, request.GET.get("q", ""))
    template = "console/search.html"
    if getattr(request, "htmx", False):
        template = "console/search_found.html"
    elif found.count == 1 and found.text and found.sections[0].key != "pages":
        return redirect(found.sections[0].hits[0].href)
    response = show(request, desk, template, found=found, active="search")
    response["Vary"] = "HX-Request"
    return response
