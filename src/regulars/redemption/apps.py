"""Registers the room with Django."""

from django.apps import AppConfig


class RedemptionConfig(AppConfig):
    """Points in, rewards out; fulfilment."""

    name = "regulars.redemption"
    label = "redemption"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add redemptions to the members' timeline."""
        # Models can be imported only once every app is loaded.
        from regulars.members.facade import register_timeline  # noqa: PLC0415
        from regulars.redemption.timeline import RedemptionTimeline  # noqa: PLC0415

        register_timeline(RedemptionTimeline())
