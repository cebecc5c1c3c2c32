"""What every request of the store and the console goes through first."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

Next = Callable[[HttpRequest], HttpResponseBase]


def refuse_nul(get_response: Next) -> Next:
    """Refuse NUL characters, which neither PostgreSQL nor the file system can hold, once for every page.

    In a path: no such page. In the query or in a cookie (which may write it in octal): a bad request.
    """

    def guard(request: HttpRequest) -> HttpResponseBase:
        if "\x00" in request.path_info:
            raise Http404("An address must not hold a NUL character.")
        if "%00" in request.META.get("QUERY_STRING", "") or any(
            "\x00" in value for value in request.COOKIES.values()
        ):
            raise BadRequest("A request must not hold a NUL character.")
        return get_response(request)

    return guard
