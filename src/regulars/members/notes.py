"""Reads of notes on members."""

from regulars.kit.ids import MemberId
from regulars.members.models import Note
from regulars.members.types import MemberNote


def list_notes(member_id: MemberId, size: int | None = None) -> list[MemberNote]:
    """The notes on a member, latest first; all of them or the latest few. One query."""
    rows = Note.objects.filter(member_id=member_id).order_by("-id")
    return [read_note(row) for row in (rows if size is None else rows[:size])]


def read_note(row: Note) -> MemberNote:
    """A row as the value that crosses the door."""
    return MemberNote(row.pk, MemberId(row.member_id), row.written_at, row.actor, row.text)
