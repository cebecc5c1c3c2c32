"""An award returned while its points were spent, and the spend cancelled: nothing costs or comes twice."""

import random

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.ledger import facade as ledger
from regulars.ledger.facade import Balance
from tests.ledger.posting import ANN, NOW, after, earn, hold, kinds, lots, refund, reverse, spend

pytestmark = pytest.mark.django_db


def test_a_lot_that_lapsed_while_others_stood_in_for_it_costs_nothing_twice() -> None:
    earn(100, "a", expires_at=after(3))
    earn(100, "b", expires_at=after(90))
    spend(100, "s")  # lot 1
    assert reverse(1, 100, "r", now=after(2)).from_other_lots == 100  # lot 2 stands in
    receipt = refund(3, 100, "f", now=after(5))
    assert (receipt.balance_after, receipt.debt_after) == (100, 0)
    assert lots(after(5)) == {2: 100}
    assert kinds() == ["earn", "earn", "spend", "reverse", "refund", "restore"]
    assert ledger.prove().problems == ()


def test_what_repaid_the_debt_of_a_return_stood_in_as_well() -> None:
    earn(100, "a", expires_at=after(3))
    spend(100, "s")
    reverse(1, 100, "r")
    earn(60, "b")
    earn(70, "c")  # 40 of it against the rest of the debt
    assert lots() == {6: 30}
    refund(2, 100, "f", now=after(5))
    assert lots(after(5)) == {4: 60, 6: 70}
    assert ledger.prove().problems == ()


def test_what_stood_in_for_a_stand_in_gets_its_points_back() -> None:
    """Lot 2 stands in for lot 1, lot 3 for lot 2: what comes back to lot 1 is lot 3's."""
    earn(50, "a", expires_at=after(1))
    earn(50, "b", expires_at=after(2))
    spend(50, "s")
    reverse(1, 50, "r")
    earn(50, "c")
    reverse(2, 50, "r2")
    refund(3, 50, "f", now=after(9))
    assert lots(after(9)) == {5: 50}
    assert kinds()[-3:] == ["refund", "restore", "restore"]
    assert ledger.prove().problems == ()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    earned=st.lists(st.tuples(st.integers(1, 30), st.integers(1, 12)), min_size=1, max_size=5),
    spends=st.lists(st.integers(1, 60), max_size=3),
    later=st.lists(st.tuples(st.integers(1, 30), st.integers(9, 30)), max_size=2),
    kept=st.sets(st.integers(0, 6)),
    seed=st.integers(0, 999),
)
def test_whatever_was_spent_returned_and_cancelled_the_rest_is_as_it_was(
    earned, spends, later, kept, seed
) -> None:
    """All spends are cancelled and some awards returned, in any order while time passes: every other award
    that has not lapsed is there in full, nothing is owed, and nothing is there twice."""
    outer = transaction.savepoint()
    try:
        terms = {earn(n, f"e{i}", expires_at=after(d)).seq: (n, d) for i, (n, d) in enumerate(earned)}
        spent = []
        for i, share in enumerate(spends):
            if amount := ledger.get_balance(ANN, NOW).active * share // 100:
                spent.append((spend(amount, f"s{i}").seq, amount))
        steps = [("refund", *one) for one in spent]
        steps += [("reverse", seq, n) for i, (seq, (n, _)) in enumerate(terms.items()) if i not in kept]
        steps += [("earn", n, d) for n, d in later]
        gone = {seq for kind, seq, _ in steps if kind == "reverse"}
        day = 0.0
        for i, (kind, one, other) in enumerate(random.Random(seed).sample(steps, len(steps))):
            day += 1.5
            if kind == "refund":
                refund(one, other, f"f{i}", now=after(day))
            elif kind == "reverse":
                reverse(one, other, f"r{i}", now=after(day))
            else:
                terms[earn(one, f"l{i}", now=after(day), expires_at=after(other)).seq] = (one, other)
        expected = {seq: n for seq, (n, d) in terms.items() if d > day and seq not in gone}
        assert lots(after(day)) == expected
        assert ledger.get_balance(ANN, after(day)) == Balance(active=sum(expected.values()))
        assert ledger.prove().problems == ()
    finally:
        transaction.savepoint_rollback(outer)


def test_a_released_hold_gives_back_to_what_stood_in() -> None:
    earn(100, "a", expires_at=after(3))
    earn(100, "b", expires_at=after(90))
    hold(100, "h", until=after(4))
    reverse(1, 100, "r")
    ledger.release_timed_out_holds(now=after(5))
    assert lots(after(5)) == {2: 100}
    assert ledger.prove().problems == ()


def test_a_stand_in_that_has_lapsed_gets_the_days_of_grace_that_the_lot_would_have() -> None:
    earn(100, "a", expires_at=after(90))
    earn(100, "b", expires_at=after(91))
    spend(100, "s")
    reverse(1, 100, "r")
    refund(3, 40, "f", now=after(92), grace=7)
    refund(3, 60, "f2", now=after(100), grace=7)
    assert lots(after(98)) == {}
    assert kinds()[4:] == ["refund", "restore", "extend", "expire", "refund", "restore", "expire"]
    assert ledger.prove().problems == ()


def test_a_credit_that_has_lapsed_when_it_arrives_repays_debt_and_lapses_with_the_rest() -> None:
    """The event came late, not the member: what is owed is paid from it as though it had come in time."""
    earn(100, "a")
    spend(100, "s")
    reverse(1, 30, "r")
    late = earn(50, "b", now=after(9), occurred_at=NOW, expires_at=after(1))
    assert late.debt_after == 0
    assert ledger.get_balance(ANN, after(9)) == Balance()
    ledger.expire_due(now=after(9))
    assert kinds()[-3:] == ["earn", "repay", "expire"]
    assert ledger.prove().problems == ()
