"""Registers the room with Django."""

from django.apps import AppConfig


class RecommendConfig(AppConfig):
    """Shelves of products and rewards, each item with its reason."""

    name = "regulars.recommend"
    label = "recommend"
    default_auto_field = "django.db.models.BigAutoField"
