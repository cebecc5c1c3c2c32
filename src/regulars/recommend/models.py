"""Tables of recommend: what was learnt, what the marketer and the member decide, what was shown.

Products are named by their SKU, as in the facts that are learnt from. Rows of members come and go with each
learning: they carry the member without a foreign key, and the person's erasure forgets them.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Backtest(models.Model):
    """A comparison of models on the shop's own past. At most one is open; `payload` is the table as JSON."""

    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    as_of = models.DateField(null=True)
    seconds = models.FloatField(null=True)
    payload = models.JSONField(null=True)
    failure = models.TextField(blank=True)

    class Meta:
        db_table = "recommend_backtest"
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=Q(made_at__isnull=True), name="recommend_backtest_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"backtest {self.pk}"


class TrainedModel(models.Model):
    """A model as it was trained for a task. It serves from `served_from` until before `served_to`.

    `figures` is how it did on the past ({metric: [value, standard error]}); `artefact` names its file in the
    data directory by content, empty where a model needs none. One that lost was never served.
    """

    task = models.CharField(max_length=8)
    kind = models.CharField(max_length=24)
    parameters = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    artefact = models.CharField(max_length=120, blank=True)
    as_of = models.DateField()
    trained_at = models.DateTimeField()
    seconds = models.FloatField()
    served_from = models.DateTimeField(null=True)
    served_to = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=24, blank=True)
    """won, lost, first, failed: a code that surfaces put into words."""

    class Meta:
        db_table = "recommend_model"
        constraints = [
            models.UniqueConstraint(
                fields=["task"],
                condition=Q(served_from__isnull=False, served_to__isnull=True),
                name="recommend_model_one_serves",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.task}"


class Candidates(models.Model):
    """What a model would show a member, best first: `reasons` is a list beside `skus`, of lists of
    [code, {values}].
    """

    pk = models.CompositePrimaryKey("member_id", "shelf")
    member_id = models.BigIntegerField()
    shelf = models.CharField(max_length=8)
    model_id = models.BigIntegerField(null=True)
    as_of = models.DateField()
    skus = ArrayField(models.CharField(max_length=64))
    scores = ArrayField(models.FloatField())
    reasons = models.JSONField()

    class Meta:
        db_table = "recommend_candidates"

    def __str__(self) -> str:
        return f"{self.shelf} of {self.member_id}"


class Similar(models.Model):
    """What goes with a product, best first: weights of item to item, for what has just happened."""

    sku = models.CharField(primary_key=True, max_length=64)
    skus = ArrayField(models.CharField(max_length=64))
    weights = ArrayField(models.FloatField())
    by_content = models.BooleanField(default=False)
    """By brand, category and words, as too few bought it to tell otherwise."""

    class Meta:
        db_table = "recommend_similar"

    def __str__(self) -> str:
        return f"similar to {self.sku}"


class Popular(models.Model):
    """What many buy lately, best first. Scopes: shop, segment:…, lifestyle:…, category:…, brand:…."""

    scope = models.CharField(primary_key=True, max_length=160)
    days = models.IntegerField()
    skus = ArrayField(models.CharField(max_length=64))
    buyers = ArrayField(models.IntegerField())

    class Meta:
        db_table = "recommend_popular"

    def __str__(self) -> str:
        return self.scope


class Taste(models.Model):
    """What is known of a member's taste: what serving falls back on, and what the member can look at.

    `brands` and `categories`: [[name, share, lift, orders], …], the strongest first. `pace`: points earned a
    day and amount of a usual basket, minor units; null where the data cannot tell.
    """

    member_id = models.BigIntegerField(primary_key=True)
    as_of = models.DateField()
    orders_count = models.IntegerField()
    brands = models.JSONField(default=list)
    categories = models.JSONField(default=list)
    recent_skus = ArrayField(models.CharField(max_length=64), default=list)
    points_a_day = models.FloatField(null=True)
    basket_minor = models.BigIntegerField(null=True)
    take_probability = models.FloatField(null=True)
    """Of taking a reward within four weeks."""
    reward_interest = models.JSONField(default=dict)
    """{reward id: [score 0 to 1, category that speaks for it, orders with it]}"""

    class Meta:
        db_table = "recommend_taste"

    def __str__(self) -> str:
        return f"taste of {self.member_id}"


class Choice(models.Model):
    """How a member wants it. No row: personal, as everybody begins."""

    member_id = models.BigIntegerField(primary_key=True)
    personal = models.BooleanField(default=True)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "recommend_choice"

    def __str__(self) -> str:
        return f"choice of {self.member_id}"


_DISMISSALS = [
    ("show", "not shown"),
    ("learn", "not learnt from"),
    ("reward", "not suggested"),
    ("question", "not asked"),
]


class Dismissal(models.Model):
    """A product that a member does not want to see ("not for me"), or a purchase not to be learnt from."""

    pk = models.CompositePrimaryKey("member_id", "kind", "sku")
    member_id = models.BigIntegerField()
    kind = models.CharField(max_length=8, choices=_DISMISSALS)
    sku = models.CharField(max_length=64)
    dismissed_at = models.DateTimeField()

    class Meta:
        db_table = "recommend_dismissal"

    def __str__(self) -> str:
        return f"{self.sku} for {self.member_id}"


class Mark(models.Model):
    """A decision of the marketer (`MarkKind`). Ended marks stay, so that what was shown can be explained."""

    kind = models.CharField(max_length=12)
    subject = models.CharField(max_length=12)
    value = models.CharField(max_length=120)
    shelf = models.CharField(max_length=8, blank=True)
    """Empty: every shelf."""
    place = models.SmallIntegerField(null=True)
    factor = models.FloatField(null=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)
    actor = models.CharField(max_length=140)

    class Meta:
        db_table = "recommend_mark"
        constraints = [
            models.CheckConstraint(name="recommend_mark_named", condition=~Q(value="")),
            models.CheckConstraint(
                name="recommend_mark_pin_placed",
                condition=Q(place__gte=1) | (~Q(kind="pin") & Q(place__isnull=True)),
            ),
            models.CheckConstraint(
                name="recommend_mark_boost_weighed",
                condition=Q(factor__gt=0) | (~Q(kind="boost") & Q(factor__isnull=True)),
            ),
            models.CheckConstraint(
                name="recommend_mark_forward",
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=models.F("starts_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class Shown(models.Model):
    """What was shown to a member once. `reasons` as in `Candidates`; `ways`: ServedBy of each item."""

    member_id = models.BigIntegerField()
    shown_at = models.DateTimeField()
    placement = models.CharField(max_length=8)
    shelf = models.CharField(max_length=12)
    served_by = models.CharField(max_length=8)
    model_id = models.BigIntegerField(null=True)
    skus = ArrayField(models.CharField(max_length=64))
    ways = ArrayField(models.CharField(max_length=8))
    reasons = models.JSONField()

    class Meta:
        db_table = "recommend_shown"
        indexes = [
            models.Index(fields=["member_id", "-shown_at"], name="recommend_shown_member"),
            models.Index(fields=["shown_at"], name="recommend_shown_time"),
        ]

    def __str__(self) -> str:
        return f"{self.shelf} shown to {self.member_id}"


class Feedback(models.Model):
    """What became of an item that was shown: seen, clicked, dismissed. The first word counts."""

    pk = models.CompositePrimaryKey("member_id", "shown_id", "kind", "sku")
    member_id = models.BigIntegerField()
    shown_id = models.BigIntegerField()
    kind = models.CharField(max_length=12)
    sku = models.CharField(max_length=64)
    noted_at = models.DateTimeField()

    class Meta:
        db_table = "recommend_feedback"

    def __str__(self) -> str:
        return f"{self.sku} {self.kind} by {self.member_id}"
