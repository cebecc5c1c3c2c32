"""Registers the room with Django."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Wallets, lots, journal: points, posted once and explained for ever."""

    name = "regulars.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
