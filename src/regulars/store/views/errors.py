"""Pages for when something is missing or broken, in the shop's own look."""

from django.http import HttpRequest, HttpResponse
from django.template import loader


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  (Django's signature)
    """The address or the form makes no sense."""
    return _answer(request, 400, "400")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  (Django's signature)
    """Not theirs to see or to do."""
    return _answer(request, 403, "403")


def form_refused(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  (Django's signature)
    """A form that came from elsewhere, or from a page left open for too long."""
    return _answer(request, 403, "form_refused")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  (Django's signature)
    """There is no such page."""
    return _answer(request, 404, "404")


def failed(request: HttpRequest) -> HttpResponse:
    """Our fault."""
    return _answer(request, 500, "500")


def _answer(request: HttpRequest, status: int, page: str) -> HttpResponse:
    """Reads nothing from the database: it may be what is broken."""
    body = loader.render_to_string(f"store/errors/{page}.html", {"brand": "", "shell": None}, request)
    return HttpResponse(body, status=status)
