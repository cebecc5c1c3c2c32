"""Registers the room with Django."""

from django.apps import AppConfig


class RulesConfig(AppConfig):
    """The programme document, its versions and its pure evaluator."""

    name = "regulars.rules"
    label = "rules"
    default_auto_field = "django.db.models.BigAutoField"
