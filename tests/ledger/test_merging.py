"""Two members' wallets made one, and parted again: nothing is lost, nothing is there twice."""

import pytest
from django.db import transaction

from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Balance, Currency, Moved, Shortfall
from tests.ledger.posting import (
    ACTOR,
    ANN,
    BEN,
    NOW,
    after,
    earn,
    hold,
    kinds,
    lots,
    refund,
    refused,
    reverse,
    spend,
)
from tests.ledger.reading import read_rows

pytestmark = pytest.mark.django_db
EMPTY = Balance()


def merge(member: MemberId = ANN, into: MemberId = BEN, day: float = 0, number: int = 7) -> dict[str, Moved]:
    moved = ledger.merge_wallets(
        actor=ACTOR,
        now=after(day),
        member_id=member,
        into_member_id=into,
        merge_id=number,
        reason="one person",
    )
    return {one.currency.value: one for one in moved}


def undo(member: MemberId = ANN, day: float = 0) -> dict[str, Moved]:
    moved = ledger.unmerge_wallets(actor=ACTOR, now=after(day), member_id=member, reason="two after all")
    return {one.currency.value: one for one in moved}


def balance(member: MemberId, day: float = 0) -> Balance:
    return ledger.get_balance(member, after(day))


def terms(member: MemberId, day: float = 0) -> list[tuple[object, ...]]:
    return [
        (lot.remaining, lot.state, lot.opened_at, lot.expires_at, lot.sliding, lot.activates_at, lot.awaits)
        for currency in Currency
        for lot in ledger.list_lots(member, after(day), currency)
    ]


def proved() -> None:
    assert ledger.prove().problems == ()
    for currency in Currency:
        totals = ledger.get_totals(after(0), currency)
        assert totals.adds_up


def test_a_merge_carries_lots_with_their_terms_pending_points_and_every_currency() -> None:
    earn(10, "a", expires_at=after(9), occurred_at=after(-3))
    earn(20, "b", sliding=True, expires_at=after(20))
    earn(30, "c", activates_at=after(5), expires_at=after(90))
    earn(40, "d", awaits="delivery")
    earn(50, "q", currency=Currency.QUALIFYING_POINTS)
    earn(5, "own", member=BEN, expires_at=after(15))
    before = terms(ANN)
    moved = merge()
    assert moved["points"] == Moved(Currency.POINTS, 30, 70, 0, 0)
    assert moved["qualifying_points"].active == 50
    assert balance(ANN) == EMPTY
    assert balance(BEN) == Balance(active=35, pending=70)
    assert sorted(map(str, terms(BEN))) == sorted(map(str, [*before, *terms_of_five()]))
    proved()


def terms_of_five() -> list[tuple[object, ...]]:
    return [row for row in terms(BEN) if row[0] == 5]


def test_undoing_gives_everything_back_where_nothing_happened_between() -> None:
    earn(10, "a", expires_at=after(9), occurred_at=after(-3))
    earn(20, "b", sliding=True, expires_at=after(20))
    earn(30, "c", activates_at=after(5), expires_at=after(90))
    earn(40, "d", awaits="delivery")
    earn(60, "own", member=BEN, expires_at=after(15))
    before = (terms(ANN), terms(BEN), balance(ANN), balance(BEN), lots(), lots(member=BEN))
    merge()
    moved = undo()
    assert moved["points"] == Moved(Currency.POINTS, 30, 70, 0, 0)
    assert (terms(ANN), terms(BEN), balance(ANN), balance(BEN), lots(), lots(member=BEN)) == before
    merge()
    undo()
    assert (terms(ANN), terms(BEN), balance(ANN), balance(BEN), lots(), lots(member=BEN)) == before
    proved()


@pytest.mark.parametrize("debtor", [ANN, BEN])
def test_a_debt_meets_the_others_balance_and_undoing_parts_them_again(debtor: MemberId) -> None:
    other = BEN if debtor == ANN else ANN
    earn(100, "a", member=debtor)
    spend(100, "s", member=debtor)
    ledger.reverse_earn(
        actor=ACTOR, now=NOW, member_id=debtor, currency=Currency.POINTS, seq=1, amount=40, key="r",
        source="x", reason="", shortfall=Shortfall.DEBT,
    )  # fmt: skip
    earn(70, "b", member=other, expires_at=after(50))
    before = (terms(ANN), terms(BEN), balance(ANN), balance(BEN))
    merge()
    assert (balance(ANN), balance(BEN)) == (EMPTY, Balance(active=30))
    undo()
    assert (terms(ANN), terms(BEN), balance(ANN), balance(BEN)) == before
    proved()


