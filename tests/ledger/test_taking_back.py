# ruff: noqa: PLR0917 (Hypothesis calls by name)
"""Reversals of what was given, refunds of what was taken: whole, in part, in any order."""

import random

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.ledger import facade as ledger
from regulars.ledger.facade import Balance, Currency, EntryKind, Shortfall
from tests.ledger.posting import (
    ANN,
    NOW,
    after,
    earn,
    kinds,
    lots,
    refund,
    refused,
    reverse,
    spend,
)
from tests.ledger.reading import read_rows

pytestmark = pytest.mark.django_db


# -- reversals (laws 5 and 6) -----------------------------------------------------------------------


def test_a_reversal_takes_its_own_lot_then_others_then_debt() -> None:
    earn(100, "a")
    earn(50, "b", expires_at=after(9))
    spend(120, "s")
    answer = reverse(1, 100, "r")
    assert (answer.from_pending, answer.from_own_lot, answer.from_other_lots) == (0, 30, 0)
    assert (answer.into_debt, answer.waived) == (70, 0)
    assert ledger.get_balance(ANN, NOW) == Balance(debt=70)
    earned = earn(100, "c")
    assert (earned.balance_after, earned.debt_after) == (30, 0)
    repaid = ledger.list_entries(ANN).items[0]
    assert (repaid.kind, repaid.amount, repaid.posting) == (EntryKind.REPAY, 70, earned.seq)


@pytest.mark.parametrize(
    ("shortfall", "parts"),
    [
        (Shortfall.PENDING_ONLY, (0, 0, 0, 0, 0, 80)),
        (Shortfall.BALANCE_ONLY, (0, 20, 0, 10, 0, 50)),
        (Shortfall.DEBT, (0, 20, 0, 10, 50, 0)),
    ],
)
def test_law_5_every_remainder_is_recorded(shortfall: Shortfall, parts: tuple[int, ...]) -> None:
    earn(80, "a")
    spend(60, "s")
    earn(10, "b")
    answer = reverse(1, 80, "r", shortfall=shortfall)
    assert parts == parts_of(answer)
    written = read_rows(
        "SELECT sum(amount)::int FROM ledger_journal WHERE refers_to = 1 AND credit = 'reversed'"
    )
    assert written == [(80,)]
    assert reverse(1, 80, "r", shortfall=shortfall).replayed
    assert ledger.prove().ok


def test_a_pending_credit_is_reversed_where_it_waits() -> None:
    earn(80, "a", activates_at=after(5))
    assert reverse(1, 30, "r", shortfall=Shortfall.PENDING_ONLY).from_pending == 30
    assert ledger.get_balance(ANN, NOW) == Balance(pending=50)
    ledger.activate_due(now=after(5))
    answer = reverse(1, 50, "r2", shortfall=Shortfall.PENDING_ONLY, now=after(5))
    assert (answer.from_pending, answer.waived) == (0, 50)
    assert ledger.get_balance(ANN, NOW) == Balance(active=50)


def test_never_more_than_the_entry_gave() -> None:
    earn(80, "a")
    reverse(1, 30, "r")
    refusal = refused(ledger.ReversalTooLarge, lambda: reverse(1, 51, "r2"))
    assert refusal.extra["left"] == 50
    spend(10, "s")
    refused(ledger.NotReversible, lambda: reverse(3, 1, "r3"))
    refused(ledger.EntryNotFound, lambda: reverse(4, 1, "r3"))
    refused(ledger.EntryNotFound, lambda: reverse(1, 1, "r3", currency=Currency.QUALIFYING_POINTS))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    earned=st.lists(st.integers(1, 40), min_size=1, max_size=4),
    spent=st.integers(0, 100),
    cuts=st.lists(st.integers(1, 40), max_size=6),
    seed=st.integers(0, 999),
)
def test_law_6_partial_reversals_end_equal_in_any_order(earned, spent, cuts, seed) -> None:
    """All of every award is taken back, in pieces and in any order: what is left is the same."""
    outer = transaction.savepoint()
    try:
        for n, amount in enumerate(earned):
            earn(amount, f"e{n}", expires_at=after(3 + n % 2))
        if spent := min(spent, sum(earned)):
            spend(spent, "s")
        pieces = []
        for seq, amount in enumerate(earned, 1):
            left = amount
            for cut in cuts:
                if cut < left:
                    pieces.append((seq, cut))
                    left -= cut
            pieces.append((seq, left))
        ends = []
        for order in (pieces, random.Random(seed).sample(pieces, len(pieces))):
            savepoint = transaction.savepoint()
            for n, (seq, amount) in enumerate(order):
                reverse(seq, amount, f"r{n}")
            ends.append((ledger.get_balance(ANN, NOW), lots()))
            transaction.savepoint_rollback(savepoint)
        assert ends[0] == ends[1] == (Balance(debt=spent), {})
    finally:
        transaction.savepoint_rollback(outer)


