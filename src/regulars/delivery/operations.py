"""Writes of delivery."""

import logging
import smtplib
from datetime import datetime, timedelta
from email.mime.image import MIMEImage

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db import transaction
from django.db.models import F
from procrastinate.contrib.django import app

from regulars.delivery.models import Email
from regulars.delivery.policies import RUNS_MAX, check_recipient, check_subject, check_text, is_final
from regulars.delivery.texting import forget_number, purge_texts
from regulars.delivery.types import EmailState
from regulars.design import facade as design
from regulars.trail import facade as trail

logger = logging.getLogger(__name__)
KEPT = timedelta(days=30)
SEND_TASK = "delivery.send_email"


@transaction.atomic
def send_email(*, to: str, subject: str, text: str, now: datetime) -> int:
    """Send a plain message soon: a job in the transaction under way, so it goes out only if that commits.

    Returns the message's number. It arrives at least once; a repetition carries the same Message-ID.
    Locks nothing. Raises EmailRefused.
    """
    row = Email.objects.create(
        recipient=check_recipient(to), subject=check_subject(subject), text=check_text(text), queued_at=now
    )
    # By name: the task stands above this module and calls back into it.
    app.configure_task(SEND_TASK).defer(email_id=row.pk)
    return row.pk


def attempt_email(*, email_id: int, now: datetime) -> None:
    """Hand a waiting message to the mail server.

    Once that is settled, its words are wiped, the subject too: a sign-in code may stand in either.
    Returns where it was sent, was given up or no longer waits. What may pass is noted and raised
    again (SMTPException, OSError), so that the job is tried again; the sixth run is the last.
    Counts the attempt before it is made, so that a message which kills the worker is given up as well.
    """
    waiting = Email.objects.filter(id=email_id, state=EmailState.QUEUED)
    if not waiting.update(attempts=F("attempts") + 1):
        return
    row = Email.objects.get(id=email_id)
    if row.attempts > RUNS_MAX:
        _give_up(row, "tried too often")
        return
    try:
        _message(row).send()
    except (smtplib.SMTPException, OSError) as error:
        if is_final(error) or row.attempts >= RUNS_MAX:
            _give_up(row, str(error))
            return
        waiting.update(error=_short(str(error)))
        raise
    waiting.update(state=EmailState.SENT, sent_at=now, subject="", text="", error="")


def forget_recipient(*, to: str) -> None:
    """Take an address or a number out of every message and stop those that wait.

    RuntimeError outside a transaction.
    """
    trail.require_transaction()
    rows = Email.objects.filter(recipient__iexact=to)
    rows.filter(state=EmailState.QUEUED).update(state=EmailState.FORGOTTEN, text="")
    rows.update(recipient="", subject="", error="")
    forget_number(to=to)


@transaction.atomic(durable=True)
def purge_emails(*, now: datetime) -> None:
    """Throw away messages of thirty days ago; those that still wait stay."""
    Email.objects.filter(queued_at__lt=now - KEPT).exclude(state=EmailState.QUEUED).delete()
    purge_texts(before=now - KEPT)


def _message(row: Email) -> EmailMessage:
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip("> ") or "localhost"
    message = EmailMultiAlternatives(
        subject=row.subject,
        body=row.text,
        to=[row.recipient],
        headers={"Message-ID": f"<regulars-{row.pk}-{row.queued_at:%Y%m%d%H%M%S%f}@{domain}>"},
    )
    # Dressed as it goes out, so that it looks as the shop does by then.
    dressed = design.dress_email(subject=row.subject, text=row.text)
    message.attach_alternative(dressed.html, "text/html")
    if dressed.logo is not None:
        logo = MIMEImage(dressed.logo.content, "png")
        logo.add_header("Content-ID", f"<{design.LOGO_CID}>")
        logo.add_header("Content-Disposition", "inline", filename="logo.png")
        message.attach(logo)
    return message


def _give_up(row: Email, why: str) -> None:
    Email.objects.filter(id=row.pk, state=EmailState.QUEUED).update(
        state=EmailState.FAILED, subject="", text="", error=_short(why)
    )
    logger.warning("E-mail %s is given up after %s attempts: %s", row.pk, row.attempts, _short(why))


def _short(why: str) -> str:
    return " ".join(why.split())[:300]
