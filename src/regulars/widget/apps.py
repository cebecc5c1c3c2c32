"""Registers the room with Django."""

from django.apps import AppConfig


class WidgetConfig(AppConfig):
    """The widget on a shop's own pages: sites, keys, tokens."""

    name = "regulars.widget"
    label = "widget"
    default_auto_field = "django.db.models.BigAutoField"