def parts_of(answer: ledger.Reversal) -> tuple[int, ...]:
    return (
        *(answer.from_pending, answer.from_own_lot, answer.from_lapsed),
        *(answer.from_other_lots, answer.into_debt, answer.waived),
    )


@pytest.mark.parametrize("swept", [False, True])
def test_what_lapsed_unspent_is_not_taken_a_second_time(swept: bool) -> None:
    earn(100, "a", expires_at=after(3))
    earn(70, "b")
    spend(40, "s")  # of lot 1
    if swept:
        ledger.expire_due(now=after(4))
    answer = reverse(1, 30, "r", now=after(4))
    assert parts_of(answer) == (0, 0, 30, 0, 0, 0)
    assert ledger.get_balance(ANN, after(4)) == Balance(active=70)
    rest = reverse(1, 70, "r2", now=after(5))
    assert parts_of(rest) == (0, 0, 30, 40, 0, 0)  # 30 lapsed, and the 40 that were spent
    assert ledger.get_balance(ANN, after(5)) == Balance(active=30)
    again = reverse(1, 70, "r2", now=after(6))
    assert (again.replayed, parts_of(again)) == (True, parts_of(rest))
    totals = ledger.get_totals(after(5))
    assert (totals.expired, totals.reversed, totals.adds_up) == (0, 100, True)
    assert ledger.prove().problems == ()


def test_what_lapsed_of_a_lot_counts_for_its_own_award_only() -> None:
    earn(100, "a", expires_at=after(3))
    earn(50, "b", expires_at=after(9))
    earn(20, "c")
    spend(100, "s")  # all of lot 1
    assert parts_of(reverse(1, 60, "r", now=after(10))) == (0, 0, 0, 20, 40, 0)
    assert parts_of(reverse(2, 50, "r2", now=after(10))) == (0, 0, 50, 0, 0, 0)


def test_a_cancelled_spend_that_lapsed_at_once_is_not_taken_a_second_time() -> None:
    earn(100, "a", expires_at=after(3))
    earn(100, "b")
    spend(100, "s")
    refund(3, 100, "f", now=after(4))
    assert parts_of(reverse(1, 100, "r", now=after(5))) == (0, 0, 100, 0, 0, 0)
    assert ledger.get_balance(ANN, after(5)) == Balance(active=100)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    earned=st.lists(st.tuples(st.integers(1, 40), st.integers(1, 9)), min_size=1, max_size=4),
    spent=st.integers(0, 100),
    cuts=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 40), st.integers(0, 3)), max_size=8),
)
def test_expiry_and_return_together_take_no_more_than_the_award_gave(earned, spent, cuts) -> None:
    """Whatever lapsed before, between or after: when all awards are back, what was spent is owed, no more."""
    outer = transaction.savepoint()
    try:
        left = {seq: amount for seq, (amount, _) in enumerate(earned, 1)}
        for seq, (amount, days) in enumerate(earned, 1):
            earn(amount, f"e{seq}", expires_at=after(days))
        if spent := min(spent, sum(left.values())):
            spend(spent, "s")
        day = 0
        for n, (pick, cut, wait) in enumerate([*cuts, *((seq - 1, 99, 1) for seq in left)]):
            day += wait
            seq = pick % len(earned) + 1
            if part := min(cut, left[seq]):
                left[seq] -= part
                answer = reverse(seq, part, f"r{n}", now=after(day))
                assert (sum(parts_of(answer)), answer.waived) == (part, 0)
        assert ledger.get_balance(ANN, after(day)) == Balance(debt=spent)
        assert ledger.get_totals(after(day)).adds_up
        assert ledger.prove().problems == ()
    finally:
        transaction.savepoint_rollback(outer)


