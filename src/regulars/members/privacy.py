"""Reads of what members agreed to, and of what they asked for concerning their data."""

from datetime import datetime

from regulars.kit.ids import MemberId
from regulars.members.models import ConsentEntry, PrivacyRequestRow
from regulars.members.types import (
    ConsentChange,
    ConsentChannel,
    ConsentPurpose,
    PrivacyKind,
    PrivacyRequest,
    PrivacyState,
)


def get_consents(member_id: MemberId) -> dict[tuple[ConsentChannel, ConsentPurpose], bool]:
    """The latest word on each channel and purpose; what was never told is left out.

    Left out means no. One query.
    """
    rows = (
        ConsentEntry.objects.filter(member_id=member_id)
        .order_by("channel", "purpose", "-id")
        .distinct("channel", "purpose")
        .values_list("channel", "purpose", "granted")
    )
    return {(ConsentChannel(channel), ConsentPurpose(purpose)): granted for channel, purpose, granted in rows}


def list_consent_changes(member_id: MemberId, size: int | None = None) -> list[ConsentChange]:
    """Every word on consent, latest first; all of them or the latest few. One query."""
    rows = ConsentEntry.objects.filter(member_id=member_id).order_by("-id")
    return [
        ConsentChange(
            ConsentChannel(row.channel), ConsentPurpose(row.purpose), row.granted, row.changed_at, row.actor
        )
        for row in (rows if size is None else rows[:size])
    ]


def list_requests(member_id: MemberId, size: int | None = None) -> list[PrivacyRequest]:
    """What a member asked for concerning their data, latest first. One query."""
    rows = PrivacyRequestRow.objects.filter(member_id=member_id).defer("content").order_by("-id")
    return [read_request(row) for row in (rows if size is None else rows[:size])]


def find_copy(member_id: MemberId, now: datetime) -> str | None:
    """The latest copy of a member's data that can still be fetched. One query."""
    rows = PrivacyRequestRow.objects.filter(
        member_id=member_id, kind=PrivacyKind.COPY, state=PrivacyState.DONE, kept_until__gt=now
    ).exclude(content="")
    return rows.order_by("-id").values_list("content", flat=True).first()


def read_request(row: PrivacyRequestRow) -> PrivacyRequest:
    """A row as the value that crosses the door."""
    return PrivacyRequest(
        id=row.pk,
        member_id=MemberId(row.member_id),
        kind=PrivacyKind(row.kind),
        state=PrivacyState(row.state),
        requested_at=row.requested_at,
        due_at=row.due_at,
        done_at=row.done_at,
        kept_until=row.kept_until,
    )
