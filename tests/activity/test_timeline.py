"""What a member did shows on the one timeline."""

import pytest

from regulars.activity.facade import record_events, record_orders, record_returns
from regulars.kit.actor import SYSTEM
from regulars.members.facade import list_timeline
from tests.activity.makers import NOON, NOW, event, give_back, line, make_members, order

pytestmark = pytest.mark.django_db


def test_orders_returns_and_events_are_told_latest_first() -> None:
    ada, bob = make_members(2)
    batch = [order("A-1", ada, line(1, 1205)), order("A-2", ada, minutes=10), order("B-1", bob)]
    record_orders(actor=SYSTEM, now=NOW, batch=batch)
    record_events(actor=SYSTEM, now=NOW, batch=[event("E-1", ada, "review"), event("E-2", ada, "odd_thing")])
    record_returns(actor=SYSTEM, now=NOW, batch=[give_back("R-1", "A-1", (1, 1, None))])
    page = list_timeline(ada)
    told = [(str(row.title), str(row.detail)) for row in page.items]
    assert told[0] == ("Return from order A-1", "€12.05")
    assert told[1] == ("Order A-2", "€10.00")
    assert sorted(title for title, _ in told[2:]) == ["Joined", "Odd thing", "Order A-1", "Wrote a review"]
    assert all(row.occurred_at >= NOON for row in page.items)


def test_pages_of_a_timeline_join_without_gap_or_repeat() -> None:
    (ada,) = make_members(1)
    record_orders(actor=SYSTEM, now=NOW, batch=[order(f"A-{n}", ada, minutes=n // 3) for n in range(9)])
    record_events(actor=SYSTEM, now=NOW, batch=[event(f"E-{n}", ada) for n in range(4)])
    titles = []
    cursor = None
    while True:
        page = list_timeline(ada, cursor, 4)
        titles += [(row.kind, row.ref) for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(titles) == len(set(titles)) == 9 + 4 + len(["joined"])
