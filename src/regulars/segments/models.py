"""Tables of segments: definitions, who is in them now, and every entry and exit.

Changes also carry the transaction that wrote them (`xid`, a column of the migration): subscribers read in the
order of transactions, so that what is committed late is never passed by.
"""

from django.db import models
from django.db.models import Q


class Segment(models.Model):
    """An audience. `code` and `uid` never change; `uid` salts random shares.

    `version` counts the trees; `membership_version` is the one that the membership was made with (0: none
    yet). `wanted_at`: a rebuild was asked for; `rebuilding_since`: one is under way, and live tests note whom
    they touch. An `error` is why the last rebuild failed: the membership is the one from before.
    """

    code = models.CharField(max_length=60, unique=True)
    uid = models.UUIDField(unique=True)
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=500, blank=True)
    built_in = models.BooleanField(default=False)
    tree = models.JSONField()
    version = models.IntegerField(default=1)
    membership_version = models.IntegerField(default=0)
    members_count = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True)
    wanted_at = models.DateTimeField(null=True)
    rebuilding_since = models.DateTimeField(null=True)
    rebuilt_at = models.DateTimeField(null=True)
    rebuilt_on = models.DateField(null=True)
    rebuilt_seconds = models.FloatField(null=True)
    tested_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)
    failed_at = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(name="segments_segment_named", condition=~Q(code="") & ~Q(name="")),
            models.CheckConstraint(name="segments_segment_counts", condition=Q(members_count__gte=0)),
        ]

    def __str__(self) -> str:
        return f"segment {self.code}"


class SegmentVersion(models.Model):
    """A tree of a segment, as of when and by whom: what a change's facts are facts about."""

    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.IntegerField()
    tree = models.JSONField()
    recorded_at = models.DateTimeField()
    actor = models.CharField(max_length=140)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["segment", "number"], name="segments_version_once"),
        ]

    def __str__(self) -> str:
        return f"version {self.number} of segment {self.segment_id}"


class Membership(models.Model):
    """Somebody is in a segment now. Rows come and go by the hundred thousand: no foreign keys."""

    pk = models.CompositePrimaryKey("segment_id", "member_id")
    segment_id = models.BigIntegerField()
    member_id = models.BigIntegerField()
    since = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["member_id"], name="segments_of_member")]

    def __str__(self) -> str:
        return f"member {self.member_id} in segment {self.segment_id}"


class Change(models.Model):
    """An entry or an exit, for ever. `facts` are the values of the conditions then, by path in the tree."""

    segment_id = models.BigIntegerField()
    member_id = models.BigIntegerField()
    entered = models.BooleanField()
    happened_at = models.DateTimeField()
    version = models.IntegerField()
    cause = models.CharField(max_length=8)
    facts = models.JSONField()

    class Meta:
        indexes = [
            models.Index(fields=["segment_id", "member_id", "-id"], name="segments_change_history"),
            models.Index(fields=["member_id", "-id"], name="segments_change_of_member"),
        ]

    def __str__(self) -> str:
        way = "enters" if self.entered else "leaves"
        return f"member {self.member_id} {way} segment {self.segment_id}"


class Touched(models.Model):
    """Somebody was tested live while a rebuild was under way: the rebuild tests them again."""

    pk = models.CompositePrimaryKey("segment_id", "member_id")
    segment_id = models.BigIntegerField()
    member_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"member {self.member_id} of segment {self.segment_id}"


class Size(models.Model):
    """How many were in a segment when a day's rebuild was done."""

    pk = models.CompositePrimaryKey("segment_id", "day")
    segment_id = models.BigIntegerField()
    day = models.DateField()
    members = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.members} in segment {self.segment_id} on {self.day}"


class Position(models.Model):
    """Up to where the live tests have read one watch: an instant, or a number above which to go on.

    `read_at` is when it was read last, `marks` the highest numbers of the last readings and their times.
    """

    name = models.CharField(max_length=80, primary_key=True)
    read_at = models.DateTimeField(null=True)
    read_until = models.DateTimeField()
    low = models.BigIntegerField(default=0)
    marks = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.name} until {self.read_until}"


class SeenStamp(models.Model):
    """The last value seen of what changes many members at once."""

    name = models.CharField(max_length=60, primary_key=True)
    value = models.TextField()

    def __str__(self) -> str:
        return self.name
