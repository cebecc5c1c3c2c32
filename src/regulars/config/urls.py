"""Where each surface hangs."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("design/", include("regulars.design.urls")),
    path("api/", include("regulars.api.urls")),
    path("console/", include("regulars.console.urls")),
    path("", include("regulars.store.urls")),
]

handler400 = "regulars.store.views.errors.bad_request"
handler403 = "regulars.store.views.errors.forbidden"
handler404 = "regulars.store.views.errors.not_found"
handler500 = "regulars.store.views.errors.failed"
