"""Registers the room with Django."""

from django.apps import AppConfig


class FactsConfig(AppConfig):
    """The columnar copy of what happened."""

    name = "regulars.facts"
    label = "facts"
    default_auto_field = "django.db.models.BigAutoField"
