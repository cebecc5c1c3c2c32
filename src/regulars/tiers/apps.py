"""Registers the room with Django."""

from django.apps import AppConfig


class TiersConfig(AppConfig):
    """Status from qualifying points."""

    name = "regulars.tiers"
    label = "tiers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add changes of status to the members' timeline."""
        # Models cannot be imported before the apps are loaded.
        from regulars.members.facade import register_timeline  # noqa: PLC0415
        from regulars.tiers.timeline import ChangesSource  # noqa: PLC0415

        register_timeline(ChangesSource())
