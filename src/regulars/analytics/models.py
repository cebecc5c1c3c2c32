"""Tables of analytics: reports that jobs have made, and what is measured of each member.

A member is a number without a foreign key: analytics stands below members, and what is erased there is not
measured by the next refresh.
"""

from django.db import models
from django.db.models import Q


class Report(models.Model):
    """A report that was asked for or made by a refresh. `scope` is a span ("28d") or two days ("…/…").

    At most one is open for a question. `payload` is the report as JSON; `failure` one sentence, if it failed.
    """

    kind = models.CharField(max_length=16)
    scope = models.CharField(max_length=24)
    first = models.DateField(null=True)
    after = models.DateField(null=True)
    as_of = models.DateField(null=True)
    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True)
    payload = models.JSONField(null=True)
    failure = models.TextField(blank=True)

    class Meta:
        db_table = "analytics_report"
        indexes = [models.Index(fields=["kind", "scope", "-made_at"], name="analytics_report_latest")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "scope"],
                condition=Q(made_at__isnull=True),
                name="analytics_report_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.scope}"


class MemberMeasure(models.Model):
    """What is measured of a member as of the last refresh. Null: the data cannot tell (or not yet).

    Members without a purchase stand here too, with no scores and no segment. `value_*`, `p_alive`, `risk*`
    and `lifestyles` are filled by value, risk and lifestyles.
    """

    member_id = models.BigIntegerField(primary_key=True)
    as_of = models.DateField()
    r_score = models.SmallIntegerField(null=True)
    f_score = models.SmallIntegerField(null=True)
    m_score = models.SmallIntegerField(null=True)
    rfm_cell = models.CharField(max_length=3, blank=True)
    """The three scores side by side, such as 545; empty: none."""
    segment = models.CharField(max_length=16, blank=True)
    """Named segment, held steady; empty: none."""
    segment_since = models.DateField(null=True)
    usage_interval_days = models.FloatField(null=True)
    """The member's own median gap between days of purchase."""
    first_order_on = models.DateField(null=True)
    last_order_on = models.DateField(null=True)
    orders_count = models.IntegerField(default=0)
    """Orders ever."""
    spent_minor = models.BigIntegerField(default=0)
    """Paid ever less what came back, minor units."""
    currency = models.CharField(max_length=3, blank=True)
    lapsed = models.BooleanField(null=True)
    """Silent for longer than the shop's own limit."""
    can_afford_now = models.BooleanField(null=True)
    value_minor = models.BigIntegerField(null=True)
    """Expected purchases of the next 52 weeks, minor units."""
    value_method = models.CharField(max_length=32, blank=True)
    p_alive = models.FloatField(null=True)
    risk = models.FloatField(null=True)
    """Calibrated probability of no purchase in the next 8 weeks."""
    risk_reasons = models.JSONField(default=list)
    """[{"code": …, "effect": …, "value": …}], the strongest first."""
    lifestyles = models.JSONField(default=list)
    """[{"code": …, "share": …}], the largest first."""

    class Meta:
        db_table = "analytics_member_measure"
        indexes = [
            models.Index(fields=["segment", "member_id"], name="analytics_member_segment"),
            models.Index(fields=["rfm_cell", "member_id"], name="analytics_member_cell"),
        ]

    def __str__(self) -> str:
        return f"measures of {self.member_id}"


class SegmentChange(models.Model):
    """A member's way through the named segments, as one refresh after the other saw it."""

    pk = models.CompositePrimaryKey("member_id", "changed_on")
    member_id = models.BigIntegerField()
    changed_on = models.DateField()
    before = models.CharField(max_length=16, blank=True)
    after = models.CharField(max_length=16)

    class Meta:
        db_table = "analytics_segment_change"

    def __str__(self) -> str:
        return f"{self.member_id}: {self.before} to {self.after}"
