"""Members and qualifying postings for tests, through the rooms' own doors."""

from collections.abc import Sequence
from datetime import datetime
from itertools import count

from django.db import transaction

from regulars.kit.actor import SYSTEM
from regulars.kit.ids import JournalSeq, MemberId
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.rules.facade import Programme
from regulars.tiers import facade as tiers
from regulars.tiers.policies import Scale

_numbers = count(1)
CURRENCY = ledger.Currency.QUALIFYING_POINTS


def programme_of(scale: Scale) -> Programme:
    return Programme(name="Test", time_zone=scale.zone, currency="EUR", tiers=scale.policy)


def make_members(now: datetime, how_many: int = 1) -> list[MemberId]:
    batch = [members.MemberInput(external_id=f"tier-{next(_numbers)}") for _ in range(how_many)]
    outcomes = members.save_members(actor=SYSTEM, now=now, batch=batch)
    return [outcome.member_id for outcome in outcomes if outcome.member_id is not None]


def post(
    programme: Programme, now: datetime, earned: Sequence[tuple[MemberId, datetime, int]]
) -> list[JournalSeq]:
    """What earning does with a batch: load, advance in order of time, post, save."""
    with transaction.atomic():
        standings = tiers.load_standings(
            [member_id for member_id, _, _ in earned], programme, max(at for _, at, _ in earned)
        )
        for member_id, occurred_at, amount in sorted(earned, key=lambda one: one[1]):
            standings[member_id] = tiers.advance(
                programme, standings[member_id], occurred_at=occurred_at, qualifying=amount
            )
        receipts = ledger.earn_batch(
            actor=SYSTEM,
            now=now,
            commands=[
                ledger.EarnCommand(
                    member_id=member_id,
                    currency=CURRENCY,
                    amount=amount,
                    occurred_at=occurred_at,
                    key=f"test:{next(_numbers)}",
                )
                for member_id, occurred_at, amount in earned
            ],
        )
        tiers.save_standings(programme=programme, standings=standings.values(), now=now)
    return [receipt.seq for receipt in receipts]


def take_back(programme: Programme, now: datetime, member_id: MemberId, seq: JournalSeq, amount: int) -> None:
    """What earning does with a return: reverse, then work the standing out again."""
    with transaction.atomic():
        ledger.reverse_earn(
            actor=SYSTEM,
            now=now,
            member_id=member_id,
            currency=CURRENCY,
            seq=seq,
            amount=amount,
            key=f"test:{next(_numbers)}",
            source="test",
            reason="",
            shortfall=ledger.Shortfall.DEBT,
        )
        tiers.replay_standings(programme=programme, member_ids=[member_id], now=now)
