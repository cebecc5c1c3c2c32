"""The page that shows the document, with scripts and styles of our own server only."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

# Swagger UI draws its arrows as data: images; the rest is as strict as everywhere.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class LocalDocs(DocsBase):
    """Swagger UI as the framework's package carries it."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        """The page, with its own content security policy."""
        context = {"title": api.title, "document_url": self.get_openapi_url(api, kwargs)}
        response = render(request, "api/docs.html", context)
        response["Content-Security-Policy"] = POLICY
        return response
