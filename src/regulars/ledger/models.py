"""The ledger's tables, for reading. All posting is done by the functions in `sql/`, through `operations`."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

if TYPE_CHECKING:
    # Generic for the type checker only.
    _DateTimeField = models.DateTimeField[Any, Any]
else:
    _DateTimeField = models.DateTimeField

NEVER = "infinity"


class LapseField(_DateTimeField):
    """An instant, or None where the column says infinity: part of a key cannot be null."""

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:  # noqa: ARG002
        """Python has no infinite datetime."""
        return f"NULLIF({sql}, '{NEVER}')", params

    def get_db_prep_value(self, value: datetime | None, connection: Any, prepared: bool = False) -> Any:
        """None stands for infinity."""
        return NEVER if value is None else super().get_db_prep_value(value, connection, prepared)


class Wallet(models.Model):
    """A member's balance in one currency. `version` is the number of its journal entries."""

    pk = models.CompositePrimaryKey("member_id", "currency")
    member_id = models.BigIntegerField()
    currency = models.TextField()
    balance = models.BigIntegerField()
    pending = models.BigIntegerField()
    held = models.BigIntegerField()
    debt = models.BigIntegerField()
    version = models.BigIntegerField()
    sliding_until = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "ledger_wallet"

    def __str__(self) -> str:
        return f"{self.currency} of member {self.member_id}"


class JournalEntry(models.Model):
    """One movement of points, for ever."""

    pk = models.CompositePrimaryKey("member_id", "currency", "seq")
    member_id = models.BigIntegerField()
    currency = models.TextField()
    seq = models.BigIntegerField()
    posting = models.BigIntegerField()
    kind = models.TextField()
    debit = models.TextField()
    credit = models.TextField()
    amount = models.BigIntegerField()
    balance_after = models.BigIntegerField()
    pending_after = models.BigIntegerField()
    held_after = models.BigIntegerField()
    debt_after = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    activates_at = models.DateTimeField(null=True)
    awaits = models.TextField(null=True)
    sliding = models.BooleanField()
    refers_to = models.BigIntegerField(null=True)
    key = models.TextField(null=True)
    input_hash = models.UUIDField(null=True)
    programme_version = models.IntegerField(null=True)
    rule = models.TextField()
    source = models.TextField()
    actor = models.TextField()
    reason = models.TextField()
    lots: ClassVar[Any] = ArrayField(models.BigIntegerField(), null=True)
    lot_amounts: ClassVar[Any] = ArrayField(models.BigIntegerField(), null=True)

    class Meta:
        managed = False
        db_table = "ledger_journal"

    def __str__(self) -> str:
        return f"entry {self.seq}: {self.kind} {self.amount}"


class OpenLot(models.Model):
    """Points that can be spent. The row goes when nothing remains."""

    pk = models.CompositePrimaryKey("member_id", "currency", "expires_at", "opened_at", "lot_id")
    member_id = models.BigIntegerField()
    currency = models.TextField()
    expires_at = LapseField()
    opened_at = models.DateTimeField()
    lot_id = models.BigIntegerField()
    remaining = models.BigIntegerField()
    sliding = models.BooleanField()

    class Meta:
        managed = False
        db_table = "ledger_open_lot"

    def __str__(self) -> str:
        return f"lot {self.lot_id}: {self.remaining}"


class PendingLot(models.Model):
    """Points that wait for a time or an event."""

    pk = models.CompositePrimaryKey("member_id", "currency", "lot_id")
    member_id = models.BigIntegerField()
    currency = models.TextField()
    lot_id = models.BigIntegerField()
    remaining = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    activates_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    awaits = models.TextField(null=True)
    sliding = models.BooleanField()

    class Meta:
        managed = False
        db_table = "ledger_pending_lot"

    def __str__(self) -> str:
        return f"pending lot {self.lot_id}: {self.remaining}"


class OpenHold(models.Model):
    """Points set aside until they are captured or released, or time runs out."""

    pk = models.CompositePrimaryKey("member_id", "currency", "hold_seq")
    member_id = models.BigIntegerField()
    currency = models.TextField()
    hold_seq = models.BigIntegerField()
    remaining = models.BigIntegerField()
    times_out_at = models.DateTimeField()
    lots: ClassVar[Any] = ArrayField(models.BigIntegerField())
    lot_amounts: ClassVar[Any] = ArrayField(models.BigIntegerField())

    class Meta:
        managed = False
        db_table = "ledger_open_hold"

    def __str__(self) -> str:
        return f"hold {self.hold_seq}: {self.remaining}"


class ReachStep(models.Model):
    """How many wallets of a currency hold `floor_points` or a little more: a count, renewed now and then.

    `points` is what they hold together, with what is pending; who has pending ones alone stands at 0.
    """

    pk = models.CompositePrimaryKey("currency", "floor_points")
    currency = models.CharField(max_length=32)
    floor_points = models.BigIntegerField()
    wallets = models.BigIntegerField()
    points = models.BigIntegerField(default=0)
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.wallets} wallets of {self.floor_points} {self.currency}"
