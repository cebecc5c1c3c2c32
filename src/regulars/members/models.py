"""Tables of members."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import ExtractDay, ExtractMonth, Lower

from regulars.members.types import ConsentChannel, ConsentPurpose, IdentityKind, PrivacyKind, PrivacyState

STORED_KINDS = (IdentityKind.EMAIL, IdentityKind.PHONE, IdentityKind.CARD)


class Member(models.Model):
    """Someone who takes part. The row outlives the person's data: erasing empties it, never deletes it.

    `merged_into` is the member whom all identities of this one lead to; the rest stays for an undoing.
    `told_anew_at` is when a profile that was there before was last told otherwise, by the database's clock.
    `name_key` and `name_key_reversed` are the folded names that search compares with, in both orders.
    """

    external_id = models.CharField(max_length=128, unique=True, db_collation="C")
    given_name = models.CharField(max_length=120, blank=True)
    family_name = models.CharField(max_length=120, blank=True)
    name_key = models.CharField(max_length=500, blank=True, db_collation="C")
    name_key_reversed = models.CharField(max_length=500, blank=True, db_collation="C")
    birthday = models.DateField(null=True)
    joined_at = models.DateTimeField()
    locale = models.CharField(max_length=35, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    attributes = models.JSONField(default=dict)
    anonymised_at = models.DateTimeField(null=True)
    merged_into = models.BigIntegerField(null=True)
    told_anew_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["told_anew_at"], name="members_told_anew", condition=Q(told_anew_at__isnull=False)
            ),
            models.Index(
                fields=["merged_into"], name="members_merged", condition=Q(merged_into__isnull=False)
            ),
            models.Index(fields=["joined_at", "id"], name="members_by_joined"),
            models.Index(fields=["id"], name="members_erased", condition=Q(anonymised_at__isnull=False)),
            models.Index(fields=["name_key"], name="members_by_name"),
            models.Index(fields=["name_key_reversed", "id"], name="members_by_name_reversed"),
            models.Index(Lower("external_id"), name="members_by_external_prefix"),
            models.Index(
                ExtractMonth("birthday"),
                ExtractDay("birthday"),
                "id",
                name="members_by_birthday",
                condition=Q(birthday__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(name="members_external_id_given", condition=~Q(external_id="")),
            models.CheckConstraint(name="members_merged_into_another", condition=~Q(merged_into=F("id"))),
            models.CheckConstraint(
                name="members_erased_is_empty",
                condition=Q(anonymised_at__isnull=True)
                | Q(
                    given_name="",
                    family_name="",
                    name_key="",
                    name_key_reversed="",
                    birthday__isnull=True,
                    attributes={},
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"member {self.pk}"


class MemberFigures(models.Model):
    """What lists of members sort and narrow by and other rooms know: copied from them every few minutes.

    A wallet's balance has no index of its own: it would make every posting dearer.
    """

    member = models.OneToOneField(Member, on_delete=models.PROTECT, primary_key=True, related_name="+")
    points = models.BigIntegerField(default=0)
    tier_rank = models.SmallIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["points", "member"], name="members_by_points"),
            models.Index(fields=["tier_rank", "points", "member"], name="members_by_tier"),
        ]

    def __str__(self) -> str:
        return f"figures of member {self.member_id}"


class MemberIdentity(models.Model):
    """One way to find a member, in its normal form. It belongs to one member at most."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="identities")
    kind = models.CharField(max_length=8)
    value = models.CharField(max_length=254, db_collation="C")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "value"], name="members_identity_unique"),
            models.UniqueConstraint(
                fields=["member", "kind"],
                condition=Q(kind__in=[IdentityKind.EMAIL.value, IdentityKind.PHONE.value]),
                name="members_one_email_one_phone",
            ),
            models.CheckConstraint(
                name="members_identity_kind_known",
                condition=Q(kind__in=[kind.value for kind in STORED_KINDS]),
            ),
            models.CheckConstraint(name="members_identity_value_given", condition=~Q(value="")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of member {self.member_id}"


class MemberMerge(models.Model):
    """Two members found to be one person: when, by whom and why; and the same of an undoing."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    into_member = models.BigIntegerField()
    merged_at = models.DateTimeField()
    actor = models.CharField(max_length=140)
    reason = models.CharField(max_length=500)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=140, blank=True)
    undone_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["into_member"], name="members_merges_into")]
        constraints = [
            models.UniqueConstraint(
                fields=["member"], condition=Q(undone_at__isnull=True), name="members_merged_once"
            ),
        ]

    def __str__(self) -> str:
        return f"member {self.member_id} into {self.into_member}"


class ConsentEntry(models.Model):
    """One word on one channel and purpose. Never changed: the latest counts, all of them are the history."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    channel = models.CharField(max_length=8)
    purpose = models.CharField(max_length=12)
    granted = models.BooleanField()
    changed_at = models.DateTimeField()
    actor = models.CharField(max_length=140)

    class Meta:
        indexes = [models.Index(fields=["member", "channel", "purpose", "-id"], name="members_consents")]
        constraints = [
            models.CheckConstraint(
                name="members_consent_channel_known",
                condition=Q(channel__in=[channel.value for channel in ConsentChannel]),
            ),
            models.CheckConstraint(
                name="members_consent_purpose_known",
                condition=Q(purpose__in=[purpose.value for purpose in ConsentPurpose]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} by {self.channel}: {self.granted}, member {self.member_id}"


class Note(models.Model):
    """What somebody of the shop wrote about a member. Goes with the person when their data is erased."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    written_at = models.DateTimeField()
    actor = models.CharField(max_length=140)
    text = models.CharField(max_length=2000)
    idempotency_key = models.CharField(max_length=300)

    class Meta:
        indexes = [models.Index(fields=["member", "-id"], name="members_notes")]
        constraints = [
            models.UniqueConstraint(fields=["member", "idempotency_key"], name="members_note_key"),
            models.CheckConstraint(name="members_note_given", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return f"note {self.pk} about member {self.member_id}"


class RegistrationRow(models.Model):
    """Whether whoever likes may join in the store, as it was said; the last word counts."""

    is_open = models.BooleanField()
    actor = models.CharField(max_length=140)
    said_at = models.DateTimeField()

    def __str__(self) -> str:
        return "registration open" if self.is_open else "registration closed"


class PrivacyRequestRow(models.Model):
    """What a member asked for concerning their data. `content` is the copy, emptied when its time is over."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=8)
    state = models.CharField(max_length=10, default=PrivacyState.OPEN.value)
    requested_at = models.DateTimeField()
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    kept_until = models.DateTimeField(null=True)
    content = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["member", "-id"], name="members_requests"),
            models.Index(
                fields=["due_at"], name="members_requests_due", condition=Q(state=PrivacyState.OPEN.value)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "kind"],
                condition=Q(state=PrivacyState.OPEN.value),
                name="members_one_open_request",
            ),
            models.CheckConstraint(
                name="members_request_kind_known",
                condition=Q(kind__in=[kind.value for kind in PrivacyKind]),
            ),
            models.CheckConstraint(
                name="members_request_state_known",
                condition=Q(state__in=[state.value for state in PrivacyState]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for member {self.member_id}, {self.state}"
