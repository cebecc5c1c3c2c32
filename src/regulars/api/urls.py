"""Addresses of the API. Whatever else is asked for under /api/ gets a problem, not a page."""

from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from regulars.api import widget
from regulars.api.problems import respond_to_missing
from regulars.api.surface import api


@csrf_exempt
def missing(request: HttpRequest) -> HttpResponse:
    """There is nothing here."""
    return respond_to_missing(request)


urlpatterns = [
    path("v1/widget/shop", widget.shop, name="widget_shop"),
    path("v1/widget/member", widget.member, name="widget_member"),
    path("", api.urls),
    re_path(r"", missing),
]
