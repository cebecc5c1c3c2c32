"""A WSGI handler with a short middleware list of its own: the API needs no sessions, forms or templates."""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler
from django.utils.module_loading import import_string

PREFIX = "/api/"
Quick = Callable[[dict[str, Any], Any], Iterable[bytes] | None]


class ApiHandler(WSGIHandler):
    """Django's handler over `settings.API_MIDDLEWARE`. Middleware there may only wrap the request."""

    def load_middleware(self, is_async: bool = False) -> None:
        """Build the chain. Called once, when the server starts."""
        if is_async:
            raise ValueError("The API is served over WSGI.")
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        chain = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]
        for path in reversed(settings.API_MIDDLEWARE):
            chain = convert_exception_to_response(import_string(path)(chain))
        self._middleware_chain = chain


class PrefixDispatch:
    """Hands requests under `/api/` to the quick lane, then to the API's handler, and others to the site's."""

    def __init__(self, *, site: WSGIHandler, api: ApiHandler, quick: Quick | None = None) -> None:
        self._site = site
        self._api = api
        self._quick = quick

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The WSGI entry point."""
        path = environ.get("PATH_INFO", "")
        if not path.startswith(PREFIX):
            return self._site(environ, start_response)
        answer = self._quick(environ, start_response) if self._quick is not None else None
        return self._api(environ, start_response) if answer is None else answer
