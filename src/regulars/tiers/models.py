"""Tables of the tiers: the status as last worked out (a cache of the ledger), and every change of it."""

from django.db import models
from django.db.models import Q

from regulars.tiers.types import ChangeReason


class TierStatus(models.Model):
    """A member's standing at `as_of`. The row is also the lock under which a status changes.

    `policy` is a fingerprint of the tiers that it was worked out with; a row made under others is
    worked out again before it is used. `due_on` is the first day on which the tier may fall by itself.
    """

    member = models.OneToOneField(
        "members.Member", on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    tier = models.CharField(max_length=40)
    policy = models.CharField(max_length=16)
    reached_at = models.DateTimeField(null=True)
    qualified = models.BigIntegerField(default=0)
    as_of = models.DateTimeField(null=True)
    below_on = models.DateField(null=True)
    oldest_on = models.DateField(null=True)
    due_on = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_on"], name="tiers_due", condition=Q(due_on__isnull=False)),
            models.Index(fields=["policy"], name="tiers_by_policy"),
        ]

    def __str__(self) -> str:
        return f"{self.tier} for member {self.member_id}"


class TierChange(models.Model):
    """One change of a member's status, as told at the time. A trigger refuses to change or delete a row."""

    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+", db_index=False)
    occurred_at = models.DateTimeField()
    from_tier = models.CharField(max_length=40)
    to_tier = models.CharField(max_length=40)
    reason = models.CharField(max_length=12)
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["member", "-occurred_at", "-id"], name="tiers_changes_of_member")]
        constraints = [
            models.CheckConstraint(
                name="tiers_change_reason_known",
                condition=Q(reason__in=[reason.value for reason in ChangeReason]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_tier} to {self.to_tier} for member {self.member_id}"
