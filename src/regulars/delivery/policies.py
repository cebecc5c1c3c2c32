"""Pure decisions of delivery: what may be sent, and when a failure is the last word."""

import re
import smtplib

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from regulars.delivery.errors import EmailRefused, TextRefused

SUBJECT_LENGTH_MAX = 200
TEXT_LENGTH_MAX = 200_000
SMS_LENGTH_MAX = 600
_NUMBER = re.compile(r"\+[1-9][0-9]{7,14}")
RUNS_MAX = 6
"""Runs of a job in all. procrastinate counts the retries after the first: its max_attempts is one less."""


def check_recipient(raw: str) -> str:
    """One plain address, safe to stand in a header. Raises EmailRefused."""
    to = raw.strip()
    try:
        validate_email(to)
    except ValidationError:
        raise EmailRefused(f"{to[:80]!r} is not an e-mail address.", field="to") from None
    if not to.isprintable() or len(to) > 254:
        raise EmailRefused("The e-mail address has characters that cannot be sent.", field="to")
    return to


def check_subject(raw: str) -> str:
    """One line: a line break in a header would begin another header. Raises EmailRefused."""
    subject = raw.strip()
    if not subject or len(subject) > SUBJECT_LENGTH_MAX or not subject.isprintable():
        raise EmailRefused(f"A subject is one line of 1 to {SUBJECT_LENGTH_MAX} characters.", field="subject")
    return subject


def check_text(text: str) -> str:
    """The text of a message. Raises EmailRefused."""
    if not text.strip() or len(text) > TEXT_LENGTH_MAX or "\0" in text:
        raise EmailRefused(f"A message has a text of up to {TEXT_LENGTH_MAX} characters.", field="text")
    return text


def check_number(to: str) -> str:
    """A telephone number as E.164 writes it: `+`, country code, 8 to 15 digits. Raises TextRefused."""
    if not _NUMBER.fullmatch(to):
        raise TextRefused(f"{to[:40]!r} is not a telephone number with its country code.", field="to")
    return to


def check_words(text: str) -> str:
    """The words of a text message: four parts at most. Raises TextRefused."""
    if not text.strip() or len(text) > SMS_LENGTH_MAX or "\0" in text:
        raise TextRefused(f"A text message has 1 to {SMS_LENGTH_MAX} characters.", field="text")
    return text


def is_final(error: Exception) -> bool:
    """Whether trying again cannot help: the server refuses the message or its recipient for good (5xx)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _reply in error.recipients.values())
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return False  # a wrong password in the settings can be put right
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= 500
