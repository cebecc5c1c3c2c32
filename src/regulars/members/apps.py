"""Registers the room with Django."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    """Who takes part: profiles, identities, attributes, the one timeline."""

    name = "regulars.members"
    label = "members"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add the room's own entries to the timeline."""
        # Models can be imported only once every app is loaded.
        from regulars.members.timeline import MembershipTimeline, register_timeline  # noqa: PLC0415

        register_timeline(MembershipTimeline())
