"""Tables of facts: which file holds which month, and what the last sync saw. The rest is derived."""

from django.db import models


class FactsFile(models.Model):
    """The file that holds a month of a table now. Readers go by these rows: a swap is their commit.

    `month` is 2026-03, or "whole" for a table that is not kept by month. `sums` are those of the rows in it.
    """

    table = models.CharField(max_length=40)
    month = models.CharField(max_length=7)
    file = models.CharField(max_length=200)
    rows = models.BigIntegerField()
    sums = models.JSONField()
    bytes = models.BigIntegerField()
    written_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["table", "month"], name="facts_file_once"),
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.month}"


class FactsState(models.Model):
    """What the last sync saw, in one row.

    `oldest_running` is the oldest transaction that was under way in its snapshot: all before it had ended,
    and what they wrote is in the files. It means something on the `system` it was read from alone.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    synced_at = models.DateTimeField()
    as_of = models.DateField()
    time_zone = models.CharField(max_length=64)
    system = models.CharField(max_length=80)
    oldest_running = models.BigIntegerField()
    layout = models.CharField(max_length=64)
    transport = models.CharField(max_length=8)
    seconds = models.FloatField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="facts_state_once")]

    def __str__(self) -> str:
        return f"facts of {self.synced_at}"


class FactsChange(models.Model):
    """A sync that brought something: of days from `first_on` on. They are numbered in the order of syncs."""

    synced_at = models.DateTimeField()
    first_on = models.DateField()

    def __str__(self) -> str:
        return f"facts of {self.first_on} and later"


class FactsFollower(models.Model):
    """How far a job has followed: the last change that it has taken in."""

    task = models.CharField(max_length=80, primary_key=True)
    change = models.BigIntegerField()

    def __str__(self) -> str:
        return self.task


class DroppedFile(models.Model):
    """A file that no reader begins with any more; it goes once those who began with it are through."""

    file = models.CharField(max_length=200, unique=True)
    dropped_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.file
