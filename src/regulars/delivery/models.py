"""Tables of delivery."""

from django.db import models
from django.db.models import Q

from regulars.delivery.types import EmailState, TextState


class Email(models.Model):
    """A message on its way. The job carries only its number: texts hold codes and names, jobs are kept.

    The text is emptied as soon as the message is sent, given up or forgotten.
    """

    recipient = models.CharField(max_length=254, db_index=True)
    subject = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    state = models.CharField(max_length=10, default=EmailState.QUEUED.value)
    attempts = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField(db_index=True)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="delivery_email_state_known",
                condition=Q(state__in=[state.value for state in EmailState]),
            ),
            models.CheckConstraint(
                name="delivery_email_sent_when",
                condition=Q(sent_at__isnull=True) ^ Q(state=EmailState.SENT.value),
            ),
            models.CheckConstraint(
                name="delivery_email_text_while_queued",
                condition=Q(state=EmailState.QUEUED.value) | Q(text=""),
            ),
        ]

    def __str__(self) -> str:
        return f"e-mail {self.pk}, {self.state}"


class TextMessage(models.Model):
    """A text message (SMS) on its way. As with e-mails, its words are emptied once that is settled."""

    recipient = models.CharField(max_length=16, db_index=True)
    text = models.TextField(blank=True)
    state = models.CharField(max_length=10, default=TextState.QUEUED.value)
    attempts = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField(db_index=True)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="delivery_text_state_known", condition=Q(state__in=[state.value for state in TextState])
            ),
            models.CheckConstraint(
                name="delivery_text_sent_when",
                condition=Q(sent_at__isnull=True) ^ Q(state=TextState.SENT.value),
            ),
            models.CheckConstraint(
                name="delivery_text_while_queued", condition=Q(state=TextState.QUEUED.value) | Q(text="")
            ),
        ]

    def __str__(self) -> str:
        return f"text message {self.pk}, {self.state}"
