"""Registers the room with Django."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """Products, rewards, stock, code pools, prices in points."""

    name = "regulars.catalogue"
    label = "catalogue"
    default_auto_field = "django.db.models.BigAutoField"
