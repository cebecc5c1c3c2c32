"""Registers the room with Django."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    """Who takes part: profiles, identities, attributes, the one timeline."""

    name = "regulars.members"
    label = "members"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add the room's own entries to the timeline, and members to facts; what was measured and learnt of
        a person goes with them, not with the next refresh.
        """
        # Models can be imported only once every app is loaded.
        from regulars.analytics.facade import forget_member  # noqa: PLC0415
        from regulars.facts.facade import register_extract  # noqa: PLC0415
        from regulars.members.erasure import register_erasure  # noqa: PLC0415
        from regulars.members.extracts import EXTRACT  # noqa: PLC0415
        from regulars.members.timeline import MembershipTimeline, register_timeline  # noqa: PLC0415

        register_timeline(MembershipTimeline())
        register_extract(EXTRACT)
        register_erasure("insights", forget_member)
