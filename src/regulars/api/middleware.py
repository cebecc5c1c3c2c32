"""What stands before and behind every request of the API."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from regulars.api.problems import respond

Next = Callable[[HttpRequest], HttpResponse]


def api_guard(get_response: Next) -> Next:
    """Refuse what is too large or cannot be stored, and turn every plain error page into a problem."""

    def guard(request: HttpRequest) -> HttpResponse:
        response = _refuse(request) or get_response(request)
        if response.status_code >= HTTPStatus.BAD_REQUEST and not _is_ours(response):
            response = _rewrite(response)
        # Answers speak of persons: nobody on the way keeps them.
        response.setdefault("Cache-Control", "no-store")
        if not response.streaming:
            response.setdefault("Content-Length", str(len(response.content)))
        return response

    return guard


def _refuse(request: HttpRequest) -> HttpResponse | None:
    length = request.META.get("CONTENT_LENGTH") or "0"
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if not length.isdecimal():
        return respond(HTTPStatus.BAD_REQUEST, "Content-Length must be a number.")
    if most is not None and int(length) > most:
        return respond(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A request may have {most:,} bytes.", bytes_max=most
        )
    if "%00" in request.META.get("QUERY_STRING", "") or "\x00" in request.path_info:
        return respond(HTTPStatus.BAD_REQUEST, "An address must not hold a NUL character.")
    return None


def _is_ours(response: HttpResponse) -> bool:
    return response.get("Content-Type", "").startswith(("application/problem+json", "application/json"))


def _rewrite(response: HttpResponse) -> HttpResponse:
    status = HTTPStatus(response.status_code)
    details = {
        HTTPStatus.NOT_FOUND: "There is nothing at this address.",
        HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take that method.",
        HTTPStatus.INTERNAL_SERVER_ERROR: "Something broke on our side; it has been noted.",
    }
    problem = respond(status, details.get(status, status.phrase))
    if "Allow" in response:
        problem["Allow"] = response["Allow"]
    return problem