# -- refunds (laws 2 and 5) -------------------------------------------------------------------------


def test_trap_7_a_refund_after_the_reversal_settles_the_debt_first() -> None:
    earn(100, "a")
    spend(100, "s")
    reverse(1, 100, "r")
    receipt = refund(2, 100, "f")
    assert (receipt.balance_after, receipt.debt_after) == (0, 0)
    assert kinds() == ["earn", "spend", "reverse", "refund", "repay"]
    assert ledger.prove().ok


def test_a_lapsed_lot_lapses_again_or_gets_days_of_grace() -> None:
    earn(10, "a", expires_at=after(1))
    earn(10, "b", expires_at=after(90))
    spend(20, "s")
    savepoint = transaction.savepoint()
    receipt = refund(3, 20, "f", now=after(2))
    assert receipt.balance_after == 10
    assert kinds()[-2:] == ["refund", "expire"]
    transaction.savepoint_rollback(savepoint)
    refund(3, 15, "f1", now=after(2), grace=7)
    refund(3, 5, "f2", now=after(3), grace=7)
    assert [(lot.lot_id, lot.remaining, lot.expires_at) for lot in ledger.list_lots(ANN, after(3))] == [
        (1, 10, after(9)),
        (2, 10, after(90)),
    ]
    assert ledger.prove().ok


def test_a_lot_gets_its_days_of_grace_once() -> None:
    """Spent before each end and given back after it, for twenty rounds: points would never lapse."""
    earn(10, "a", expires_at=after(1))
    alive, day = [], 0.5
    for n in range(20):
        if ledger.get_balance(ANN, after(day)).active < 10:
            break
        spent = spend(10, f"s{n}", now=after(day)).seq
        day += 7
        refund(spent, 10, f"f{n}", now=after(day), grace=7)
        alive.append(ledger.get_balance(ANN, after(day)).active)
        day += 6.5
    assert alive == [10, 0]
    assert kinds() == ["earn", "spend", "refund", "extend", "spend", "refund", "expire"]
    assert ledger.get_totals(after(day)).adds_up
    assert ledger.prove().problems == ()


def test_never_more_than_was_spent() -> None:
    earn(50, "a")
    spend(30, "s")
    refund(2, 20, "f")
    refusal = refused(ledger.RefundTooLarge, lambda: refund(2, 11, "f2"))
    assert refusal.extra["left"] == 10
    refused(ledger.NotRefundable, lambda: refund(1, 1, "f2"))
    refused(ledger.EntryNotFound, lambda: refund(9, 1, "f2"))
    refused(ledger.InvalidPosting, lambda: refund(2, 1, "f2", grace=-1))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    earned=st.lists(st.tuples(st.integers(1, 30), st.integers(1, 8)), min_size=1, max_size=5),
    share=st.integers(1, 100),
    owing=st.integers(0, 60),
    later=st.integers(0, 8),
    grace=st.sampled_from([0, 4]),
    cuts=st.lists(st.integers(1, 30), max_size=5),
)
def test_any_split_of_a_refund_ends_equal_to_the_whole(earned, share, owing, later, grace, cuts) -> None:
    outer = transaction.savepoint()
    try:
        for n, (amount, days) in enumerate(earned):
            earn(amount, f"e{n}", expires_at=after(days))
        total = max(1, sum(amount for amount, _ in earned) * share // 100)
        spent = spend(total, "s").seq
        for seq, (amount, _) in enumerate(earned, 1):
            if owing:
                part = min(amount, owing)
                reverse(seq, part, f"r{seq}")
                owing -= part
        pieces, left = [], total
        for cut in cuts:
            if cut < left:
                pieces.append(cut)
                left -= cut
        ends = []
        for split in ([total], [*pieces, left]):
            savepoint = transaction.savepoint()
            for n, amount in enumerate(split):
                refund(spent, amount, f"f{n}", now=after(later), grace=grace)
            terms = [
                (lot.lot_id, lot.remaining, lot.expires_at) for lot in ledger.list_lots(ANN, after(later))
            ]
            ends.append((ledger.get_balance(ANN, after(later)), terms))
            transaction.savepoint_rollback(savepoint)
        assert ends[0] == ends[1]
    finally:
        transaction.savepoint_rollback(outer)
