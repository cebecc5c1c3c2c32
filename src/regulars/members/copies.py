"""Everything that is kept of one member, as they are given it: plain JSON, every room's part of it."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from regulars.kit.ids import MemberId
from regulars.members.notes import list_notes
from regulars.members.privacy import list_consent_changes, list_requests
from regulars.members.queries import get_member
from regulars.members.timeline import list_timeline

FORMAT = "regulars-member-copy-1"
READ_AT_ONCE = 100
_parts: dict[str, "ReadPart"] = {}

ReadPart = Callable[[MemberId], Iterable[dict[str, Any]]]
"""What a room keeps of one member: plain values, instants and enums."""


def register_copy_part(name: str, read: ReadPart) -> None:
    """Add what a room keeps to every member's copy. Called once, when the room's app is ready."""
    if _parts.setdefault(name, read) is not read:
        raise ValueError(f"A part called {name!r} is registered already.")


def collect_copy(member_id: MemberId, now: datetime) -> dict[str, Any]:
    """The profile, every consent and request, the whole timeline, and every room's own part.

    Raises MemberUnknown.
    """
    profile = get_member(member_id)
    return {
        "format": FORMAT,
        "written_at": now.isoformat(),
        "profile": {
            "external_id": profile.external_id,
            "given_name": profile.given_name,
            "family_name": profile.family_name,
            "birthday": profile.birthday.isoformat() if profile.birthday else None,
            "joined_at": profile.joined_at.isoformat(),
            "locale": profile.locale,
            "time_zone": profile.time_zone,
            "email": profile.email,
            "phone": profile.phone,
            "cards": list(profile.cards),
            "attributes": dict(profile.attributes),
        },
        "consents": [
            {
                "channel": change.channel,
                "purpose": change.purpose,
                "granted": change.granted,
                "changed_at": change.changed_at.isoformat(),
            }
            for change in list_consent_changes(member_id)
        ],
        "requests": [
            {"kind": request.kind, "state": request.state, "requested_at": request.requested_at.isoformat()}
            for request in list_requests(member_id)
        ],
        "notes": [
            {"written_at": note.written_at.isoformat(), "text": note.text} for note in list_notes(member_id)
        ],
        "timeline": _collect_timeline(member_id),
        **{name: list(read(member_id)) for name, read in sorted(_parts.items())},
    }


def _collect_timeline(member_id: MemberId) -> list[dict[str, Any]]:
    found, cursor = [], None
    while True:
        page = list_timeline(member_id, before=cursor, size=READ_AT_ONCE)
        found += [
            {
                "occurred_at": entry.occurred_at.isoformat(),
                "kind": entry.kind,
                "title": str(entry.title),
                "detail": str(entry.detail),
                "about": entry.link_ref,
            }
            for entry in page.items
        ]
        cursor = page.next_cursor
        if cursor is None:
            return found
