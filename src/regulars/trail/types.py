"""What crosses the door of the trail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from regulars.kit.actor import Actor


@dataclass(frozen=True, slots=True)
class AuditNote:
    """One line to write into the audit trail.

    `action` names what was done, in the past tense (`points.adjusted`); `subject` names to what
    (`member:17`). `details` are JSON-ready facts without names or addresses of persons: an
    entry can never be taken back.
    """

    action: str
    subject: str
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One line of the audit trail."""

    id: int
    recorded_at: datetime
    actor: Actor
    action: str
    subject: str
    reason: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to a request, kept for ever under its key."""

    status: int
    body: bytes
    replayed: bool = False
