"""Registers the room with Django."""

from django.apps import AppConfig


class RedemptionConfig(AppConfig):
    """Points in, rewards out; fulfilment."""

    name = "regulars.redemption"
    label = "redemption"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add redemptions to the members' timeline, and to their copies of their data."""
        # Models can be imported only once every app is loaded.
        from regulars.members.facade import register_copy_part, register_timeline  # noqa: PLC0415
        from regulars.redemption.copying import read_redemptions  # noqa: PLC0415
        from regulars.redemption.timeline import RedemptionTimeline  # noqa: PLC0415

        register_timeline(RedemptionTimeline())
        register_copy_part("redemptions", read_redemptions)
