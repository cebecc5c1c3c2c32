"""What crosses the door of delivery."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EmailState(StrEnum):
    """How far a message has come. FAILED is the end: refused for good, or tried too often."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class EmailInfo:
    """A message without its text."""

    id: int
    to: str
    subject: str
    state: EmailState
    attempts: int
    queued_at: datetime
    sent_at: datetime | None
    error: str


class TextState(StrEnum):
    """How far a text message has come. FAILED is the end: refused for good, or tried too often."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    FORGOTTEN = "forgotten"
