"""Marks of the marketer: those in force, and all that ever were."""

import json
from datetime import datetime

from django.db.models import Q

from regulars.kit.paging import Page, clamp_page_size, cut_page, decode_cursor
from regulars.recommend.models import Mark
from regulars.recommend.types import MarkKind, MarkSubject, MarkView, ShelfCode

IN_FORCE_SQL = """
SELECT json_agg(json_build_array(k.id, k.kind, k.subject, k.value, k.shelf, k.place, k.factor, k.starts_at,
    k.ends_at, k.note, k.actor))
FROM recommend_mark k
WHERE k.starts_at <= %s::timestamptz AND (k.ends_at IS NULL OR k.ends_at > %s::timestamptz)
"""
"""Within a statement of serving's; `read_marks` reads the answer."""


def read_marks(raw: str | None) -> tuple[MarkView, ...]:
    """What `IN_FORCE_SQL` found."""
    return tuple(
        MarkView(
            id=number,
            kind=MarkKind(kind),
            subject=MarkSubject(subject),
            value=value,
            shelf=ShelfCode(shelf) if shelf else None,
            place=place,
            factor=factor,
            starts_at=datetime.fromisoformat(starts_at),
            ends_at=datetime.fromisoformat(ends_at) if ends_at else None,
            note=note,
            actor=actor,
        )
        for number, kind, subject, value, shelf, place, factor, starts_at, ends_at, note, actor in json.loads(
            raw or "[]"
        )
    )


def list_marks_in_force(at: datetime) -> tuple[MarkView, ...]:
    """The marks in force at an instant, newest first. One query."""
    return tuple(to_view(row) for row in in_force(at).order_by("-pk"))


def list_marks(
    *,
    at: datetime | None = None,
    kind: MarkKind | None = None,
    cursor: str | None = None,
    backwards: bool = False,
    size: int | None = None,
) -> Page[MarkView]:
    """Marks, newest first; with `at` without those that had ended by then. One query.

    Those after the cursor; `backwards`, those before it, in the same order. Raises BadCursor.
    """
    limit = clamp_page_size(size)
    rows = Mark.objects.order_by("pk" if backwards else "-pk")
    if at is not None:
        rows = rows.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at))
    if kind is not None:
        rows = rows.filter(kind=kind.value)
    if cursor:
        number = int(decode_cursor(cursor, (int,))[0])
        rows = rows.filter(pk__gt=number) if backwards else rows.filter(pk__lt=number)
    page = cut_page(
        list(rows[: limit + 1]), size=limit, key=lambda row: (row.pk,), cursor=cursor, backwards=backwards
    )
    return Page(tuple(map(to_view, page.items)), page.next_cursor, page.previous_cursor)


def in_force(at: datetime):  # type: ignore[no-untyped-def]
    """The rows in force at an instant."""
    return Mark.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at), starts_at__lte=at)


def to_view(row: Mark) -> MarkView:
    """A mark as it crosses the door."""
    return MarkView(
        id=row.pk,
        kind=MarkKind(row.kind),
        subject=MarkSubject(row.subject),
        value=row.value,
        shelf=ShelfCode(row.shelf) if row.shelf else None,
        place=row.place,
        factor=row.factor,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        note=row.note,
        actor=row.actor,
    )
