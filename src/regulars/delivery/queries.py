"""Reads of delivery."""

from regulars.delivery.models import Email
from regulars.delivery.types import EmailInfo, EmailState


def find_email(email_id: int) -> EmailInfo | None:
    """How far a message has come, or None where there is none (any more)."""
    row = Email.objects.filter(id=email_id).first()
    if row is None:
        return None
    return EmailInfo(
        id=row.pk,
        to=row.recipient,
        subject=row.subject,
        state=EmailState(row.state),
        attempts=row.attempts,
        queued_at=row.queued_at,
        sent_at=row.sent_at,
        error=row.error,
    )
