"""Adjustments, transfers, sliding expiry; keys, reasons and a history that nobody changes."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from regulars.kit.actor import SYSTEM
from regulars.kit.ids import JournalSeq, MemberId, ProgrammeVersion
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Account, Balance, Currency, EarnCommand, Shortfall
from regulars.trail.facade import list_audit
from tests.ledger.posting import (
    ACTOR,
    ANN,
    BEN,
    NOW,
    after,
    earn,
    hold,
    lots,
    refund,
    refused,
    reverse,
    spend,
)
from tests.ledger.reading import read_everything, read_rows, run

pytestmark = pytest.mark.django_db


# -- adjusting, moving, extending -------------------------------------------------------------------


def test_an_adjustment_needs_a_reason_and_leaves_a_trail() -> None:
    def adjust(amount: int, reason: str, key: str, **more: Any) -> ledger.Receipt:
        return ledger.adjust_points(
            actor=ACTOR, now=NOW, member_id=ANN, amount=amount, reason=reason, key=key, **more
        )

    refused(ledger.InvalidPosting, lambda: adjust(5, " ", "a"))
    refused(ledger.InvalidPosting, lambda: adjust(0, "why", "a"))
    refused(ledger.InvalidPosting, lambda: adjust(-5, "why", "a", expires_at=after(1)))
    refused(ledger.InvalidPosting, lambda: adjust(5, "why", "a", expires_at=after(-1)))
    refused(ledger.InvalidPosting, lambda: adjust(5, "why", "a", expires_at=NOW))
    refused(ledger.InsufficientPoints, lambda: adjust(-5, "why", "a"))
    assert list_audit().items == ()
    assert adjust(30, "goodwill", "a", expires_at=after(9)).balance_after == 30
    assert adjust(-12, "mistake", "b").balance_after == 18
    assert adjust(-12, "mistake", "b").replayed
    assert [entry.reason for entry in ledger.list_entries(ANN).items] == ["mistake", "goodwill"]
    assert [record.action for record in list_audit().items] == ["points.adjusted"] * 2
    reverse(1, 18, "r")
    assert ledger.get_totals(NOW).adjusted == 18


def test_a_transfer_keeps_each_lots_expiry_and_repays_the_takers_debt() -> None:
    earn(10, "a", expires_at=after(3))
    earn(10, "b", expires_at=after(7))
    earn(10, "c")
    earn(4, "d", member=BEN)
    spend(4, "e", member=BEN)
    ledger.reverse_earn(
        actor=ACTOR,
        now=NOW,
        member_id=BEN,
        currency=Currency.POINTS,
        seq=JournalSeq(1),
        amount=4,
        key="f",
        source="return",
        reason="returned",
        shortfall=Shortfall.DEBT,
    )

    def move(amount: int, key: str, taker: MemberId = BEN) -> ledger.Receipt:
        return ledger.transfer_points(
            actor=ACTOR, now=NOW, from_member_id=ANN, to_member_id=taker, amount=amount, key=key
        )

    refused(ledger.InvalidPosting, lambda: move(5, "t", ANN))
    refused(ledger.InsufficientPoints, lambda: move(31, "t"))
    refused(ledger.InsufficientPoints, lambda: move(31, "t", MemberId(3)))
    assert move(25, "t").balance_after == 5
    assert move(25, "t").replayed
    assert [(lot.remaining, lot.expires_at) for lot in ledger.list_lots(BEN, NOW)] == [
        (6, after(3)),
        (10, after(7)),
        (5, None),
    ]
    assert ledger.get_balance(BEN, NOW) == Balance(active=21)
    assert ledger.prove().ok
    assert ledger.get_totals(NOW).adds_up


def refused_nothing(step: Any) -> bool:
    """Whether a step answered None and changed nothing."""
    before = read_everything()
    return step() is None and read_everything() == before


def test_activity_carries_sliding_lots_forward() -> None:
    def extend(until: datetime, key: str, now: datetime = NOW) -> ledger.Receipt | None:
        return ledger.extend_sliding(
            actor=ACTOR,
            now=now,
            member_id=ANN,
            currency=Currency.POINTS,
            until=until,
            key=key,
            source="order:1",
        )

    assert extend(after(9), "nobody") is None
    earn(10, "a", sliding=True, expires_at=after(2))
    earn(10, "b", expires_at=after(2))
    earn(10, "c", sliding=True, expires_at=after(3), activates_at=after(2))
    spend(4, "s")
    assert refused_nothing(lambda: extend(after(2), "no later"))
    moved = extend(after(8), "x", now=after(1))
    assert moved is not None and moved.amount == 16
    assert extend(after(8), "x", now=after(1)) == ledger.Receipt(
        ANN, Currency.POINTS, moved.seq, 16, moved.balance_after, 0, True
    )
    assert refused_nothing(lambda: extend(after(7), "y", now=after(1)))
    ledger.activate_due(now=after(2))
    assert {lot.lot_id: lot.expires_at for lot in ledger.list_lots(ANN, after(2))} == {
        1: after(8),
        3: after(8),
    }
    refund(4, 4, "f", now=after(6))
    assert lots(after(6)) == {1: 10, 3: 10}
    assert ledger.prove().ok


# -- keys, reasons, history (laws 7, 9, 10, 11) -----------------------------------------------------


def test_law_7_the_same_key_and_input_in_another_zone_is_the_same() -> None:
    earn(10, "a", occurred_at=NOW)
    zone = NOW.astimezone(ZoneInfo("Asia/Shanghai"))
    assert earn(10, "a", occurred_at=zone).replayed
    refused(ledger.IdempotencyConflict, lambda: earn(11, "a"))
    refused(ledger.IdempotencyConflict, lambda: earn(10, "a", rule="other"))
    refused(ledger.IdempotencyConflict, lambda: spend(10, "a"))
    assert not earn(10, "a", member=BEN).replayed, "a key belongs to one wallet"
    assert not earn(10, "a", currency=Currency.QUALIFYING_POINTS).replayed


def test_law_7_a_spend_is_told_again_when_the_points_are_gone() -> None:
    earn(10, "a")
    first = spend(10, "s")
    again = spend(10, "s")
    assert again.replayed and (again.seq, again.balance_after) == (first.seq, 0)
    assert ledger.get_balance(ANN, NOW) == Balance()


def test_law_9_every_entry_says_why() -> None:
    earn(
        10,
        "order:1:points",
        programme_version=ProgrammeVersion(4),
        rule="bread",
        source="order:1",
        occurred_at=after(-3),
        expires_at=after(2),
    )
    reverse(1, 4, "r")
    earned, reversed_ = reversed(ledger.list_entries(ANN).items)
    assert (earned.programme_version, earned.rule, earned.source, earned.actor) == (
        4,
        "bread",
        "order:1",
        str(ACTOR),
    )
    assert (earned.occurred_at, earned.recorded_at) == (after(-3), NOW)
    assert (earned.debit, earned.credit) == (Account.ISSUED, Account.ACTIVE)
    assert (reversed_.programme_version, reversed_.rule, reversed_.source) == (4, "bread", "return:1")
    assert (reversed_.reason, reversed_.refers_to) == ("returned", 1)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_journal SET amount = 1",
        "UPDATE ledger_journal SET amount = 1 WHERE false",
        "DELETE FROM ledger_journal",
        "TRUNCATE ledger_journal",
    ],
)
def test_law_10_history_cannot_be_changed(change: str) -> None:
    earn(10, "a")
    before = read_everything()
    with pytest.raises((IntegrityError, InternalError), match="append-only"), transaction.atomic():
        run(change)
    assert read_everything() == before


@pytest.mark.parametrize("column", ["balance", "pending", "held", "debt"])
def test_the_database_itself_keeps_wallets_above_zero(column: str) -> None:
    earn(10, "a")
    with pytest.raises(IntegrityError), transaction.atomic():
        run(f"UPDATE ledger_wallet SET {column} = -1")


def test_law_11_qualifying_and_spendable_points_are_different_wallets() -> None:
    earn(10, "a", currency=Currency.QUALIFYING_POINTS)
    refused(ledger.InsufficientPoints, lambda: spend(1, "s"))
    earn(10, "a")
    spend(10, "s")
    assert ledger.get_balance(ANN, NOW, Currency.QUALIFYING_POINTS) == Balance(active=10)


# -- where and how it runs --------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_steps_refuse_to_run_outside_a_transaction() -> None:
    command = EarnCommand(ANN, Currency.POINTS, 1, NOW, "k")
    common: dict[str, Any] = {"actor": ACTOR, "now": NOW, "member_id": ANN, "key": "k", "source": "r"}
    for step in (
        lambda: ledger.earn(actor=ACTOR, now=NOW, command=command),
        lambda: ledger.earn_batch(actor=ACTOR, now=NOW, commands=[command]),
        lambda: ledger.spend(**common, amount=1),
        lambda: ledger.hold(**common, amount=1, times_out_at=NOW),
        lambda: ledger.capture(**common, hold_seq=JournalSeq(1)),
        lambda: ledger.release(**common, hold_seq=JournalSeq(1)),
        lambda: ledger.refund_spend(**common, seq=JournalSeq(1), amount=1, reason=""),
        lambda: ledger.lock_wallets([ANN], Currency.POINTS),
    ):
        with pytest.raises(RuntimeError, match="transaction"):
            step()
    assert read_rows("SELECT count(*) FROM ledger_wallet") == [(0,)]


def test_a_posting_is_one_round_trip(django_assert_num_queries: Any) -> None:
    earn(100, "a")
    with django_assert_num_queries(1):
        earn(10, "b")
    with django_assert_num_queries(1):
        spend(10, "c")
    with django_assert_num_queries(1):
        hold(10, "d", until=after(1))
    with django_assert_num_queries(1):
        reverse(1, 10, "e")
    with django_assert_num_queries(1):
        refund(3, 5, "f")


def test_a_refusal_by_the_database_is_djangos_error() -> None:
    """Calls that bypass Django's cursor still speak Django's exceptions, and leave the block usable."""
    earn(10, "a")
    with pytest.raises(Exception) as caught, transaction.atomic():
        run("UPDATE ledger_wallet SET balance = 0")
        run("DELETE FROM ledger_open_lot")
        run("UPDATE ledger_wallet SET balance = 10")
        spend(5, "s")
    assert type(caught.value).__module__ == "django.db.utils"
    assert "without lots" in str(caught.value)
    assert connection.is_usable()
    assert ledger.prove().ok


def test_what_jobs_do_is_signed_by_the_system() -> None:
    earn(10, "a", expires_at=after(1))
    ledger.expire_due(now=after(1))
    assert ledger.list_entries(ANN).items[0].actor == str(SYSTEM)
