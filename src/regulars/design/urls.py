"""Addresses of the design room."""

from django.urls import path

from regulars.design import views

app_name = "design"
urlpatterns = [
    path("theme/", views.choose_theme, name="theme"),
    path("language/", views.choose_language, name="language"),
]
