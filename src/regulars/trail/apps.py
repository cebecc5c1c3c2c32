"""Registers the room with Django."""

from django.apps import AppConfig


class TrailConfig(AppConfig):
    """Who did what, and answers given once for all: audit trail and idempotency."""

    name = "regulars.trail"
    label = "trail"
    default_auto_field = "django.db.models.BigAutoField"
