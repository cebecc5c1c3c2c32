"""Registers the room with Django."""

from django.apps import AppConfig


class ActivityConfig(AppConfig):
    """What happened: orders, returns, behaviour events."""

    name = "regulars.activity"
    label = "activity"
    default_auto_field = "django.db.models.BigAutoField"