def test_what_was_spent_meanwhile_stays_and_is_told() -> None:
    earn(100, "a", expires_at=after(9))
    earn(50, "b", member=BEN)
    merge()
    spend(30, "s", member=BEN)  # earliest expiry: of what came
    moved = undo(day=1)
    assert moved["points"] == Moved(Currency.POINTS, 70, 0, 0, 30)
    assert (balance(ANN, 1), balance(BEN, 1)) == (Balance(active=70), Balance(active=50))
    proved()


def test_a_return_takes_the_lots_that_came_of_its_award() -> None:
    earn(100, "a", expires_at=after(9))
    earn(50, "b", expires_at=after(1), member=BEN)
    spend(20, "s")
    merge()
    answer = reverse(1, 30, "r")
    assert (answer.from_own_lot, answer.from_other_lots, answer.into_debt) == (30, 0, 0)
    assert (balance(ANN), balance(BEN)) == (EMPTY, Balance(active=100))
    assert reverse(1, 30, "r").replayed
    rest = reverse(1, 70, "r2")
    assert (rest.from_own_lot, rest.from_other_lots, rest.into_debt) == (50, 20, 0)
    assert (balance(ANN), balance(BEN)) == (EMPTY, Balance(active=30))
    refused(ledger.ReversalTooLarge, lambda: reverse(1, 1, "r3"))
    proved()


def test_a_return_of_what_has_lapsed_with_the_survivor_takes_nothing_else() -> None:
    earn(100, "a", expires_at=after(3))
    earn(50, "b", member=BEN)
    merge()
    answer = reverse(1, 100, "r", now=after(5))
    assert (answer.from_lapsed, answer.from_other_lots) == (100, 0)
    assert balance(BEN, 5) == Balance(active=50)
    proved()


@pytest.mark.parametrize(
    ("shortfall", "left"),
    [(Shortfall.PENDING_ONLY, (30, 0)), (Shortfall.BALANCE_ONLY, (0, 0)), (Shortfall.DEBT, (0, 70))],
)
def test_the_shortfall_policy_looks_at_the_survivor(shortfall: Shortfall, left: tuple[int, int]) -> None:
    earn(100, "a")
    spend(100, "s")
    merge()
    earn(30, "b", member=BEN)
    reverse(1, 100, "r", shortfall=shortfall)
    assert balance(ANN) == EMPTY
    assert (balance(BEN).active, balance(BEN).debt) == left
    proved()


def test_a_pending_credit_is_reversed_where_it_waits_now() -> None:
    earn(100, "a", activates_at=after(5))
    merge()
    answer = reverse(1, 40, "r", shortfall=Shortfall.PENDING_ONLY)
    assert answer.from_pending == 40
    assert (balance(ANN), balance(BEN)) == (EMPTY, Balance(pending=60))
    ledger.activate_due(now=after(5))
    assert balance(BEN, 5) == Balance(active=60)
    undo(day=6)
    assert (balance(ANN, 6), balance(BEN, 6)) == (Balance(active=60), EMPTY)
    assert [(lot.lot_id, lot.opened_at) for lot in ledger.list_lots(ANN, after(6))] == [(1, after(5))]
    proved()


def test_a_cancelled_spend_of_the_merged_member_reaches_the_survivor() -> None:
    earn(100, "a", expires_at=after(9))
    spend(60, "s")
    merge()
    refund(2, 60, "f")
    assert balance(ANN) == EMPTY
    assert [(lot.remaining, lot.expires_at) for lot in ledger.list_lots(BEN, NOW)] == [
        (40, after(9)),
        (60, after(9)),
    ]
    undo()
    assert (lots(), balance(BEN)) == ({1: 100}, EMPTY)
    proved()


