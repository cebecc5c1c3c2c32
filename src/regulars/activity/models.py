"""The tables of activity. Every one carries the member, so that it can be distributed by member."""

from django.db import models


class Order(models.Model):
    """A purchase. `returned_amount` and `returned_whole` are caches over the return lines."""

    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+", db_index=False)
    external_id = models.TextField(unique=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.TextField()
    currency = models.TextField()
    amount = models.BigIntegerField()
    lines_count = models.IntegerField()
    store = models.TextField(default="", blank=True)
    channel = models.TextField(default="", blank=True)
    attributes = models.JSONField(default=dict)
    simulated = models.BooleanField(default=False)
    fingerprint = models.BinaryField()
    returned_amount = models.BigIntegerField(default=0)
    returned_whole = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["member", "occurred_at", "id"], name="activity_order_of_member"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gte=0, returned_amount__gte=0)
                & models.Q(returned_amount__lte=models.F("amount")),
                name="activity_order_amounts",
            ),
        ]

    def __str__(self) -> str:
        return self.external_id


class OrderLine(models.Model):
    """One line of an order. No foreign keys: lines come by the million and are written with their order."""

    pk = models.CompositePrimaryKey("member_id", "order_id", "line_no")
    member_id = models.BigIntegerField()
    order_id = models.BigIntegerField()
    line_no = models.IntegerField()
    quantity = models.IntegerField()
    amount = models.BigIntegerField()
    discount = models.BigIntegerField()
    sku = models.TextField()
    kind = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quantity__gte=0, amount__gte=0, discount__gte=0),
                name="activity_orderline_amounts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.line_no}"


class Return(models.Model):
    """What came back of an order, at one time."""

    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+", db_index=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+")
    external_id = models.TextField(unique=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.TextField()
    amount = models.BigIntegerField()
    simulated = models.BooleanField(default=False)
    fingerprint = models.BinaryField()

    class Meta:
        indexes = [
            models.Index(fields=["member", "occurred_at", "id"], name="activity_return_of_member"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="activity_return_amount"),
        ]

    def __str__(self) -> str:
        return self.external_id


class ReturnLine(models.Model):
    """How much of one order line came back with one return. Leads with the order, whose lines it sums up."""

    pk = models.CompositePrimaryKey("member_id", "order_id", "return_id", "line_no")
    member_id = models.BigIntegerField()
    order_id = models.BigIntegerField()
    return_id = models.BigIntegerField()
    line_no = models.IntegerField()
    quantity = models.IntegerField()
    amount = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quantity__gte=0, amount__gte=0), name="activity_returnline_amounts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.return_id}/{self.line_no}"


class Event(models.Model):
    """Something a member did, or that happened to them. What has an `occasion` happens once per occasion."""

    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+", db_index=False)
    external_id = models.TextField(unique=True)
    kind = models.TextField()
    occasion = models.TextField(null=True, blank=True)  # null leaves it out of the uniqueness
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.TextField()
    attributes = models.JSONField(default=dict)
    simulated = models.BooleanField(default=False)
    fingerprint = models.BinaryField()

    class Meta:
        indexes = [
            models.Index(fields=["member", "occurred_at", "id"], name="activity_event_of_member"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["member", "kind", "occasion"], name="activity_event_once"),
        ]

    def __str__(self) -> str:
        return self.external_id
