"""Registers the room with Django."""

from django.apps import AppConfig


class RedemptionConfig(AppConfig):
    """Points in, rewards out."""

    name = "regulars.redemption"
    label = "redemption"
    default_auto_field = "django.db.models.BigAutoField"
