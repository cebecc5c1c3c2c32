"""Registers the room with Django."""

from django.apps import AppConfig


class FinanceConfig(AppConfig):
    """Liability, movements, double-entry export."""

    name = "regulars.finance"
    label = "finance"
    default_auto_field = "django.db.models.BigAutoField"
