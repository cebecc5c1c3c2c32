"""Tables of the widget. Neither tells anything of a single member."""

from django.db import models
from django.db.models import F, Q


class Key(models.Model):
    """A key of a shop's backend. The private half is with the shop alone."""

    kid = models.CharField(max_length=20, unique=True)
    label = models.CharField(max_length=120)
    public_key = models.BinaryField(max_length=32)
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="widget_key_ends_later",
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("created_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.kid})"


class Site(models.Model):
    """A site whose pages may show the widget, as browsers name it: `https://shop.example`."""

    origin = models.CharField(max_length=300, unique=True)
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.origin
