"""Registers the room with Django."""

from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    """Transports: e-mail and text messages out."""

    name = "regulars.delivery"
    label = "delivery"
    default_auto_field = "django.db.models.BigAutoField"
