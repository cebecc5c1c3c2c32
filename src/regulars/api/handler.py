"""A WSGI handler with a short middleware list of its own: the API needs no sessions, forms or templates."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler
from django.utils.module_loading import import_string

PREFIX = "/api/"


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
    """Hands requests under `/api/` to the API's handler and all others to the site's."""

    def __init__(self, *, site: WSGIHandler, api: ApiHandler) -> None:
        self._site = site
        self._api = api

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The WSGI entry point."""
        path = environ.get("PATH_INFO", "")
        handler = self._api if path.startswith(PREFIX) else self._site
        return handler(environ, start_response)
