"""Registers the room with Django."""

from django.apps import AppConfig


class TiersConfig(AppConfig):
    """Status from qualifying points."""

    name = "regulars.tiers"
    label = "tiers"
    default_auto_field = "django.db.models.BigAutoField"
