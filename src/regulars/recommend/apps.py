"""Registers the room with Django."""

from django.apps import AppConfig


class RecommendConfig(AppConfig):
    """Shelves of products and rewards, each item with its reason."""

    name = "regulars.recommend"
    label = "recommend"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add what is kept to copies of a member's data; forget it with the person."""
        # Models can be imported only once every app is loaded.
        from regulars.members.facade import register_copy_part, register_erasure  # noqa: PLC0415
        from regulars.recommend.operations.choices import forget_member  # noqa: PLC0415
        from regulars.recommend.queries.tastes import read_recommendations  # noqa: PLC0415

        register_erasure("recommend", forget_member)
        register_copy_part("recommendations", read_recommendations)
