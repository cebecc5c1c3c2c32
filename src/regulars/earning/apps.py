"""Registers the room with Django."""

from django.apps import AppConfig


class EarningConfig(AppConfig):
    """Activity in, points out."""

    name = "regulars.earning"
    label = "earning"
    default_auto_field = "django.db.models.BigAutoField"
