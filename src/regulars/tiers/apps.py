"""Registers the room with Django."""

from django.apps import AppConfig


class TiersConfig(AppConfig):
    """Status from qualifying points."""

    name = "regulars.tiers"
    label = "tiers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add changes of status to the members' timeline and to facts, and the tier to facts of members."""
        # Models cannot be imported before the apps are loaded.
        from regulars.facts.facade import register_addition, register_extract  # noqa: PLC0415
        from regulars.members.facade import register_timeline  # noqa: PLC0415
        from regulars.tiers.extracts import EXTRACT, TIER_OF_MEMBER  # noqa: PLC0415
        from regulars.tiers.timeline import ChangesSource  # noqa: PLC0415

        register_timeline(ChangesSource())
        register_extract(EXTRACT)
        register_addition(TIER_OF_MEMBER)
