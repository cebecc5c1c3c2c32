"""No way round an expiry: not by passing points on, not by spending them and having them back."""

import pytest

from regulars.kit.ids import JournalSeq, MemberId
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Currency
from tests.ledger.posting import ACTOR, ANN, BEN, NOW, after, earn, lots, refund, spend

pytestmark = pytest.mark.django_db
BOTH = (ANN, BEN)


def transfer(giver: MemberId, amount: int, key: str, day: float) -> None:
    taker = BEN if giver == ANN else ANN
    ledger.transfer_points(
        actor=ACTOR, now=after(day), from_member_id=giver, to_member_id=taker, amount=amount, key=key
    )


def extend(member: MemberId, until: float, key: str) -> None:
    ledger.extend_sliding(
        actor=ACTOR, now=NOW, member_id=member, currency=Currency.POINTS, until=after(until), key=key
    )


def cancel(member: MemberId, seq: int, amount: int, key: str, day: float) -> None:
    ledger.refund_spend(
        actor=ACTOR,
        now=after(day),
        member_id=member,
        seq=JournalSeq(seq),
        amount=amount,
        key=key,
        source="r",
        reason="cancelled",
        lapsed_grace_days=7,
    )


def expiries(member: MemberId, day: float) -> list[object]:
    return [lot.expires_at for lot in ledger.list_lots(member, after(day))]


def test_a_transferred_lot_keeps_its_expiry_and_slides_no_more() -> None:
    earn(5, "other", member=BEN, sliding=True, expires_at=after(1))
    extend(BEN, 50, "x")
    earn(10, "a", sliding=True, expires_at=after(9))
    transfer(ANN, 10, "t", 0)
    assert expiries(BEN, 0) == [after(9), after(50)]
    extend(BEN, 70, "x2")
    assert expiries(BEN, 0) == [after(9), after(70)]
    assert ledger.prove().problems == ()


def test_points_get_days_of_grace_once_however_often_they_are_passed_on() -> None:
    """Two members who spend before each end, cancel after it, and pass the points to and fro."""
    earn(10, "a", expires_at=after(1))
    holder, day, rounds = ANN, 0.5, 0
    while ledger.get_balance(holder, after(day)).active == 10:
        seq = spend(10, f"s{rounds}", member=holder, now=after(day)).seq
        day += 7
        cancel(holder, seq, 10, f"f{rounds}", day)
        if ledger.get_balance(holder, after(day)).active:
            transfer(holder, 10, f"t{rounds}", day)
            holder = BEN if holder == ANN else ANN
        day += 6.5
        rounds += 1
        assert rounds < 5, "points that never lapse"
    assert rounds == 2  # the grace that they had coming, and no more
    assert [ledger.get_balance(member, after(day)).active for member in BOTH] == [0, 0]
    assert ledger.prove().problems == ()


def test_a_part_passed_on_before_the_end_has_its_own_grace_once() -> None:
    earn(10, "a", expires_at=after(1))
    transfer(ANN, 4, "t", 0)
    kept, passed = spend(6, "s").seq, spend(4, "s", member=BEN).seq
    refund(kept, 6, "f", now=after(2), grace=7)
    cancel(BEN, passed, 4, "f", 2)
    assert expiries(ANN, 2) == expiries(BEN, 2) == [after(9)]
    transfer(BEN, 4, "back", 3)
    assert lots(after(3)) and expiries(ANN, 3) == [after(9), after(9)]
    again = spend(10, "again", now=after(4)).seq
    refund(again, 10, "f2", now=after(10), grace=7)
    assert ledger.get_balance(ANN, after(10)).active == 0
    assert ledger.prove().problems == ()
