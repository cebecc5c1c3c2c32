"""Back to the page on which a choice was made."""

from urllib.parse import urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme


def lead_back(request: HttpRequest) -> HttpResponse:
    """To the page named in the form, if it is one of ours."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    return HttpResponseRedirect(back)


def name_page(request: HttpRequest) -> str:
    """The page that a request came from, as an address without a host: itself, where it asks for a page.

    Of a form the page that it stands on, of a part the page around it; nothing where the browser does not say
    or it is another site's.
    """
    htmx = getattr(request, "htmx", None)
    if request.method == "GET" and not htmx:
        return request.get_full_path()
    told = (htmx.current_url if htmx else None) or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(told, {request.get_host()}, require_https=request.is_secure()):
        return ""
    parts = urlsplit(told)
    return urlunsplit(("", "", parts.path, parts.query, ""))
