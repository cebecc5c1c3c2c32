"""Marks of the marketer: pins, boosts, bans, what is never recommended."""

import math
import re
from datetime import datetime

from django.db import transaction

from regulars.catalogue.facade import find_products, has_brand, has_category, has_reward
from regulars.kit.actor import Actor
from regulars.recommend.errors import MarkInvalid, MarkNotFound
from regulars.recommend.models import Mark
from regulars.recommend.queries.marks import to_view
from regulars.recommend.types import MarkKind, MarkSubject, MarkView, ShelfCode
from regulars.trail.facade import record_audit

PLACE_MAX = 60
FACTOR_MIN, FACTOR_MAX = 0.01, 100.0
VALUE_LENGTH_MAX, NOTE_LENGTH_MAX = 120, 300
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@transaction.atomic(durable=True)
def set_mark(
    *,
    actor: Actor,
    now: datetime,
    kind: MarkKind,
    subject: MarkSubject,
    value: str,
    shelf: ShelfCode | None = None,
    place: int | None = None,
    factor: float | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    note: str = "",
) -> MarkView:
    """Decide something of a product, brand, category or reward.

    It holds from `starts_at` (now) until before `ends_at` (None: without end). A pin is of a product or a
    reward and has a `place`, from 1; a boost has a `factor`; bans and what is unsuitable hold everywhere.
    A mark that says the same again is a second one. Locks nothing. Audited.
    Raises MarkInvalid, whose `field` names what is wrong, also where the shop has no such thing.
    """
    starts_at = starts_at or now
    _check_shape(kind, subject, shelf, place, factor)
    _check_time(now, starts_at, ends_at)
    value = _check_value(subject, value)
    row = Mark.objects.create(
        kind=kind.value,
        subject=subject.value,
        value=value,
        shelf=shelf.value if shelf else "",
        place=place,
        factor=factor,
        starts_at=starts_at,
        ends_at=ends_at,
        note=_check_note(note),
        actor=str(actor),
    )
    _audit(actor, now, "recommend.mark_set", row)
    return to_view(row)


@transaction.atomic(durable=True)
def end_mark(*, actor: Actor, now: datetime, mark_id: int) -> MarkView:
    """End a mark now; one that has not begun never does. It stays readable. Locks the row. Audited.

    Raises MarkNotFound, also where it has ended already.
    """
    row = Mark.objects.select_for_update().filter(pk=mark_id).first()
    if row is None or (row.ends_at is not None and row.ends_at <= now):
        raise MarkNotFound(f"There is no mark {mark_id}, or it has ended.")
    if row.starts_at >= now:
        # It has never been in force: nothing that was shown is explained by it.
        view = to_view(row)
        _audit(actor, now, "recommend.mark_ended", row)
        row.delete()
        return view
    row.ends_at = now
    row.save(update_fields=["ends_at"])
    _audit(actor, now, "recommend.mark_ended", row)
    return to_view(row)


def _check_shape(
    kind: MarkKind, subject: MarkSubject, shelf: ShelfCode | None, place: int | None, factor: float | None
) -> None:
    if kind is MarkKind.PIN:
        if subject not in (MarkSubject.PRODUCT, MarkSubject.REWARD):
            raise MarkInvalid("Only a product or a reward can be pinned.", field="subject")
        if place is None or not 1 <= place <= PLACE_MAX:
            raise MarkInvalid(f"Give the place, 1 to {PLACE_MAX}.", field="place")
    elif place is not None:
        raise MarkInvalid("Only a pin has a place.", field="place")
    if kind is MarkKind.BOOST:
        if factor is None or not math.isfinite(factor) or not FACTOR_MIN <= factor <= FACTOR_MAX:
            raise MarkInvalid(f"Give a factor from {FACTOR_MIN} to {FACTOR_MAX:g}.", field="factor")
    elif factor is not None:
        raise MarkInvalid("Only a boost has a factor.", field="factor")
    if shelf is not None and kind in (MarkKind.BAN, MarkKind.UNSUITABLE):
        raise MarkInvalid("A ban holds for every shelf.", field="shelf")
    if shelf is not None and subject is MarkSubject.REWARD:
        raise MarkInvalid("Rewards have one shelf: leave it out.", field="shelf")


def _check_time(now: datetime, starts_at: datetime, ends_at: datetime | None) -> None:
    if ends_at is not None and ends_at <= starts_at:
        raise MarkInvalid("It must end after it starts.", field="ends_at")
    if ends_at is not None and ends_at <= now:
        raise MarkInvalid("It would have ended already.", field="ends_at")


def _check_value(subject: MarkSubject, value: str) -> str:
    tidy = value.strip()
    if not tidy or len(tidy) > VALUE_LENGTH_MAX or _UNSTORABLE.search(tidy):
        raise MarkInvalid(f"Say what it is about, in {VALUE_LENGTH_MAX} characters at most.", field="value")
    match subject:
        case MarkSubject.PRODUCT:
            known = tidy in find_products([tidy])
        case MarkSubject.BRAND:
            known = has_brand(tidy)
        case MarkSubject.CATEGORY:
            known = has_category(tidy)
        case MarkSubject.REWARD:
            known = has_reward(tidy)
    if not known:
        raise MarkInvalid(f"The shop has no {subject.value} “{tidy}”.", field="value")
    return tidy


def _check_note(note: str) -> str:
    tidy = note.strip()
    if len(tidy) > NOTE_LENGTH_MAX or _UNSTORABLE.search(tidy):
        raise MarkInvalid(f"A note has {NOTE_LENGTH_MAX} characters at most.", field="note")
    return tidy


def _audit(actor: Actor, now: datetime, action: str, row: Mark) -> None:
    details = {"kind": row.kind, "subject": row.subject, "value": row.value}
    record_audit(
        actor=actor, now=now, action=action, subject=f"mark:{row.pk}", reason=row.note, details=details
    )
