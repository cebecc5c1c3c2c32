"""What of segments goes into a member's copy of their data."""

from collections.abc import Iterator
from typing import Any

from regulars.kit.ids import MemberId
from regulars.segments.queries.membership import list_history

READ_AT_ONCE = 100


def read_segments(member_id: MemberId) -> Iterator[dict[str, Any]]:
    """Every entry and exit, latest first, with the facts that caused it."""
    cursor = None
    while True:
        page = list_history(member_id=member_id, cursor=cursor, size=READ_AT_ONCE)
        for change in page.items:
            yield {
                "segment": change.segment_code,
                "entered": change.entered,
                "happened_at": change.happened_at,
                "cause": change.cause.value,
                "facts": dict(change.facts),
            }
        cursor = page.next_cursor
        if cursor is None:
            return