def test_a_spend_cancelled_after_its_award_went_back_costs_the_survivor_nothing_twice() -> None:
    earn(100, "a", expires_at=after(3))
    spend(100, "s")
    earn(100, "b", member=BEN, expires_at=after(90))
    merge()
    assert reverse(1, 100, "r").from_other_lots == 100
    assert balance(BEN) == EMPTY
    refund(2, 100, "f", now=after(5))
    assert [(lot.remaining, lot.expires_at) for lot in ledger.list_lots(BEN, after(5))] == [(100, after(90))]
    undo(day=5)
    assert (balance(ANN, 5), balance(BEN, 5)) == (EMPTY, Balance(active=100))
    proved()


def test_grace_and_activity_go_with_the_lots() -> None:
    earn(10, "a", expires_at=after(1))
    spend(10, "s")
    refund(2, 10, "f", now=after(2), grace=7)
    earn(20, "b", sliding=True, expires_at=after(8))
    merge(day=3)
    spent = spend(10, "s2", member=BEN, now=after(3)).seq
    ledger.extend_sliding(
        actor=ACTOR, now=after(3), member_id=BEN, currency=Currency.POINTS, until=after(40), key="x"
    )
    undo_at = 4
    ledger.refund_spend(
        actor=ACTOR, now=after(undo_at), member_id=BEN, seq=spent, amount=10, key="f2", source="r",
        reason="", lapsed_grace_days=7,
    )  # fmt: skip
    undo(day=undo_at)
    assert [(lot.remaining, lot.expires_at) for lot in ledger.list_lots(ANN, after(undo_at))] == [
        (10, after(9)),
        (20, after(40)),
    ]
    again = spend(10, "s3", now=after(5)).seq
    refund(again, 10, "f3", now=after(10), grace=7)
    assert lots(after(10)) == {5: 20}
    proved()


def test_held_points_and_members_merged_already_are_refused() -> None:
    earn(100, "a")
    hold(10, "h", until=after(1))
    refused(ledger.HeldPoints, merge)
    ledger.release_timed_out_holds(now=after(2))
    cyd = MemberId(3)
    merge(day=2)
    refused(ledger.WalletsMerged, lambda: merge(ANN, cyd, day=2, number=8))
    refused(ledger.WalletsMerged, lambda: merge(BEN, cyd, day=2, number=8))
    refused(ledger.WalletsMerged, lambda: merge(cyd, ANN, day=2, number=8))
    merge(cyd, BEN, day=2, number=8)
    sid = transaction.savepoint()
    with pytest.raises(ledger.WalletsMerged):
        undo(BEN)
    transaction.savepoint_rollback(sid)


def test_what_was_under_way_is_carried_over_by_the_job() -> None:
    earn(100, "a", expires_at=after(9))
    merge()
    earn(20, "late", expires_at=after(8))
    sweep = ledger.carry_strays(now=NOW)
    assert (sweep.wallets, sweep.points, sweep.more) == (1, 20, False)
    assert (balance(ANN), balance(BEN)) == (EMPTY, Balance(active=120))
    assert ledger.carry_strays(now=NOW).wallets == 0
    undo()
    assert (balance(ANN), balance(BEN)) == (Balance(active=120), EMPTY)
    proved()


def test_what_qualifies_counts_for_the_survivor_and_goes_back_with_the_merge() -> None:
    points = Currency.QUALIFYING_POINTS
    earn(50, "q", currency=points)
    earn(8, "p", currency=points, activates_at=after(5))
    earn(7, "own", currency=points, member=BEN)
    merge()
    read = lambda: ledger.list_qualified([ANN, BEN], points, after(-1))  # noqa: E731
    assert read() == {ANN: [], BEN: [(NOW, 50), (NOW, 7)]}
    reverse(1, 20, "r", currency=points)
    assert read()[BEN] == [(NOW, 30), (NOW, 7)]
    ledger.activate_due(now=after(5))
    assert sorted(read()[BEN]) == [(NOW, 7), (NOW, 8), (NOW, 30)]
    undo()
    assert read() == {ANN: [(NOW, 30), (NOW, 8)], BEN: [(NOW, 7)]}
    proved()


def test_every_movement_between_two_members_stands_in_both_journals() -> None:
    earn(100, "a")
    spend(30, "s")
    merge()
    reverse(1, 90, "r")
    undo()
    rows = read_rows(
        "SELECT sum(CASE 'transferred' WHEN debit THEN amount WHEN credit THEN -amount ELSE 0 END)::int"
        " FROM ledger_journal"
    )
    assert rows == [(0,)]
    assert kinds()[-1] == "merge_out" or balance(ANN).debt >= 0
    proved()
