"""Registers the room with Django."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """The members' surface."""

    name = "regulars.store"
    label = "store"
    default_auto_field = "django.db.models.BigAutoField"
