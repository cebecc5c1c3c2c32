"""Registers the room with Django."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """Products, rewards, stock, code pools, prices in points."""

    name = "regulars.catalogue"
    label = "catalogue"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add products and rewards to facts."""
        # As in every room: once every app is loaded.
        from regulars.catalogue.extracts import EXTRACTS  # noqa: PLC0415
        from regulars.facts.facade import register_extract  # noqa: PLC0415

        for extract in EXTRACTS:
            register_extract(extract)
