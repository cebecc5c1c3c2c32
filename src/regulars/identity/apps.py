"""Registers the room with Django."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """Operators, roles, API keys and member sign-in."""

    name = "regulars.identity"
    label = "identity"
    default_auto_field = "django.db.models.BigAutoField"
