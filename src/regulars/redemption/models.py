"""Tables of redemption."""

from django.db import models
from django.db.models import F, Q

from regulars.redemption.types import FulfilmentKind, RedemptionState

PAID = [RedemptionState.CONFIRMED.value, RedemptionState.FULFILLED.value]


class Redemption(models.Model):
    """Units of a reward for one member, on the terms of the moment they were asked for.

    `counted` and `units_kept` say from which counters of the reward they came; `spend_seq` and `hold_seq` are
    journal entries of the member's points wallet; `refunded_points` were given back while the
    rest of it stands; `idempotency_key` holds for ever. `units_handed` and `units_dropped` are the sums of
    its fulfilments; prices are those of all units together.
    """

    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+", db_index=False)
    reward = models.ForeignKey("catalogue.Reward", on_delete=models.PROTECT, related_name="+", db_index=False)
    code = models.ForeignKey(
        "catalogue.Code", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    reference = models.CharField(max_length=16, unique=True)
    state = models.CharField(max_length=12)
    price_points = models.BigIntegerField()
    price_money = models.BigIntegerField()
    counted = models.BooleanField()
    units = models.IntegerField(default=1, db_default=1)
    units_kept = models.IntegerField(default=0, db_default=0)
    units_handed = models.IntegerField(default=0, db_default=0)
    units_dropped = models.IntegerField(default=0, db_default=0)
    instant = models.BooleanField()
    cancellable_for_hours = models.IntegerField()
    refundable_when_fulfilled = models.BooleanField()
    voucher_valid_days = models.IntegerField(null=True)
    programme_version = models.IntegerField()
    hold_seq = models.BigIntegerField(null=True)
    spend_seq = models.BigIntegerField(null=True)
    reserved_at = models.DateTimeField()
    times_out_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    fulfilled_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancellable_until = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=500, blank=True)
    simulated = models.BooleanField(default=False)
    refunded_points = models.BigIntegerField(default=0)
    idempotency_key = models.CharField(max_length=300)
    input_hash = models.BinaryField(max_length=32)

    class Meta:
        indexes = [
            models.Index(fields=["member", "-reserved_at", "-id"], name="redemption_by_member"),
            models.Index(fields=["member", "reward"], name="redemption_by_member_reward"),
            models.Index(
                fields=["reward", "reserved_at"],
                name="redemption_by_reward",
                include=["units", "state"],
            ),
            models.Index(fields=["-reserved_at", "-id"], name="redemption_latest"),
            models.Index(fields=["state", "-reserved_at", "-id"], name="redemption_by_state"),
            models.Index(
                fields=["reserved_at", "id"],
                name="redemption_to_hand_over",
                condition=Q(state=RedemptionState.CONFIRMED.value, units_handed=0),
            ),
            models.Index(
                fields=["reserved_at", "id"],
                name="redemption_handed_in_part",
                condition=Q(state=RedemptionState.CONFIRMED.value, units_handed__gt=0),
            ),
            models.Index(
                fields=["times_out_at"],
                name="redemption_to_time_out",
                condition=Q(state=RedemptionState.RESERVED.value),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["member", "idempotency_key"], name="redemption_key_unique"),
            models.UniqueConstraint(
                fields=["code"], name="redemption_code_once", condition=Q(code__isnull=False)
            ),
            models.CheckConstraint(
                name="redemption_state_known",
                condition=Q(state__in=[state.value for state in RedemptionState]),
            ),
            models.CheckConstraint(
                name="redemption_reserved_holds",
                condition=~Q(state=RedemptionState.RESERVED.value)
                | Q(hold_seq__isnull=False, times_out_at__isnull=False),
            ),
            models.CheckConstraint(
                name="redemption_paid_before_confirmed",
                condition=~Q(state__in=PAID) | Q(spend_seq__isnull=False, confirmed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="redemption_times_told",
                condition=Q(state=RedemptionState.CANCELLED.value, cancelled_at__isnull=False)
                | Q(state=RedemptionState.FULFILLED.value, fulfilled_at__isnull=False)
                | Q(state__in=[RedemptionState.RESERVED.value, RedemptionState.CONFIRMED.value]),
            ),
            models.CheckConstraint(
                name="redemption_refunded_of_price",
                condition=Q(refunded_points__gte=0, refunded_points__lte=F("price_points")),
            ),
            models.CheckConstraint(
                name="redemption_units_add_up",
                condition=Q(
                    units__gte=1,
                    units_handed__gte=0,
                    units_dropped__gte=0,
                    units_handed__lte=F("units") - F("units_dropped"),
                    units_kept__gte=0,
                    units_kept__lte=F("units"),
                ),
            ),
            # What came at once with a code has its unit handed over when the code is used.
            models.CheckConstraint(
                name="redemption_fulfilled_is_all",
                condition=~Q(state=RedemptionState.FULFILLED.value)
                | Q(instant=True)
                | Q(units_handed=F("units") - F("units_dropped")),
            ),
            models.CheckConstraint(
                name="redemption_confirmed_has_some_left",
                condition=~Q(state=RedemptionState.CONFIRMED.value)
                | Q(units_handed__lt=F("units") - F("units_dropped")),
            ),
            models.CheckConstraint(name="redemption_key_given", condition=~Q(idempotency_key="")),
        ]

    def __str__(self) -> str:
        return f"redemption {self.pk}"


class RedemptionChange(models.Model):
    """One change of state: when, to what, by whom and why. Written once, never changed."""

    redemption = models.ForeignKey(Redemption, on_delete=models.PROTECT, related_name="changes")
    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+", db_index=False)
    occurred_at = models.DateTimeField()
    state = models.CharField(max_length=12)
    actor = models.CharField(max_length=140)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["member", "-occurred_at", "-id"], name="redemption_timeline")]

    def __str__(self) -> str:
        return f"redemption {self.redemption_id} {self.state}"


