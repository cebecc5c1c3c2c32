"""The door of delivery."""

from regulars.delivery.errors import EmailRefused
from regulars.delivery.operations import (
    SEND_TASK,
    attempt_email,
    forget_recipient,
    purge_emails,
    send_email,
)
from regulars.delivery.policies import RUNS_MAX
from regulars.delivery.queries import find_email
from regulars.delivery.types import EmailInfo, EmailState

__all__ = [
    "RUNS_MAX",
    "SEND_TASK",
    "EmailInfo",
    "EmailRefused",
    "EmailState",
    "attempt_email",
    "find_email",
    "forget_recipient",
    "purge_emails",
    "send_email",
]
