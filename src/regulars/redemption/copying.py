"""What of redemptions goes into a member's copy of their data."""

from collections.abc import Iterator
from typing import Any

from regulars.kit.ids import MemberId
from regulars.redemption.fulfilment import list_notes_of
from regulars.redemption.queries import list_redemptions

READ_AT_ONCE = 100


def read_redemptions(member_id: MemberId) -> Iterator[dict[str, Any]]:
    """Every redemption, latest first, with its code where the member has seen it."""
    cursor = None
    while True:
        page = list_redemptions(member_id=member_id, cursor=cursor, size=READ_AT_ONCE)
        notes = list_notes_of([view.id for view in page.items])
        for view in page.items:
            yield {
                "reference": view.reference,
                "reward": view.reward_name,
                "state": view.state,
                "code": view.code,
                "price_points": view.price_points,
                "price_money": view.price_money,
                "reserved_at": view.reserved_at,
                "fulfilled_at": view.fulfilled_at,
                "cancelled_at": view.cancelled_at,
                "valid_until": view.valid_until,
                "units": view.units,
                "units_handed": view.units_handed,
                "notes": [
                    {"written_at": note.written_at.isoformat(), "text": note.text}
                    for note in notes.get(view.id, [])
                ],
            }
        cursor = page.next_cursor
        if cursor is None:
            return
