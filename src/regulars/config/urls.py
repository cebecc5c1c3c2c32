"""Where each surface hangs."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("design/", include("regulars.design.urls")),
]
