"""Writes of the rules: publishing a programme."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from regulars.kit.actor import Actor
from regulars.kit.errors import InvalidInput
from regulars.kit.ids import ProgrammeVersion
from regulars.rules import models
from regulars.rules.comparison import compare_promises
from regulars.rules.document import parse_programme
from regulars.rules.drafting import lock_draft, moved
from regulars.rules.errors import DraftMoved, NoProgramme, PromisesWorse
from regulars.rules.queries import (
    find_version,
    find_version_at,
    forget_programme,
    get_programme,
    list_versions,
    read_example,
    to_info,
)
from regulars.rules.types import ProgrammeVersionInfo, Worsening
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


@transaction.atomic(durable=True)
def publish_draft(
    *,
    actor: Actor,
    now: datetime,
    revision: int,
    against: int | None,
    note: str,
    effective_from: datetime | None = None,
    acknowledged: str = "",
) -> ProgrammeVersionInfo:
    """Publish the draft as it was looked at, and end it.

    `against` is the number of the latest version that was shown beside it, `acknowledged` the fingerprint
    (`fingerprint_worse`) of the warnings that were accepted. Locks the draft, then the list of versions.
    Raises NoDraft, DraftMoved, ProgrammeInvalid, PromisesWorse, InvalidInput (a moment that is past).
    """
    row = lock_draft()
    if row.revision != revision:
        raise moved(row)
    info = _publish_reviewed(
        actor=actor,
        now=now,
        text=row.text,
        note=note,
        begins=_begins(now, effective_from),
        against=against,
        acknowledged=acknowledged,
    )
    row.delete()
    return info


@transaction.atomic(durable=True)
def publish_again(
    *,
    actor: Actor,
    now: datetime,
    number: ProgrammeVersion,
    against: int | None,
    note: str,
    effective_from: datetime | None = None,
    acknowledged: str = "",
) -> ProgrammeVersionInfo:
    """Roll back: publish the document of an old version again, as a new one. A draft stays as it is.

    Parameters, locks and errors as of `publish_draft`; NoProgramme where there is no such version.
    """
    old = find_version(number)
    if old is None:
        raise NoProgramme(f"There is no programme version {number}.", version=number)
    return _publish_reviewed(
        actor=actor,
        now=now,
        text=old.text,
        note=note,
        begins=_begins(now, effective_from),
        against=against,
        acknowledged=acknowledged,
        restores=number,
    )


def fingerprint_worse(worse: Sequence[Worsening]) -> str:
    """What stands for a list of warnings; empty for none. Other warnings have another fingerprint."""
    return hashlib.sha256(repr([(w.code, w.subject, dict(w.params)) for w in worse]).encode()).hexdigest() * (
        bool(worse)
    )


def list_worse(text: str, *, begins: datetime) -> tuple[Worsening, ...]:
    """What a document makes worse than the version that it would replace. Raises ProgrammeInvalid."""
    current = find_version_at(begins)
    if current is None:
        return ()
    return compare_promises(get_programme(current.number), parse_programme(text), as_of=begins)


def _begins(now: datetime, effective_from: datetime | None) -> datetime:
    if effective_from is not None and effective_from < now:
        raise InvalidInput(_("That moment is past: what was given until now was given by another version."))
    return effective_from or now


def _publish_reviewed(
    *,
    actor: Actor,
    now: datetime,
    text: str,
    note: str,
    begins: datetime,
    against: int | None,
    acknowledged: str,
    restores: int | None = None,
) -> ProgrammeVersionInfo:
    _lock_versions()
    latest = models.ProgrammeVersion.objects.aggregate(latest=Max("number"))["latest"]
    if latest != against:
        raise DraftMoved(_("Another version was published meanwhile. Look again at what changes."))
    parse_programme(text, as_of=begins)
    worse = list_worse(text, begins=begins)
    if fingerprint_worse(worse) != acknowledged:
        raise PromisesWorse(_("This makes promises to members worse. Say that you know it, then publish."))
    details: dict[str, Any] = {"restores": restores} if restores else {}
    if worse:
        details["made_worse"] = [f"{w.subject or 'programme'}: {w.code}" for w in worse]
    return _publish(actor=actor, now=now, text=text, note=note, begins=begins, details=details)


def _publish(
    *,
    actor: Actor,
    now: datetime,
    text: str,
    note: str,
    begins: datetime,
    details: Mapping[str, Any] | None = None,
) -> ProgrammeVersionInfo:
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
        details={"sha256": sha256, "effective_from": begins.isoformat(), **(details or {})},
    )
    return to_info(row)


def _lock_versions() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('rules:versions', 0))")
