"""Tables of design: the versions of a shop's brand. The last one is in force; none is ever changed."""

from django.db import models
from django.db.models import Q

from regulars.design.types import BrandDeed


class Logo(models.Model):
    """A logo as we drew it anew: in the database, so that every web process and every backup has it."""

    digest = models.CharField(max_length=64, primary_key=True)
    content = models.BinaryField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return f"logo {self.digest[:12]}"


class BrandRow(models.Model):
    """One version of the brand."""

    name = models.CharField(max_length=60, blank=True)
    main = models.CharField(max_length=7, blank=True)
    accent = models.CharField(max_length=7, blank=True)
    logo = models.ForeignKey(Logo, on_delete=models.PROTECT, null=True, related_name="+")
    deed = models.CharField(max_length=10)
    actor_kind = models.CharField(max_length=16)
    actor_ref = models.CharField(max_length=120, blank=True)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="design_brand_deed_known", condition=Q(deed__in=[deed.value for deed in BrandDeed])
            ),
            # Both or neither: an accent is judged against the main colour.
            models.CheckConstraint(
                name="design_brand_colours_written",
                condition=Q(main="", accent="")
                | Q(main__regex="^#[0-9a-f]{6}$", accent__regex="^#[0-9a-f]{6}$"),
            ),
        ]

    def __str__(self) -> str:
        return f"brand {self.pk}"
