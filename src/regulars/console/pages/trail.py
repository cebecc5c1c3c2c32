"""The audit trail as a page."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import formats, timezone

from regulars.console.pages.people import Named, name_actors, name_subjects
from regulars.kit.actor import Actor
from regulars.trail import facade as trail

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+\d\d:\d\d$")
_HASH = re.compile(r"[0-9a-f]{32,}")


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One entry: who did what to what."""

    recorded_at: datetime
    who: Named
    actor: str
    action: str
    about: Named
    subject: str
    reason: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TrailPage:
    """A page of entries, latest first."""

    rows: tuple[TrailRow, ...]
    next_cursor: str | None


def read_trail(
    *,
    subject: str = "",
    actor: Actor | None = None,
    action: str = "",
    cursor: str | None = None,
    size: int = 30,
) -> TrailPage:
    """Entries with names in place of numbers. Six queries at most, however many entries."""
    page = trail.list_audit(subject=subject, actor=actor, action=action, cursor=cursor, size=size)
    return TrailPage(_rows(page.items), page.next_cursor)


def _rows(records: Sequence[trail.AuditRecord]) -> tuple[TrailRow, ...]:
    actors = name_actors(record.actor for record in records)
    subjects = name_subjects(record.subject for record in records)
    return tuple(
        TrailRow(
            recorded_at=record.recorded_at,
            who=actors[record.actor],
            actor=str(record.actor),
            action=record.action,
            about=subjects[record.subject],
            subject=record.subject,
            reason=record.reason,
            facts=tuple((key.replace("_", " "), _fact(value)) for key, value in record.details.items()),
        )
        for record in records
    )


def _fact(value: Any) -> str:
    """A detail as people read it: lists with commas, instants to the minute, hashes by their beginning."""
    if isinstance(value, list):
        return ", ".join(_fact(part) for part in value)
    text = str(value)
    if _INSTANT.match(text):
        return formats.date_format(timezone.localtime(datetime.fromisoformat(text)), "Y-m-d H:i")
    return f"{text[:10]}…" if _HASH.fullmatch(text) else text
