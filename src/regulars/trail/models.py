"""Tables of the trail: the append-only audit trail and answers given once for all."""

from django.db import models
from django.db.models import Q


class AuditEntry(models.Model):
    """Who did what to what, when and why. A trigger refuses to change or delete a row."""

    recorded_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=16)
    actor_ref = models.CharField(max_length=120, blank=True)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=160)
    reason = models.TextField(blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["recorded_at", "id"], name="trail_audit_by_time"),
            models.Index(fields=["subject", "-id"], name="trail_audit_by_subject"),
            models.Index(fields=["actor_kind", "actor_ref", "-id"], name="trail_audit_by_actor"),
            models.Index(fields=["action", "-id"], name="trail_audit_by_action"),
        ]
        constraints = [
            models.CheckConstraint(name="trail_audit_says_what", condition=~Q(action="") & ~Q(subject="")),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"


class StoredAnswer(models.Model):
    """What was answered under an idempotency key: the first answer, for ever."""

    scope = models.CharField(max_length=120)
    key = models.CharField(max_length=255)
    input_hash = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    body = models.BinaryField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="trail_answer_unique")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
