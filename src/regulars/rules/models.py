"""The tables of published programmes, and of the one draft."""

from django.db import models
from django.db.models import Q


class ProgrammeVersion(models.Model):
    """One published document. A trigger refuses to change or delete it, since postings name it for ever.

    In force at an instant is the version that began last before it; of two that began together, the
    one with the higher number.
    """

    number = models.BigIntegerField(primary_key=True)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    note = models.TextField(blank=True)
    published_by = models.CharField(max_length=140)
    published_at = models.DateTimeField()
    effective_from = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="rules_version_positive", condition=Q(number__gte=1)),
            models.CheckConstraint(name="rules_version_says_who", condition=~Q(published_by="")),
        ]

    def __str__(self) -> str:
        return f"programme version {self.number}"


class ProgrammeDraft(models.Model):
    """The document that operators work on together. There is one, and its row is the lock of it."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    text = models.TextField()
    base = models.BigIntegerField(null=True)
    revision = models.BigIntegerField(default=1)
    started_by = models.CharField(max_length=140)
    started_at = models.DateTimeField()
    saved_by = models.CharField(max_length=140)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="rules_draft_is_one", condition=Q(id=1)),
            models.CheckConstraint(name="rules_draft_says_who", condition=~Q(saved_by="")),
        ]

    def __str__(self) -> str:
        return f"programme draft, revision {self.revision}"
