"""The audit trail narrowed by time: a span's entries, latest first, each once."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from regulars.kit.actor import SYSTEM
from regulars.kit.paging import BadCursor, encode_cursor
from regulars.trail import facade as trail

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def note(count: int) -> None:
    """Not in the order of time, and two at each instant."""
    for n in range(count):
        at = NOW + timedelta(minutes=(n * 7 % count) // 2)
        trail.record_audit(actor=SYSTEM, now=at, action=f"thing.{n % 2}", subject=f"thing:{n}")


@pytest.mark.parametrize("action", ["", "thing.1"])
def test_a_span_is_walked_once_from_its_end(action: str) -> None:
    note(20)
    start, end = NOW + timedelta(minutes=2), NOW + timedelta(minutes=7)
    seen, cursor = [], None
    while True:
        page = trail.list_audit(
            recorded_from=start, recorded_before=end, action=action, cursor=cursor, size=3
        )
        seen += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    expected = [
        record
        for record in trail.list_audit(size=100).items
        if start <= record.recorded_at < end and action in ("", record.action)
    ]
    assert {record.id for record in seen} == {record.id for record in expected}
    assert len(seen) == len(expected) == (5 if action else 10)
    order = [(record.recorded_at, record.id) for record in seen]
    assert order == sorted(order, reverse=True)


@pytest.mark.parametrize("narrowed", [{}, {"action": "thing.1"}, {"recorded_from": NOW}])
def test_every_page_is_found_again_from_the_next_one(narrowed: dict[str, Any]) -> None:
    note(20)
    pages = [trail.list_audit(**narrowed, size=3)]
    assert pages[0].previous_cursor is None
    while cursor := pages[-1].next_cursor:
        pages.append(trail.list_audit(**narrowed, cursor=cursor, size=3))
    assert len(pages) > 3
    for before, after in pairwise(pages):
        back = trail.list_audit(**narrowed, cursor=after.previous_cursor, backwards=True, size=3)
        assert back == before


@pytest.mark.parametrize("key", [("x", 1), ("2026-01-01T00:00:00", 1), (5,)])
def test_a_cursor_that_is_not_ours_is_refused(key: tuple[str | int, ...]) -> None:
    with pytest.raises(BadCursor):
        trail.list_audit(recorded_from=NOW, cursor=encode_cursor(*key))
