"""Short ways to post and to look, for the examples."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from regulars.kit.actor import Actor, ActorKind
from regulars.kit.errors import Refusal
from regulars.kit.ids import JournalSeq, MemberId
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Currency, EarnCommand, Shortfall
from tests.ledger.reading import read_everything, read_rows

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ANN, BEN = MemberId(1), MemberId(2)
ACTOR = Actor(ActorKind.OPERATOR, "7")


def after(days: float) -> datetime:
    return NOW + timedelta(days=days)


def earn(
    amount: int, key: str, *, now: datetime = NOW, member: MemberId = ANN, **more: Any
) -> ledger.Receipt:
    more = {"currency": Currency.POINTS, "occurred_at": now} | more
    command = EarnCommand(member_id=member, amount=amount, key=key, **more)
    return ledger.earn(actor=ACTOR, now=now, command=command)


def spend(
    amount: int, key: str, *, now: datetime = NOW, member: MemberId = ANN, **more: Any
) -> ledger.Receipt:
    more = {"source": "redemption:1"} | more
    return ledger.spend(actor=ACTOR, now=now, member_id=member, amount=amount, key=key, **more)


def hold(amount: int, key: str, *, now: datetime = NOW, until: datetime) -> ledger.Receipt:
    return ledger.hold(
        actor=ACTOR, now=now, member_id=ANN, amount=amount, key=key, source="r", times_out_at=until
    )


def reverse(
    seq: int,
    amount: int,
    key: str,
    *,
    shortfall: Shortfall = Shortfall.DEBT,
    now: datetime = NOW,
    currency: Currency = Currency.POINTS,
) -> ledger.Reversal:
    return ledger.reverse_earn(
        actor=ACTOR,
        now=now,
        member_id=ANN,
        currency=currency,
        seq=JournalSeq(seq),
        amount=amount,
        key=key,
        source="return:1",
        reason="returned",
        shortfall=shortfall,
    )


def refund(seq: int, amount: int, key: str, *, now: datetime = NOW, grace: int = 0) -> ledger.Receipt:
    return ledger.refund_spend(
        actor=ACTOR,
        now=now,
        member_id=ANN,
        seq=JournalSeq(seq),
        amount=amount,
        key=key,
        source="r",
        reason="cancelled",
        lapsed_grace_days=grace,
    )


def lots(now: datetime = NOW, member: MemberId = ANN) -> dict[int, int]:
    return {lot.lot_id: lot.remaining for lot in ledger.list_lots(member, now)}


def kinds(member: MemberId = ANN) -> list[str]:
    return [
        kind
        for (kind,) in read_rows("SELECT kind FROM ledger_journal WHERE member_id = %s ORDER BY seq", member)
    ]


def refused(kind: type[Refusal], step: Any) -> Any:
    """The refusal, after seeing that it changed nothing and left the transaction usable."""
    before = read_everything()
    with pytest.raises(kind) as caught:
        step()
    assert read_everything() == before
    return caught.value
