"""Registers the room with Django."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    """Who takes part: profiles, identities, attributes, the one timeline."""

    name = "regulars.members"
    label = "members"
    default_auto_field = "django.db.models.BigAutoField"
