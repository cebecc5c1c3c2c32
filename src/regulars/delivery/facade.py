"""The door of delivery."""

from regulars.delivery.errors import EmailRefused, TextRefused, TextsNotSetUp
from regulars.delivery.operations import (
    SEND_TASK,
    attempt_email,
    forget_recipient,
    purge_emails,
    send_email,
)
from regulars.delivery.policies import RUNS_MAX
from regulars.delivery.queries import find_email
from regulars.delivery.texting import TEXT_TASK, TextTransportFailed, attempt_text, can_text, send_text
from regulars.delivery.types import EmailInfo, EmailState, TextState

__all__ = [
    "RUNS_MAX",
    "SEND_TASK",
    "TEXT_TASK",
    "EmailInfo",
    "EmailRefused",
    "EmailState",
    "TextRefused",
    "TextState",
    "TextTransportFailed",
    "TextsNotSetUp",
    "attempt_email",
    "attempt_text",
    "can_text",
    "find_email",
    "forget_recipient",
    "purge_emails",
    "send_email",
    "send_text",
]
