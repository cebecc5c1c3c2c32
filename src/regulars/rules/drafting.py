"""Writes of the draft: begun, changed, thrown away. The row of the draft is locked first, always."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from regulars.kit.actor import Actor
from regulars.kit.errors import InvalidInput
from regulars.rules import models
from regulars.rules.document.parser import TEXT_MAX
from regulars.rules.editing import add_table, change_table, move_table, read_document, remove_table
from regulars.rules.editing.address import LISTS, find_path, fingerprint, table_at
from regulars.rules.errors import DraftMoved, EditRefused, NoDraft
from regulars.rules.queries import list_versions, read_example, to_draft
from regulars.rules.types import DraftEdit, DraftInfo, EditAction
from regulars.trail import facade as trail

SUBJECT = "programme:draft"


@transaction.atomic(durable=True)
def begin_draft(*, actor: Actor, now: datetime) -> DraftInfo:
    """The draft that there is, or a new one from the latest version, else from the example.

    Of two who begin at once both get the same one. The audit tells of a new one.
    """
    latest = next(iter(list_versions()), None)
    row, created = models.ProgrammeDraft.objects.get_or_create(
        id=1,
        defaults={
            "text": latest.text if latest else read_example(),
            "base": latest.number if latest else None,
            "started_by": str(actor),
            "started_at": now,
            "saved_by": str(actor),
            "saved_at": now,
        },
    )
    if created:
        trail.record_audit(
            actor=actor,
            now=now,
            action="programme.draft_begun",
            subject=SUBJECT,
            details={"base": row.base},
        )
    return to_draft(row)


@transaction.atomic(durable=True)
def save_draft(*, actor: Actor, now: datetime, text: str, revision: int) -> DraftInfo:
    """Keep a text as the draft, mistakes and all, so that nobody loses what they type.

    `revision` is the one that the text was begun on. The audit tells when another operator takes over.
    Locks the draft. Raises NoDraft, DraftMoved, InvalidInput (too long, or with NUL).
    """
    if len(text) > TEXT_MAX:
        raise InvalidInput(_("The text is longer than %(most)d characters.") % {"most": TEXT_MAX})
    if "\x00" in text:
        raise InvalidInput(_("Text must be valid Unicode without NUL characters."))
    row = _lock()
    if text == row.text:
        return to_draft(row)
    if revision != row.revision:
        raise moved(row)
    if row.saved_by != str(actor):
        _tell(actor, now, {"what": "text"})
    _write(row, actor=actor, now=now, text=text)
    return to_draft(row)


@transaction.atomic(durable=True)
def edit_draft(*, actor: Actor, now: datetime, edit: DraftEdit) -> DraftInfo:
    """Make one change of one table, on the draft as it now is, and tell the audit of it.

    Others may have changed other tables meanwhile; where it is this one, DraftMoved. Locks the draft.
    Raises NoDraft, DraftMoved, EditRefused, ProgrammeInvalid (the text is not TOML).
    """
    row = _lock()
    text = apply_edit(row.text, edit)
    if text != row.text:
        _write(row, actor=actor, now=now, text=text)
        _tell(actor, now, {"what": str(edit.action), "where": edit.address})
    return to_draft(row)


@transaction.atomic(durable=True)
def discard_draft(*, actor: Actor, now: datetime, revision: int) -> None:
    """Throw the draft away. Locks it. Raises NoDraft, DraftMoved where it is not the one that was seen."""
    row = _lock()
    if row.revision != revision:
        raise moved(row)
    row.delete()
    trail.record_audit(actor=actor, now=now, action="programme.draft_discarded", subject=SUBJECT)


def apply_edit(text: str, edit: DraftEdit) -> str:
    """The text with one change. Pure. Raises DraftMoved, EditRefused, ProgrammeInvalid."""
    if edit.action is EditAction.ADD:
        return add_table(text, LISTS[edit.address][0], edit.values)
    data = read_document(text)
    path = find_path(data, edit.address)
    if path is None:
        raise EditRefused(_("It is no longer there: the draft has changed meanwhile."))
    if edit.seen and fingerprint(table_at(data, path)) != edit.seen:
        raise DraftMoved(_("Someone else has changed this meanwhile. Look at it again before you save."))
    return _edit_at(text, path, edit.action, edit.values)


def _edit_at(text: str, path: tuple[str | int, ...], action: EditAction, values: Mapping[str, Any]) -> str:
    if action is EditAction.REMOVE:
        return remove_table(text, path)
    if action in {EditAction.UP, EditAction.DOWN}:
        return move_table(text, path, -1 if action is EditAction.UP else 1)
    return change_table(text, path, values)


def moved(row: models.ProgrammeDraft) -> DraftMoved:
    """The refusal to write over what someone else wrote."""
    return DraftMoved(
        _("Someone else has changed the draft meanwhile."), saved_by=row.saved_by, revision=row.revision
    )


def lock_draft() -> models.ProgrammeDraft:
    """The draft's row, locked until the transaction ends. Raises NoDraft."""
    return _lock()


def _lock() -> models.ProgrammeDraft:
    row = _find_locked()
    if row is None:
        raise NoDraft(_("There is no draft: it was published or thrown away."))
    return row


def _find_locked() -> models.ProgrammeDraft | None:
    return models.ProgrammeDraft.objects.select_for_update().filter(id=1).first()


def _write(row: models.ProgrammeDraft, *, actor: Actor, now: datetime, text: str) -> None:
    row.text, row.saved_by, row.saved_at = text, str(actor), now
    row.revision += 1
    row.save(update_fields=["text", "saved_by", "saved_at", "revision"])


def _tell(actor: Actor, now: datetime, details: dict[str, Any]) -> None:
    trail.record_audit(
        actor=actor, now=now, action="programme.draft_changed", subject=SUBJECT, details=details
    )
