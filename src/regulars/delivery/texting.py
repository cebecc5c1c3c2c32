"""Text messages (SMS): posted to an address that the operator names, or written to the log.

Every provider has an API of its own; what is common is a POST. So a message is handed over as JSON, and a few
lines of the operator's own, or the provider's own webhook, do the rest (docs/operating.md).
"""

import http.client
import json
import logging
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from regulars.delivery.errors import TextsNotSetUp
from regulars.delivery.models import TextMessage
from regulars.delivery.policies import RUNS_MAX, check_number, check_words
from regulars.delivery.types import TextState
from regulars.trail import facade as trail

logger = logging.getLogger(__name__)
TEXT_TASK = "delivery.send_text"
LOG = "log"
_LATER = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})


class TextTransportFailed(Exception):
    """What takes our messages answered that it cannot now, or not at all."""


def can_text() -> bool:
    """Whether a way to send text messages has been set up."""
    return bool(settings.SMS_URL)


@transaction.atomic
def send_text(*, to: str, text: str, now: datetime) -> int:
    """Send a text message soon: a job in the transaction under way, so it goes out only if that commits.

    Returns the message's number. It arrives at least once; a repetition carries the same Idempotency-Key.
    Locks nothing. Raises TextRefused, TextsNotSetUp.
    """
    if not can_text():
        raise TextsNotSetUp(_("This shop cannot send text messages yet."))
    row = TextMessage.objects.create(recipient=check_number(to), text=check_words(text), queued_at=now)
    # By name: the task stands above this module and calls back into it.
    app.configure_task(TEXT_TASK).defer(text_id=row.pk)
    return row.pk


def attempt_text(*, text_id: int, now: datetime) -> None:
    """Hand a waiting message over, and wipe its words once that is settled.

    Returns where it was taken, was given up or no longer waits. What may pass is noted and raised again
    (TextTransportFailed, OSError), so that the job is tried again; the sixth run is the last. Counts the
    attempt before it is made, so that a message which kills the worker is given up as well.
    """
    waiting = TextMessage.objects.filter(id=text_id, state=TextState.QUEUED)
    if not waiting.update(attempts=F("attempts") + 1):
        return
    row = TextMessage.objects.get(id=text_id)
    if row.attempts > RUNS_MAX:
        _give_up(row, "tried too often")
        return
    try:
        final = _hand_over(row)
    except (TextTransportFailed, OSError, http.client.HTTPException) as error:
        if row.attempts >= RUNS_MAX:
            _give_up(row, str(error))
            return
        waiting.update(error=_short(str(error)))
        raise
    if final:
        _give_up(row, final)
        return
    waiting.update(state=TextState.SENT, sent_at=now, text="", error="")


def forget_number(*, to: str) -> None:
    """Take a number out of every message and stop those that wait; RuntimeError outside a transaction."""
    trail.require_transaction()
    rows = TextMessage.objects.filter(recipient=to)
    rows.filter(state=TextState.QUEUED).update(state=TextState.FORGOTTEN, text="")
    rows.update(recipient="", error="")


def purge_texts(*, before: datetime) -> None:
    """Throw away what was queued before an instant; what still waits stays."""
    TextMessage.objects.filter(queued_at__lt=before).exclude(state=TextState.QUEUED).delete()


def _hand_over(row: TextMessage) -> str:
    """Post the message; answer why it is refused for good, or "". Raises TextTransportFailed, OSError."""
    if settings.SMS_URL == LOG:
        logger.warning("Text message to %s: %s", row.recipient, row.text)
        return ""
    if not settings.SMS_URL:
        raise TextTransportFailed("no way to send text messages is set up any more")
    status = _post(row)
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return ""
    told = f"the transport answered {status}"
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _LATER:
        return told
    raise TextTransportFailed(told)


def _post(row: TextMessage) -> int:
    # By hand: urllib would follow redirects, with the code, to wherever they lead.
    parts = urlsplit(settings.SMS_URL)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=settings.SMS_TIMEOUT)
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": f"regulars-{row.pk}-{row.queued_at:%Y%m%d%H%M%S%f}",
    }
    if settings.SMS_TOKEN:
        headers["Authorization"] = f"Bearer {settings.SMS_TOKEN}"
    address = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", address, json.dumps({"to": row.recipient, "text": row.text}), headers)
        return connection.getresponse().status
    finally:
        connection.close()


def _give_up(row: TextMessage, why: str) -> None:
    TextMessage.objects.filter(id=row.pk, state=TextState.QUEUED).update(
        state=TextState.FAILED, text="", error=_short(why)
    )
    logger.warning("Text message %s is given up after %s attempts: %s", row.pk, row.attempts, _short(why))


def _short(why: str) -> str:
    return " ".join(why.split())[:300]
