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
    """Calibrated probability of no purchase within the horizon that the run of RISK names."""
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


class LifestyleTheme(models.Model):
    """A theme in what members buy. One that a refresh no longer finds stays, so that its name comes back."""

    code = models.CharField(primary_key=True, max_length=24)
    name = models.CharField(max_length=120)
    """Made of its top categories."""
    given_name = models.CharField(max_length=60, blank=True)
    """By the marketer; empty: none."""
    categories = models.JSONField()
    """[[name, weight], …], the heaviest first."""
    members = models.IntegerField()
    rank = models.SmallIntegerField(null=True)
    """Place among the present themes; null: not found any more."""

    class Meta:
        db_table = "analytics_lifestyle_theme"

    def __str__(self) -> str:
        return self.given_name or self.name


class LearningSetting(models.Model):
    """What the shop decides of learning: one row, made when something is first changed."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    keeps_sensitive_out = models.BooleanField(default=True)
    sensitive_patterns = models.JSONField()
    """Beginnings of words in names of categories."""
    risk_horizon_weeks = models.SmallIntegerField(null=True)
    """Weeks of silence that churn risk is about; null: from the shop's own interval."""

    class Meta:
        db_table = "analytics_learning_setting"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="analytics_learning_setting_one")]

    def __str__(self) -> str:
        return "learning"


class LearningRun(models.Model):
    """What a model learnt at a refresh, and how well it did on the past: the latest of each topic."""

    topic = models.CharField(primary_key=True, max_length=16)
    as_of = models.DateField()
    made_at = models.DateTimeField()
    seconds = models.FloatField()
    method = models.CharField(max_length=32, blank=True)
    reason = models.CharField(max_length=32, blank=True)
    unknown = models.CharField(max_length=24, blank=True)
    """Why the data cannot tell; empty: it can."""
    figures = models.JSONField()
    """{name: number}"""
    payload = models.JSONField(null=True)
    """Forecasts, reliability tables, trials: as the topic has them."""
    failure = models.TextField(blank=True)

    class Meta:
        db_table = "analytics_learning_run"

    def __str__(self) -> str:
        return self.topic


class BehindList(models.Model):
    """The members behind a number, as a job listed them: of a measure, a key of it and the days of a period.

    Good as long as the facts reach no further than `as_of`. At most one is open for a question.
    """

    measure = models.CharField(max_length=32)
    key = models.CharField(max_length=80, blank=True)
    first = models.DateField()
    after = models.DateField()
    as_of = models.DateField(null=True)
    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True)
    failure = models.TextField(blank=True)

    class Meta:
        db_table = "analytics_behind_list"
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "key", "first", "after"],
                condition=Q(made_at__isnull=True),
                name="analytics_behind_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"members behind {self.measure} {self.key}"


class BehindMember(models.Model):
    """One of such a list, with what they add to the number. Rows come and go with their list."""

    pk = models.CompositePrimaryKey("list_id", "member_id")
    list_id = models.BigIntegerField()
    member_id = models.BigIntegerField()
    figures = models.JSONField()

    class Meta:
        db_table = "analytics_behind_member"

    def __str__(self) -> str:
        return f"member {self.member_id} of list {self.list_id}"


class RetentionSetting(models.Model):
    """In which brackets of days the shop reads retention: one row, made when they are first changed."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    brackets = models.JSONField()
    """Days where brackets begin, and the day after the last: [1, 8, 29]."""

    class Meta:
        db_table = "analytics_retention_setting"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="analytics_retention_setting_one")]

    def __str__(self) -> str:
        return "brackets of retention"
