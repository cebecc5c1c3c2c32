"""Registers the room with Django."""

from django.apps import AppConfig


class DesignConfig(AppConfig):
    """What the store and the console share: components, tokens, formatting."""

    name = "regulars.design"
    label = "design"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the check that the assets were built."""
        from regulars.design import checks  # noqa: F401, PLC0415  (registers itself once the apps are loaded)
