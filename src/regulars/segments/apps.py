"""Registers the room with Django."""

from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    """Audiences and who is in them."""

    name = "regulars.segments"
    label = "segments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add the history to copies of a member's data; forget its facts with the person."""
        # Models can be imported only once every app is loaded.
        from regulars.members.facade import register_copy_part, register_erasure  # noqa: PLC0415
        from regulars.segments.copying import read_segments  # noqa: PLC0415
        from regulars.segments.operations.saving import forget_facts  # noqa: PLC0415

        register_erasure("segments", forget_facts)
        register_copy_part("segments", read_segments)
