"""A programme, and short ways to post at stated instants and to ask finance about them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from regulars.finance import facade as finance
from regulars.finance.facade import Liability, Movements, Period, Step
from regulars.kit.actor import SYSTEM, Actor, ActorKind
from regulars.kit.clock import end_of_day, start_of_day
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Currency, EarnCommand, Shortfall
from regulars.rules import facade as rules

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 6, 15, 16, tzinfo=UTC)
ANN, BEN = MemberId(1), MemberId(2)
ACTOR = Actor(ActorKind.OPERATOR, "7")
PROGRAMME = """
[programme]
name = "Books"
time_zone = "America/New_York"
currency = "EUR"

[[earn]]
id = "base"
name = "Every purchase"
type = "per_amount"
points = 1
per = 1.00

[tiers]
metric = "points"
window = "rolling"
window_months = 12

[[tiers.tier]]
code = "bronze"
name = "Bronze"
threshold = 0

[[tiers.tier]]
code = "gold"
name = "Gold"
threshold = 500
"""


def publish() -> None:
    rules.publish_programme(actor=SYSTEM, now=datetime(2020, 1, 1, tzinfo=UTC), text=PROGRAMME, note="")


def local(text: str) -> datetime:
    """An instant as the programme's clocks show it."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def earn(
    amount: int, key: str, *, now: datetime = NOW, member: MemberId = ANN, **more: Any
) -> ledger.Receipt:
    more = {"currency": Currency.POINTS, "occurred_at": now} | more
    command = EarnCommand(member_id=member, amount=amount, key=key, **more)
    with transaction.atomic():
        return ledger.earn(actor=ACTOR, now=now, command=command)


def spend(amount: int, key: str, *, now: datetime = NOW, member: MemberId = ANN) -> ledger.Receipt:
    with transaction.atomic():
        return ledger.spend(
            actor=ACTOR, now=now, member_id=member, amount=amount, key=key, source="redemption:1"
        )


def live(now: datetime = NOW) -> None:
    """Of everything a bit within two hours: pending, spent, held, reversed into debt, lapsed, adjusted."""
    later = now + timedelta(hours=2)
    earned = earn(500, "a", now=now, expires_at=now + timedelta(days=40))
    earn(30, "b", now=now, expires_at=now + timedelta(hours=1))
    earn(70, "c", now=now, awaits="delivery")
    spent = spend(200, "d", now=now)
    of_ann: dict[str, Any] = {"actor": ACTOR, "member_id": ANN, "source": "redemption:1"}
    with transaction.atomic():
        ledger.refund_spend(**of_ann, now=now, seq=spent.seq, amount=50, key="e", reason="cancelled")
        ledger.hold(**of_ann, now=now, amount=60, key="f", times_out_at=now + timedelta(hours=9))
    ledger.expire_due(now=later)
    with transaction.atomic():
        ledger.reverse_earn(
            **of_ann,
            now=later,
            currency=Currency.POINTS,
            seq=earned.seq,
            amount=400,
            key="g",
            reason="returned",
            shortfall=Shortfall.DEBT,
        )
    ledger.adjust_points(
        actor=ACTOR, now=later, member_id=BEN, amount=25, key="h", reason="=1+1", expires_at=None
    )
    ledger.transfer_points(actor=ACTOR, now=later, from_member_id=BEN, to_member_id=ANN, amount=5, key="i")


def owed_at(as_of: datetime, *, now: datetime | None = None, **more: Any) -> Liability:
    """The liability, after a look that it ties out."""
    owed = finance.get_liability(as_of=as_of, now=now or max(as_of, NOW + timedelta(days=90)), **more)
    assert [one for one in owed.tie_outs if not one.agrees] == []
    return owed


def moved_between(
    first: date, last: date, *, now: datetime | None = None, step: Step | None = None
) -> Movements:
    """Whole days, after a look that they tie out."""
    moved = finance.get_movements(period=days(first, last), now=now or NOW + timedelta(days=90), step=step)
    assert [one for one in moved.tie_outs if not one.agrees] == []
    return moved


def days(first: date, last: date) -> Period:
    return Period(start_of_day(first, ZONE), end_of_day(last, ZONE), ZONE)
