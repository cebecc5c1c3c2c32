"""Tables of finance: what a point is reckoned at, and reports that took long to add up."""

from django.db import models
from django.db.models import Q


class PointCost(models.Model):
    """What a point costs from the start of a day on, in major units. A trigger refuses UPDATE and DELETE."""

    effective_on = models.DateField(unique=True)
    cost = models.DecimalField(max_digits=18, decimal_places=9)
    currency = models.CharField(max_length=3)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="finance_cost_not_negative", condition=Q(cost__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.cost} {self.currency} from {self.effective_on}"


class StoredReport(models.Model):
    """What somebody asked for and a job adds up. `mark` is the question; at most one is open for each."""

    kind = models.CharField(max_length=12)
    question = models.JSONField()
    mark = models.CharField(max_length=64, db_collation="C")
    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True)
    content = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["mark", "-made_at"], name="finance_reports_of_question"),
            models.Index(fields=["kind", "-made_at"], name="finance_reports_of_kind"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["mark"], condition=Q(made_at__isnull=True), name="finance_report_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.question}"
