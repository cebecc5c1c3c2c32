"""Points out and points that wait: spends, pending credits, holds."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from regulars.kit.ids import JournalSeq
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Balance, Currency, EntryKind
from tests.ledger.posting import (
    ACTOR,
    ANN,
    NOW,
    after,
    earn,
    hold,
    kinds,
    lots,
    refund,
    refused,
    spend,
)
from tests.ledger.reading import read_everything

pytestmark = pytest.mark.django_db


# -- spending, and the order of it (laws 2 and 3) ---------------------------------------------------


def test_law_3_earliest_expiry_first_never_last_then_oldest_then_by_id() -> None:
    earn(10, "never")
    earn(10, "late", expires_at=after(30))
    earn(10, "young", expires_at=after(5), occurred_at=after(-1))
    earn(10, "old", expires_at=after(5), occurred_at=after(-2))
    earn(10, "old too", expires_at=after(5), occurred_at=after(-2))
    spend(45, "all but five")
    entry = ledger.list_entries(ANN).items[0]
    assert entry.allocations == ((4, 10), (5, 10), (3, 10), (2, 10), (1, 5))
    assert lots() == {1: 5}


def test_a_spend_that_is_too_large_is_refused_with_what_is_there() -> None:
    refusal = refused(ledger.InsufficientPoints, lambda: spend(1, "nobody"))
    assert (refusal.balance, refusal.needed) == (0, 1)
    earn(10, "a")
    refusal = refused(ledger.InsufficientPoints, lambda: spend(11, "b"))
    assert (refusal.balance, refusal.needed) == (10, 11)
    assert spend(10, "b").balance_after == 0, "a refused key is still free"


def test_lots_that_are_due_lapse_inside_the_spend() -> None:
    earn(10, "a", expires_at=after(1))
    earn(10, "b", expires_at=after(9))
    refusal = refused(ledger.InsufficientPoints, lambda: spend(11, "c", now=after(1)))
    assert refusal.balance == 10
    assert spend(10, "c", now=after(1)).balance_after == 0
    assert kinds() == ["earn", "earn", "expire", "spend"]
    expired = ledger.get_entry(ANN, Currency.POINTS, JournalSeq(3))
    assert (expired.occurred_at, expired.recorded_at, expired.allocations) == (after(1), after(1), ((1, 10),))


def test_the_timing_of_sweeps_changes_no_answer() -> None:
    """What a spend lets lapse on its way is written as a sweep would have written it."""
    earn(10, "a", expires_at=after(1))
    earn(5, "b", expires_at=after(2))
    earn(30, "c")
    savepoint = transaction.savepoint()
    spend(20, "s", now=after(3))
    lazy = read_everything()
    transaction.savepoint_rollback(savepoint)
    ledger.expire_due(now=after(3))
    spend(20, "s", now=after(3))
    assert read_everything() == lazy


# -- pending (law 8) --------------------------------------------------------------------------------


def test_law_8_pending_points_wait_for_their_time_or_their_event() -> None:
    earn(10, "time", activates_at=after(2), expires_at=after(30))
    earn(20, "event", awaits="delivery")
    earn(40, "past", activates_at=after(-3), occurred_at=after(-9), expires_at=after(30))
    assert ledger.get_balance(ANN, NOW) == Balance(active=40, pending=30)
    sweep = ledger.activate_due(now=after(4))
    assert (sweep.items, sweep.points, sweep.more) == (1, 10, False)
    ledger.activate(
        actor=ACTOR,
        now=after(5),
        member_id=ANN,
        seq=JournalSeq(2),
        expires_at=after(6),
        key="x",
        source="delivery",
    )
    opened = {lot.lot_id: (lot.opened_at, lot.expires_at) for lot in ledger.list_lots(ANN, after(5))}
    assert opened == {
        2: (after(5), after(6)),  # validity begins at activation
        1: (after(2), after(30)),  # as of its time, whenever the job came by
        3: (after(-3), after(30)),
    }
    refused(
        ledger.NotPending,
        lambda: ledger.activate(
            actor=ACTOR, now=NOW, member_id=ANN, seq=JournalSeq(2), expires_at=None, key="y", source="d"
        ),
    )
    refused(
        ledger.EntryNotFound,
        lambda: ledger.activate(
            actor=ACTOR, now=NOW, member_id=ANN, seq=JournalSeq(99), expires_at=None, key="y", source="d"
        ),
    )


def test_an_event_activates_before_the_time() -> None:
    earn(10, "both", awaits="delivery", activates_at=after(2))
    assert ledger.get_balance(ANN, NOW).pending == 10
    assert ledger.activate_due(now=after(2)).items == 1


# -- holds ------------------------------------------------------------------------------------------


def test_a_hold_is_captured_in_part_and_released() -> None:
    earn(10, "a", expires_at=after(5))
    earn(10, "b")
    held = hold(15, "h", until=after(1))
    assert ledger.get_balance(ANN, NOW) == Balance(active=5, held=15)
    refused(ledger.InsufficientPoints, lambda: spend(6, "s"))
    common: dict[str, Any] = {
        "actor": ACTOR,
        "now": NOW,
        "member_id": ANN,
        "hold_seq": held.seq,
        "source": "r",
    }
    captured = ledger.capture(**common, amount=12, key="c")
    assert ledger.get_entry(ANN, Currency.POINTS, captured.seq).allocations == ((1, 10), (2, 2))
    refused(ledger.HoldNotOpen, lambda: ledger.capture(**common, amount=4, key="c2"))
    ledger.release(**common, key="r")
    assert ledger.get_balance(ANN, NOW) == Balance(active=8)
    refused(ledger.HoldNotOpen, lambda: ledger.release(**common, key="r2"))
    refund(captured.seq, 12, "back")
    assert lots() == {1: 10, 2: 10}


def test_a_hold_times_out() -> None:
    earn(10, "a", expires_at=after(5))
    held = hold(10, "h", until=after(1))
    refused(
        ledger.HoldNotOpen,
        lambda: ledger.capture(
            actor=ACTOR, now=after(1), member_id=ANN, hold_seq=held.seq, key="late", source="r"
        ),
    )
    assert ledger.release_timed_out_holds(now=after(1) - timedelta(seconds=1)).items == 0
    assert ledger.release_timed_out_holds(now=after(9)).items == 1
    released = ledger.list_entries(ANN).items[0]
    assert (released.kind, released.occurred_at, released.recorded_at) == (
        EntryKind.RELEASE,
        after(1),
        after(9),
    )
    assert ledger.get_balance(ANN, after(1)) == Balance(active=10)
    assert ledger.get_balance(ANN, after(9)) == Balance(), "the lot lapsed on its own day"


def test_held_points_do_not_lapse_but_lapsed_ones_do_not_come_back() -> None:
    earn(10, "a", expires_at=after(1))
    held = hold(10, "h", until=after(9))
    assert ledger.expire_due(now=after(2)).items == 0
    ledger.release(actor=ACTOR, now=after(2), member_id=ANN, hold_seq=held.seq, key="r", source="r")
    assert kinds() == ["earn", "hold", "release", "expire"]
    assert ledger.get_balance(ANN, after(2)) == Balance()
