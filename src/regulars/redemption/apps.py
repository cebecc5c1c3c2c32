"""Registers the room with Django."""

from django.apps import AppConfig


class RedemptionConfig(AppConfig):
    """Points in, rewards out; fulfilment."""

    name = "regulars.redemption"
    label = "redemption"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add redemptions to timelines, copies and facts; forget notes with the person."""
        # Models can be imported only once every app is loaded.
        from regulars.facts.facade import register_extract  # noqa: PLC0415
        from regulars.members.facade import (  # noqa: PLC0415
            register_copy_part,
            register_erasure,
            register_timeline,
        )
        from regulars.redemption.copying import read_redemptions  # noqa: PLC0415
        from regulars.redemption.extracts import EXTRACT  # noqa: PLC0415
        from regulars.redemption.operations.noting import forget_notes  # noqa: PLC0415
        from regulars.redemption.timeline import FulfilmentTimeline, RedemptionTimeline  # noqa: PLC0415

        register_timeline(RedemptionTimeline())
        register_timeline(FulfilmentTimeline())
        register_erasure("redemption notes", forget_notes)
        register_copy_part("redemptions", read_redemptions)
        register_extract(EXTRACT)
