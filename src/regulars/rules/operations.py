"""Writes of the rules: publishing a programme."""

import hashlib
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max

from regulars.kit.actor import Actor
from regulars.rules import models
from regulars.rules.document import parse_programme
from regulars.rules.queries import (
    find_version_at,
    forget_programme,
    list_versions,
    read_example,
    to_info,
)
from regulars.rules.types import ProgrammeVersionInfo
from regulars.trail import facade as trail


@transaction.atomic(durable=True)
def publish_programme(
    *, actor: Actor, now: datetime, text: str, note: str = "", effective_from: datetime | None = None
) -> ProgrammeVersionInfo:
    """Put a document in force from `effective_from` (default: now) as the next version; the audit tells.

    Publishing what is in force at that instant already gives back that version and changes nothing.
    Locks the list of versions (advisory), so that numbers have no gaps. Raises ProgrammeInvalid.
    """
    begins = effective_from or now
    parse_programme(text, as_of=begins)
    return _publish(actor=actor, now=now, text=text, note=note, begins=begins)


@transaction.atomic(durable=True)
def publish_default_programme(*, actor: Actor, now: datetime) -> ProgrammeVersionInfo:
    """Give a fresh installation its first programme: the example. Where there is one, gives back the latest.

    Locks the list of versions (advisory).
    """
    _lock_versions()
    published = list_versions()
    if published:
        return published[0]
    return _publish(
        actor=actor, now=now, text=read_example(), note="The programme to begin with.", begins=now
    )


def _publish(*, actor: Actor, now: datetime, text: str, note: str, begins: datetime) -> ProgrammeVersionInfo:
    _lock_versions()
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    current = find_version_at(begins)
    if current is not None and current.sha256 == sha256:
        return current
    latest = models.ProgrammeVersion.objects.aggregate(latest=Max("number"))["latest"] or 0
    row = models.ProgrammeVersion.objects.create(
        number=latest + 1,
        text=text,
        sha256=sha256,
        note=note,
        published_by=str(actor),
        published_at=now,
        effective_from=begins,
    )
    forget_programme(row.number)
    trail.record_audit(
        actor=actor,
        now=now,
        action="programme.published",
        subject=f"programme:{row.number}",
        reason=note,
        details={"sha256": sha256, "effective_from": begins.isoformat()},
    )
    return to_info(row)


def _lock_versions() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('rules:versions', 0))")
