"""Busy clients: threads with connections of their own, doing everything at once."""

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from regulars.kit.actor import SYSTEM
from regulars.kit.errors import Refusal
from regulars.kit.ids import JournalSeq, MemberId
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Currency, EarnCommand, EntryKind, Shortfall

CLIENTS = 16
MEMBERS = [MemberId(n) for n in range(1, 7)]
START = datetime(2026, 1, 1, tzinfo=UTC)


def in_parallel(work: Callable[[int], Any], clients: int = CLIENTS) -> list[Any]:
    """Run `work(client)` in threads that start together, each with a connection of its own."""
    barrier = threading.Barrier(clients)

    def client(number: int) -> Any:
        try:
            barrier.wait()
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(client, range(clients)))


def credit(member: MemberId, amount: int, key: str, now: datetime, **more: Any) -> EarnCommand:
    return EarnCommand(member, Currency.POINTS, amount, now, key, **more)


class Client:
    """One busy client: picks operations at random, and takes refusals as they come."""

    def __init__(self, number: int, clock: Iterator[int]) -> None:
        self.number = number
        self.dice = random.Random(number)
        self.clock = clock
        self.done = 0

    def run(self, operations: int) -> int:
        kinds = [
            *[self.earn] * 6,
            *[self.spend] * 6,
            *[self.batch] * 2,
            *[self.reverse] * 3,
            *[self.refund] * 2,
            *[self.hold] * 2,
            self.repeat,
            self.transfer,
            self.transfer,
            self.adjust,
            self.expire,
            self.activate,
            self.release,
        ]
        for _ in range(operations):
            now = START + timedelta(minutes=next(self.clock))
            with suppress(Refusal):
                self.dice.choice(kinds)(self.dice.choice(MEMBERS), now, f"{self.number}:{self.done}")
            self.done += 1
        return self.done

    def lapses(self, now: datetime) -> datetime:
        return now + timedelta(minutes=self.dice.randint(1, 600))

    def earn(self, member: MemberId, now: datetime, key: str) -> None:
        waits = self.lapses(now) if self.dice.random() < 0.2 else None
        command = credit(
            member, self.dice.randint(1, 99), key, now, expires_at=self.lapses(now), activates_at=waits
        )
        with transaction.atomic():
            ledger.earn(actor=SYSTEM, now=now, command=command)

    def batch(self, _: MemberId, now: datetime, key: str) -> None:
        commands = [
            credit(self.dice.choice(MEMBERS), self.dice.randint(1, 20), f"{key}:{n}", now) for n in range(20)
        ]
        with transaction.atomic():
            ledger.earn_batch(actor=SYSTEM, now=now, commands=commands)

    def spend(self, member: MemberId, now: datetime, key: str) -> None:
        with transaction.atomic():
            ledger.spend(
                actor=SYSTEM, now=now, member_id=member, amount=self.dice.randint(1, 150), key=key, source="r"
            )

    def hold(self, member: MemberId, now: datetime, key: str) -> None:
        more = {"times_out_at": now + timedelta(minutes=self.dice.randint(1, 200)), "source": "r"}
        amount = self.dice.randint(1, 60)
        with transaction.atomic():
            held = ledger.hold(actor=SYSTEM, now=now, member_id=member, amount=amount, key=key, **more)
            if self.dice.random() < 0.5:
                ledger.capture(
                    actor=SYSTEM,
                    now=now,
                    member_id=member,
                    hold_seq=held.seq,
                    amount=(amount + 1) // 2,
                    key=f"{key}:c",
                    source="r",
                )

    def some_entry(self, member: MemberId, kind: EntryKind) -> tuple[JournalSeq, int]:
        page = ledger.list_entries(member, kinds=[kind], size=50)
        entry = self.dice.choice(page.items) if page.items else None
        return (entry.seq, entry.amount) if entry else (JournalSeq(1), 1)

    def reverse(self, member: MemberId, now: datetime, key: str) -> None:
        seq, amount = self.some_entry(member, EntryKind.EARN)
        with transaction.atomic():
            ledger.reverse_earn(
                actor=SYSTEM,
                now=now,
                member_id=member,
                currency=Currency.POINTS,
                seq=seq,
                amount=self.dice.randint(1, amount),
                key=key,
                source="return",
                reason="returned",
                shortfall=self.dice.choice(list(Shortfall)),
            )

    def refund(self, member: MemberId, now: datetime, key: str) -> None:
        seq, amount = self.some_entry(member, EntryKind.SPEND)
        with transaction.atomic():
            ledger.refund_spend(
                actor=SYSTEM,
                now=now,
                member_id=member,
                seq=seq,
                amount=self.dice.randint(1, amount),
                key=key,
                source="r",
                reason="cancelled",
            )

    def repeat(self, _: MemberId, now: datetime, __: str) -> None:
        """A key that all clients fight for: one posts, the others are told what it posted."""
        with transaction.atomic():
            command = credit(MEMBERS[0], 5, f"shared:{self.done // 10}", START)
            ledger.earn(actor=SYSTEM, now=now, command=command)

    def transfer(self, member: MemberId, now: datetime, key: str) -> None:
        taker = self.dice.choice([other for other in MEMBERS if other != member])
        ledger.transfer_points(
            actor=SYSTEM,
            now=now,
            from_member_id=member,
            to_member_id=taker,
            amount=self.dice.randint(1, 40),
            key=key,
        )

    def adjust(self, member: MemberId, now: datetime, key: str) -> None:
        amount = self.dice.choice([-30, 10])
        ledger.adjust_points(actor=SYSTEM, now=now, member_id=member, amount=amount, reason="why", key=key)

    def expire(self, _: MemberId, now: datetime, __: str) -> None:
        ledger.expire_due(now=now, limit=5)

    def activate(self, _: MemberId, now: datetime, __: str) -> None:
        ledger.activate_due(now=now, limit=5)

    def release(self, _: MemberId, now: datetime, __: str) -> None:
        ledger.release_timed_out_holds(now=now, limit=5)
