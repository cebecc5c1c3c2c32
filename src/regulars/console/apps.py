"""Registers the room with Django."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """The operators' surface."""

    name = "regulars.console"
    label = "console"
    default_auto_field = "django.db.models.BigAutoField"
