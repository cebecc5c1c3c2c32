"""Registers the room with Django."""

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """Retention, value, risk, points economics."""

    name = "regulars.analytics"
    label = "analytics"
    default_auto_field = "django.db.models.BigAutoField"
