"""The tables of earning: what was awarded and why, what went back, and what counts against caps."""

from django.db import models

from regulars.earning.types import SourceKind


class Award(models.Model):
    """What one order or event gave. `detail` holds postings, parts and shares, as `details.pack` does.

    `points` is what it gave in spendable points. A row is written once and never changed; what goes
    back is told by reversals. The member is that of the order or event, which the database has checked.
    """

    member = models.ForeignKey(
        "members.Member", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    source_kind = models.TextField(choices=[(kind.value, kind.value) for kind in SourceKind])
    source_id = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    programme_version = models.IntegerField()
    points = models.BigIntegerField()
    detail = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source_id", "source_kind"], name="earning_award_of_source"),
            models.CheckConstraint(condition=models.Q(points__gte=0), name="earning_award_points"),
        ]

    def __str__(self) -> str:
        return f"{self.source_kind}:{self.source_id}"


class Reversal(models.Model):
    """What one return took back of one posting of an award; without a return, what was taken back by hand.

    Written once, never changed.
    """

    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+", db_index=False)
    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="+")
    return_id = models.BigIntegerField(null=True)
    currency = models.TextField()
    award_seq = models.BigIntegerField()
    seq = models.BigIntegerField()
    amount = models.BigIntegerField()
    into_debt = models.BigIntegerField()
    waived = models.BigIntegerField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["return_id", "award", "currency", "award_seq"],
                name="earning_reversal_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="earning_reversal_amount"),
        ]

    def __str__(self) -> str:
        return f"return:{self.return_id}" if self.return_id else f"award:{self.award_id} by hand"


class Usage(models.Model):
    """How much of a rule's cap a member has used up in a period. Changed under the member's wallet lock."""

    pk = models.CompositePrimaryKey("member_id", "rule", "period")
    member_id = models.BigIntegerField()
    rule = models.TextField()
    period = models.TextField()
    used = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(used__gte=0), name="earning_usage_used"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.period}"


class Budget(models.Model):
    """How much of a rule's budget the whole programme has used up in a period. The row is its own lock."""

    pk = models.CompositePrimaryKey("rule", "period")
    rule = models.TextField()
    period = models.TextField()
    used = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(used__gte=0), name="earning_budget_used"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.period}"


class Awaited(models.Model):
    """Points that wait for an event of the member, of `kind`; `reference` is the order they came from."""

    pk = models.CompositePrimaryKey("member_id", "award_id", "seq")
    member_id = models.BigIntegerField()
    award_id = models.BigIntegerField()
    seq = models.BigIntegerField()
    currency = models.TextField()
    kind = models.TextField()
    rule = models.TextField()
    reference = models.TextField()
    programme_version = models.IntegerField()
    occurred_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["member_id", "kind"],
                name="earning_awaited_open",
                condition=models.Q(settled_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of member {self.member_id}"
