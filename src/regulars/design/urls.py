"""Addresses of the design room."""

from django.urls import path, re_path

from regulars.design import brand_views, gallery, views

_COLOURS = r"(?P<main>[0-9a-f]{6})-(?P<accent>[0-9a-f]{6})"

app_name = "design"
urlpatterns = [
    path("", gallery.components, name="components"),
    path("theme/", views.choose_theme, name="theme"),
    path("language/", views.choose_language, name="language"),
    re_path(
        rf"^brand/{_COLOURS}\.(?P<digest>[0-9a-f]{{12}})\.css$", brand_views.brand_style, name="brand_style"
    ),
    re_path(
        rf"^brand/preview/{_COLOURS}\.(?P<digest>[0-9a-f]{{12}})\.css$",
        brand_views.brand_preview,
        name="brand_preview",
    ),
    re_path(r"^logo/(?P<digest>[0-9a-f]{16})\.png$", brand_views.logo, name="logo"),
    re_path(
        rf"^icon/(?P<shape>round|whole)-(?P<size>[0-9]{{3}})-{_COLOURS}-(?P<digest>[0-9a-f]{{16}}|star)\.png$",
        brand_views.icon,
        name="icon",
    ),
]
