"""Registers the room with Django."""

from django.apps import AppConfig


class ActivityConfig(AppConfig):
    """What happened: orders, returns, behaviour events."""

    name = "regulars.activity"
    label = "activity"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add orders, returns and events to the members' timeline and to facts, orders to their copies."""
        # Models cannot be imported before the apps are loaded.
        from regulars.activity.copying import read_orders  # noqa: PLC0415
        from regulars.activity.extracts import EXTRACTS  # noqa: PLC0415
        from regulars.activity.timeline import SOURCES  # noqa: PLC0415
        from regulars.facts.facade import register_extract  # noqa: PLC0415
        from regulars.members.facade import register_copy_part, register_timeline  # noqa: PLC0415

        for source in SOURCES:
            register_timeline(source)
        register_copy_part("orders", read_orders)
        for extract in EXTRACTS:
            register_extract(extract)
