"""Registers the room with Django."""

from django.apps import AppConfig


class RulesConfig(AppConfig):
    """The programme document, its versions and its pure evaluator."""

    name = "regulars.rules"
    label = "rules"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell facts whose day it is, and analytics what there is to look over: the programme's."""
        # Models can be imported only once every app is loaded.
        from regulars.analytics.facade import register_programme  # noqa: PLC0415
        from regulars.facts.facade import register_time_zone  # noqa: PLC0415
        from regulars.rules.queries import find_outline, find_time_zone  # noqa: PLC0415

        register_time_zone(find_time_zone)
        register_programme(find_outline)