class Fulfilment(models.Model):
    """Some units of a redemption, handed over or given up. Written once, never changed."""

    redemption = models.ForeignKey(Redemption, on_delete=models.PROTECT, related_name="fulfilments")
    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+", db_index=False)
    occurred_at = models.DateTimeField()
    kind = models.CharField(max_length=8)
    units = models.IntegerField()
    actor = models.CharField(max_length=140)
    reason = models.CharField(max_length=500, blank=True)
    idempotency_key = models.CharField(max_length=300)

    class Meta:
        indexes = [models.Index(fields=["member", "-occurred_at", "-id"], name="redemption_fulfilments")]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "redemption", "idempotency_key"], name="redemption_fulfilment_key"
            ),
            models.CheckConstraint(name="redemption_fulfilment_of_some", condition=Q(units__gte=1)),
            models.CheckConstraint(
                name="redemption_fulfilment_kind_known",
                condition=Q(kind__in=[kind.value for kind in FulfilmentKind]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.units} of redemption {self.redemption_id} {self.kind}"


class Note(models.Model):
    """What somebody of the shop wrote about a redemption. Goes with the person when their data is erased."""

    redemption = models.ForeignKey(Redemption, on_delete=models.PROTECT, related_name="notes")
    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    actor = models.CharField(max_length=140)
    text = models.CharField(max_length=2000)
    idempotency_key = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "redemption", "idempotency_key"], name="redemption_note_key"
            ),
            models.CheckConstraint(name="redemption_note_given", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return f"note {self.pk} on redemption {self.redemption_id}"


class Goal(models.Model):
    """The reward that a member saves for: one at a time, the latest word counts."""

    member = models.OneToOneField(
        "members.Member", on_delete=models.PROTECT, related_name="+", primary_key=True
    )
    reward = models.ForeignKey("catalogue.Reward", on_delete=models.PROTECT, related_name="+", db_index=False)
    set_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["reward"], name="redemption_goal_by_reward")]

    def __str__(self) -> str:
        return f"goal of member {self.member_id}"
