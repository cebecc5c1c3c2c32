"""Registers the room with Django."""

from django.apps import AppConfig

from regulars.analytics.policies import REFRESH_TASK


class AnalyticsConfig(AppConfig):
    """Retention, value, risk, points economics."""

    name = "regulars.analytics"
    label = "analytics"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Measure anew after facts were copied."""
        # As in every room: once every app is loaded.
        from regulars.facts.facade import register_follower  # noqa: PLC0415

        register_follower(REFRESH_TASK)
