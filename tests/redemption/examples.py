"""A programme, members with points, and rewards that the tests of this room begin from."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from regulars.catalogue.facade import (
    RewardInput,
    RewardKind,
    get_reward,
    import_codes,
    list_pools,
    save_pool,
    save_reward,
)
from regulars.kit.actor import Actor, ActorKind
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.members.facade import MemberInput, save_members
from regulars.redemption.models import Fulfilment, Note, Redemption, RedemptionChange
from regulars.rules.facade import get_programme_at, publish_programme
from regulars.tiers.facade import replay_standings
from regulars.trail.facade import list_audit

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OPERATOR = Actor(ActorKind.OPERATOR, "1")
MUG = RewardInput(code="mug", name="Mug", kind=RewardKind.GOODS, price_points=500)
PROGRAMME = """
[programme]
name = "Test"
time_zone = "Europe/Berlin"
currency = "EUR"
[returns]
lapsed_grace_days = 14
[[earn]]
id = "purchases"
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
threshold = 1000
early_access_hours = 48
"""


def publish() -> None:
    publish_programme(actor=OPERATOR, now=NOW - 400 * DAY, text=PROGRAMME)


def make_member(external_id: str = "m1", points: int = 0, *, gold: bool = False) -> MemberId:
    (outcome,) = save_members(
        actor=OPERATOR, now=NOW - 30 * DAY, batch=[MemberInput(external_id=external_id)]
    )
    assert outcome.member_id is not None
    if points:
        give(outcome.member_id, points, key="start")
    if gold:
        give(outcome.member_id, 1_000, key="rank", currency=ledger.Currency.QUALIFYING_POINTS)
        with transaction.atomic():
            replay_standings(programme=get_programme_at(NOW), member_ids=[outcome.member_id], now=NOW)
    return outcome.member_id


def give(
    member_id: MemberId,
    amount: int,
    *,
    key: str,
    currency: ledger.Currency = ledger.Currency.POINTS,
    expires_at: datetime | None = None,
) -> None:
    earned_at = NOW - 10 * DAY
    command = ledger.EarnCommand(
        member_id, currency, amount, occurred_at=earned_at, key=key, expires_at=expires_at
    )
    with transaction.atomic():
        ledger.earn(actor=OPERATOR, now=earned_at, command=command)


def make_reward(code: str = "mug", **changes: Any) -> None:
    save_reward(actor=OPERATOR, now=NOW - 20 * DAY, reward=replace(MUG, code=code, **changes))


def make_voucher(*codes: str, **changes: Any) -> None:
    save_pool(actor=OPERATOR, now=NOW, code="cinema", name="Cinema")
    import_codes(actor=OPERATOR, now=NOW, pool="cinema", codes=codes)
    make_reward("cinema", kind=RewardKind.VOUCHER, code_pool="cinema", **changes)


def member_of(member_id: MemberId) -> Actor:
    return Actor(ActorKind.MEMBER, str(member_id))


def points_of(member_id: MemberId, now: datetime = NOW) -> tuple[int, int]:
    """Active and held."""
    balance = ledger.get_balance(member_id, now)
    return balance.active, balance.held


def everything() -> tuple[Any, ...]:
    """All that redeeming could have changed: equal before and after where nothing happened."""
    rewards = [get_reward(code) for code in ("mug", "cinema") if _exists(code)]
    wallets = [
        (row["member_id"], ledger.get_balance(row["member_id"], NOW))
        for row in Redemption.member.field.related_model.objects.order_by("id").values("id")
        if row.setdefault("member_id", row["id"])
    ]
    return (
        list(Redemption.objects.order_by("id").values()),
        RedemptionChange.objects.count(),
        Fulfilment.objects.count(),
        Note.objects.count(),
        [(reward.taken, reward.kept_taken) for reward in rewards],
        list_pools(),
        wallets,
        [
            entry
            for member, _ in wallets
            for entry in ledger.list_entries(member, ledger.Currency.POINTS).items
        ],
        len(list_audit(size=100).items),
    )


def _exists(code: str) -> bool:
    reward = Redemption.reward.field.related_model
    return bool(reward.objects.filter(code=code).exists())
