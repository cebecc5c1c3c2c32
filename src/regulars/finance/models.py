"""The one table of finance: what a point is reckoned at."""

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
