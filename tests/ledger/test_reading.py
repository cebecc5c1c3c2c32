"""What the ledger tells: balances, lots, history, what qualifies; each in a fixed number of queries."""

from typing import Any

import pytest

from regulars.kit.ids import JournalSeq, MemberId
from regulars.kit.paging import BadCursor
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Balance, Currency, EntryKind, LotState
from tests.ledger.posting import ACTOR, ANN, BEN, NOW, after, earn, hold, reverse, spend

pytestmark = pytest.mark.django_db
NOBODY = MemberId(99)


def test_balances_leave_out_lots_that_are_due() -> None:
    earn(10, "a", expires_at=after(1))
    earn(20, "b")
    earn(5, "c", activates_at=after(3))
    hold(4, "d", until=after(2))
    assert ledger.get_balance(ANN, NOW) == Balance(active=26, pending=5, held=4)
    assert ledger.get_balance(ANN, after(1)) == Balance(active=20, pending=5, held=4)
    assert ledger.get_balance(NOBODY, NOW) == Balance()
    assert ledger.get_balances([ANN, NOBODY], after(1)) == {
        ANN: Balance(active=20, pending=5, held=4),
        NOBODY: Balance(),
    }
    assert ledger.get_balances([], NOW) == {}


def test_lots_in_the_order_of_spending_then_those_that_wait() -> None:
    earn(1, "never")
    earn(2, "late", expires_at=after(9))
    earn(3, "soon", expires_at=after(2), sliding=True)
    earn(4, "waits", awaits="delivery")
    earn(5, "timed", activates_at=after(4), expires_at=after(8))
    lots = ledger.list_lots(ANN, NOW)
    assert [lot.remaining for lot in lots] == [3, 2, 1, 5, 4]
    assert [lot.state for lot in lots] == [LotState.ACTIVE] * 3 + [LotState.PENDING] * 2
    assert [lot.expires_at for lot in lots] == [after(2), after(9), None, after(8), None]
    assert (lots[0].sliding, lots[3].activates_at, lots[4].awaits) == (True, after(4), "delivery")
    assert [lot.remaining for lot in ledger.list_lots(ANN, after(2))] == [2, 1, 5, 4]


def test_what_is_about_to_lapse() -> None:
    for n, days in enumerate([2, 2, 5, 40]):
        earn(10 + n, f"k{n}", expires_at=after(days))
    earn(1, "never")
    assert ledger.list_expiring(ANN, NOW, 30) == [(after(2), 21), (after(5), 12)]
    assert ledger.list_expiring(ANN, after(2), 30) == [(after(5), 12)]
    assert ledger.list_expiring(BEN, NOW, 30) == []


def test_history_page_by_page() -> None:
    for n in range(7):
        earn(10, f"e{n}")
    spend(5, "s")
    first = ledger.list_entries(ANN, size=3)
    assert [entry.seq for entry in first.items] == [8, 7, 6]
    earn(10, "meanwhile")
    second = ledger.list_entries(ANN, cursor=first.next_cursor, size=3)
    third = ledger.list_entries(ANN, cursor=second.next_cursor, size=3)
    assert [entry.seq for entry in second.items + third.items] == [5, 4, 3, 2, 1]
    assert third.next_cursor is None
    spends = ledger.list_entries(ANN, kinds=[EntryKind.SPEND])
    assert [entry.kind for entry in spends.items] == [EntryKind.SPEND]
    assert ledger.list_entries(ANN, kinds=[]).items == ()
    with pytest.raises(BadCursor):
        ledger.list_entries(ANN, cursor="nonsense")
    with pytest.raises(ledger.EntryNotFound):
        ledger.get_entry(ANN, Currency.POINTS, JournalSeq(99))


@pytest.mark.parametrize("size", [1, 30])
def test_as_many_queries_for_thirty_as_for_one(size: int, django_assert_num_queries: Any) -> None:
    for n in range(size):
        earn(10, f"k{n}", expires_at=after(5 + n), member=ANN)
        earn(10, "k", member=MemberId(100 + n))
    members = [MemberId(100 + n) for n in range(size)]
    with django_assert_num_queries(1):
        assert len(ledger.list_entries(ANN, size=size).items) == size
    with django_assert_num_queries(2):
        assert len(ledger.list_lots(ANN, NOW)) == size
    with django_assert_num_queries(1):
        assert len(ledger.list_expiring(ANN, NOW, 90)) == size
    with django_assert_num_queries(1):
        assert len(ledger.get_balances(members, NOW)) == size
    with django_assert_num_queries(1):
        assert len(ledger.list_qualified(members, Currency.POINTS, NOW)) == size
    with django_assert_num_queries(1):
        ledger.get_balance(ANN, NOW)


def test_law_6_reversals_count_against_the_entry_that_they_reverse() -> None:
    """What qualifies for tiers: net, at the time of earning, whenever the return came."""
    points = Currency.QUALIFYING_POINTS
    earn(100, "a", currency=points, occurred_at=after(-20))
    earn(50, "b", currency=points, occurred_at=after(-10))
    earn(30, "c", currency=points, occurred_at=after(-5), activates_at=after(9))
    earn(7, "d", currency=points, occurred_at=after(-40))
    reverse(1, 30, "r1", currency=points)
    reverse(1, 10, "r2", currency=points, now=after(2))
    reverse(2, 50, "r3", currency=points)
    assert ledger.list_qualified([ANN, BEN], points, after(-30)) == {ANN: [(after(-20), 60)], BEN: []}
    ledger.activate_due(now=after(9))
    ledger.adjust_points(
        actor=ACTOR, now=after(10), member_id=ANN, amount=-5, reason="mistake", key="x", currency=points
    )
    assert ledger.list_qualified([ANN], points, after(-30))[ANN] == [
        (after(-20), 60),
        (after(-5), 30),
        (after(10), -5),
    ]
    assert ledger.list_qualified([], points, NOW) == {}
