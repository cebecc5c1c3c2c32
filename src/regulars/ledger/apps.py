"""Registers the room with Django."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Wallets, lots, journal: points, posted once and explained for ever."""

    name = "regulars.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add the journal to members' copies of their data, and to facts."""
        # Models cannot be imported before the apps are loaded.
        from regulars.facts.facade import register_extract  # noqa: PLC0415
        from regulars.ledger.copying import read_entries  # noqa: PLC0415
        from regulars.ledger.extracts import EXTRACT  # noqa: PLC0415
        from regulars.members.facade import register_copy_part  # noqa: PLC0415

        register_copy_part("journal", read_entries)
        register_extract(EXTRACT)
