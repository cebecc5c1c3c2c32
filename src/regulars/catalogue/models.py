"""Tables of the catalogue."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from regulars.catalogue.types import CodeState, PictureSource, RewardKind


class Product(models.Model):
    """Something the shop sells. `categories` is the path from the broadest to the narrowest."""

    sku = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    brand = models.CharField(max_length=120, blank=True)
    categories = ArrayField(models.CharField(max_length=120), default=list)
    price = models.BigIntegerField(null=True)
    cost = models.BigIntegerField(null=True)
    active = models.BooleanField(default=True)
    url = models.CharField(max_length=500, blank=True, default="", db_default="")
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="catalogue_product_sku_given", condition=~Q(sku="")),
            models.CheckConstraint(name="catalogue_product_price_sane", condition=Q(price__gte=0)),
            models.CheckConstraint(name="catalogue_product_cost_sane", condition=Q(cost__gte=0)),
        ]

    def __str__(self) -> str:
        return f"product {self.sku}"


class CodePool(models.Model):
    """Codes of one kind, handed out one by one."""

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    alert_below = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(name="catalogue_codepool_alert_sane", condition=Q(alert_below__gte=0)),
        ]

    def __str__(self) -> str:
        return f"code pool {self.code}"


class Code(models.Model):
    """One code: free → claimed → revealed, or void. Once revealed it is never free again."""

    pool = models.ForeignKey(CodePool, on_delete=models.PROTECT, related_name="codes")
    value = models.CharField(max_length=200)
    state = models.CharField(max_length=8, default=CodeState.FREE)
    claimed_at = models.DateTimeField(null=True)
    revealed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["pool", "id"], name="catalogue_code_free", condition=Q(state=CodeState.FREE.value)
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["pool", "value"], name="catalogue_code_unique"),
            models.CheckConstraint(name="catalogue_code_given", condition=~Q(value="")),
            models.CheckConstraint(
                name="catalogue_code_state_known", condition=Q(state__in=[state.value for state in CodeState])
            ),
            models.CheckConstraint(
                name="catalogue_code_seen_stays_seen",
                condition=Q(revealed_at__isnull=True)
                | Q(state__in=[CodeState.REVEALED.value, CodeState.VOID.value]),
            ),
        ]

    def __str__(self) -> str:
        return f"code {self.pk}"


class Reward(models.Model):
    """Something members get for points, with its stock. `types.RewardInput` says what each field means.

    `taken` and `kept_taken` count units only while `stock` is counted; the row's lock guards them.
    """

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=16)
    description = models.TextField(blank=True)
    terms = models.TextField(blank=True)
    category = models.CharField(max_length=80, blank=True)
    search_text = models.TextField(blank=True)
    picture_source = models.CharField(max_length=8)
    picture_name = models.CharField(max_length=200)
    picture_alt = models.CharField(max_length=300, blank=True)
    price_points = models.BigIntegerField()
    price_money = models.BigIntegerField(default=0)
    cost = models.BigIntegerField(null=True)
    stock = models.BigIntegerField(null=True)
    taken = models.BigIntegerField(default=0)
    per_member_max = models.IntegerField(null=True)
    active_from = models.DateTimeField(null=True)
    active_to = models.DateTimeField(null=True)
    tiers_allowed = ArrayField(models.CharField(max_length=64), default=list)
    hidden_from_others = models.BooleanField(default=False)
    early_access = models.BooleanField(default=True)
    kept_units = models.BigIntegerField(default=0)
    kept_taken = models.BigIntegerField(default=0)
    kept_for_rank = models.SmallIntegerField(default=0)
    kept_until = models.DateTimeField(null=True)
    code_pool = models.ForeignKey(CodePool, on_delete=models.PROTECT, null=True, related_name="+")
    instant = models.BooleanField(default=False)
    cancellable_for_hours = models.IntegerField(default=0)
    refundable_when_fulfilled = models.BooleanField(default=False)
    voucher_valid_days = models.IntegerField(null=True)
    published = models.BooleanField(default=True)
    archived = models.BooleanField(default=False)
    language = models.CharField(max_length=16, default="en")
    # One entry for each language: {"ru": {"name": …, "description": …, "terms": …, "picture_alt": …}}.
    translations = models.JSONField(default=dict)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["price_points", "id"], name="catalogue_reward_price"),
            models.Index(fields=["created_at", "id"], name="catalogue_reward_newest"),
            models.Index(Lower("name"), "id", name="catalogue_reward_name"),
            models.Index(fields=["category", "price_points", "id"], name="catalogue_reward_category"),
        ]
        constraints = [
            models.CheckConstraint(name="catalogue_reward_code_given", condition=~Q(code="")),
            models.CheckConstraint(
                name="catalogue_reward_kind_known", condition=Q(kind__in=[kind.value for kind in RewardKind])
            ),
            models.CheckConstraint(
                name="catalogue_reward_picture_known",
                condition=Q(picture_source__in=[source.value for source in PictureSource]),
            ),
            models.CheckConstraint(
                name="catalogue_reward_price_sane", condition=Q(price_points__gt=0, price_money__gte=0)
            ),
            models.CheckConstraint(name="catalogue_reward_cost_sane", condition=Q(cost__gte=0)),
            models.CheckConstraint(
                name="catalogue_reward_not_oversold",
                condition=Q(stock__isnull=True) | Q(stock__gte=F("taken")),
            ),
            models.CheckConstraint(
                name="catalogue_reward_counts_sane",
                condition=Q(kept_taken__gte=0, kept_units__gte=0) & Q(taken__gte=F("kept_taken")),
            ),
            models.CheckConstraint(
                name="catalogue_reward_limits_sane",
                condition=(Q(per_member_max__isnull=True) | Q(per_member_max__gt=0))
                & (Q(voucher_valid_days__isnull=True) | Q(voucher_valid_days__gte=0))
                & Q(cancellable_for_hours__gte=0),
            ),
            models.CheckConstraint(
                name="catalogue_reward_dates_in_order",
                condition=Q(active_from__isnull=True)
                | Q(active_to__isnull=True)
                | Q(active_from__lt=F("active_to")),
            ),
            models.CheckConstraint(
                name="catalogue_reward_archived_is_not_offered",
                condition=Q(archived=False) | Q(published=False),
            ),
            models.CheckConstraint(
                name="catalogue_voucher_has_codes",
                condition=~Q(kind=RewardKind.VOUCHER.value) | Q(code_pool__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"reward {self.code}"
