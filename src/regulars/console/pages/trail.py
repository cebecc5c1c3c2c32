"""The audit trail as a page."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

from regulars.console.desk import Desk
from regulars.console.forms_tables import TrailForm
from regulars.console.pages.deeds import tell_deed
from regulars.console.pages.details import name_detail, tell_value
from regulars.console.pages.people import Named, name_actors
from regulars.console.pages.subjects import name_subjects
from regulars.console.tables.state import TableState
from regulars.console.tables.types import Column, Table
from regulars.kit.paging import PAGE_SIZE_MAX, Page
from regulars.trail import facade as trail

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+\d\d:\d\d$")
_HASH = re.compile(r"[0-9a-f]{32,}")


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One entry: who did what to what."""

    recorded_at: datetime
    who: Named
    actor: str
    deed: str
    action: str
    about: Named
    subject: str
    reason: str
    facts: tuple[tuple[str, Named], ...]


@dataclass(frozen=True, slots=True)
class TrailPage:
    """A page of entries, latest first."""

    rows: tuple[TrailRow, ...]
    next_cursor: str | None


TRAIL = Table(
    name="trail",
    caption=_("Audit trail"),
    view="console:trail",
    csv_view="console:trail_csv",
    sort="",
    form=TrailForm,
    cell="console/tables/trail_cell.html",
    empty="console/tables/trail_none.html",
    columns=(
        Column("when", _("When"), lambda row: row.recorded_at, fixed=True),
        Column("deed", _("What happened"), lambda row: row.deed, fixed=True),
        Column("action", _("Action, as written"), lambda row: row.action, shown=False),
        Column("about", _("About"), lambda row: row.about.text),
        Column("subject", _("About, as written"), lambda row: row.subject, shown=False),
        Column("who", _("By"), lambda row: row.who.text),
        Column("actor", _("By, as written"), lambda row: row.actor, shown=False),
        Column(
            "details", _("Details"), lambda row: "; ".join(f"{key}: {fact.text}" for key, fact in row.facts)
        ),
        Column("reason", _("Reason"), lambda row: row.reason),
    ),
)


def read_trail(*, subject: str = "", cursor: str | None = None, size: int = 30) -> TrailPage:
    """Entries with names in place of numbers: one query for each kind of who and what they name."""
    page = trail.list_audit(subject=subject, cursor=cursor, size=size)
    return TrailPage(_rows(page.items), page.next_cursor)


def read_entries(desk: Desk, state: TableState, cursor: str | None, size: int) -> Page[TrailRow]:
    """The same as rows of the table, as its state has them; none for a form that is not valid."""
    form = state.form
    if not isinstance(form, TrailForm) or not form.is_valid():
        return Page(())
    since, before = form.span(desk.zone)
    page = trail.list_audit(
        subject=form.cleaned_data["subject"].strip(),
        actor=form.cleaned_data["actor"],
        action=form.cleaned_data["action"],
        recorded_from=since,
        recorded_before=before,
        cursor=cursor,
        backwards=state.backwards,
        size=size,
    )
    return Page(_rows(page.items), page.next_cursor, page.previous_cursor)


def export_entries(
    desk: Desk, state: TableState, cursor: str | None
) -> tuple[Sequence[TrailRow], str | None]:
    """The same for a file: always forwards, and the next cursor."""
    page = read_entries(desk, replace(state, backwards=False), cursor, PAGE_SIZE_MAX)
    return page.items, page.next_cursor


def _rows(records: Sequence[trail.AuditRecord]) -> tuple[TrailRow, ...]:
    actors = name_actors(record.actor for record in records)
    subjects = name_subjects(record.subject for record in records)
    return tuple(
        TrailRow(
            recorded_at=record.recorded_at,
            who=actors[record.actor],
            actor=str(record.actor),
            deed=tell_deed(record.action),
            action=record.action,
            about=subjects[record.subject],
            subject=record.subject,
            reason=record.reason,
            facts=tuple((name_detail(key), _fact(key, value)) for key, value in record.details.items()),
        )
        for record in records
    )


def _fact(key: str, value: Any) -> Named:
    """A detail as people read it; a redemption leads to its page."""
    if key == "changes" and isinstance(value, dict):
        steps = (f"{name_detail(part)}: {_step(tell_value(part, was))}" for part, was in value.items())
        return Named("; ".join(steps))
    if key == "redemption" and isinstance(value, int):
        return Named(str(value), reverse("console:redemption", args=[value]))
    return Named(_write(tell_value(key, value)))


def _step(value: Any) -> str:
    """A pair of what was and what is."""
    if isinstance(value, list) and len(value) == 2:
        return " → ".join(_write(part) or "–" for part in value)
    return _write(value)


def _write(value: Any) -> str:
    """Lists with commas, instants to the minute, hashes by their beginning."""
    if isinstance(value, list):
        return ", ".join(_write(part) for part in value)
    text = str(value)
    if _INSTANT.match(text):
        return formats.date_format(timezone.localtime(datetime.fromisoformat(text)), "Y-m-d H:i")
    return f"{text[:10]}…" if _HASH.fullmatch(text) else text
