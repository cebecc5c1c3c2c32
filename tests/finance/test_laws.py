"""The books against the plain model: at any past instant, what finance says is what the wallets held then.

The ledger's machine does everything twice, in the database and in the model; here it also remembers what the
model held whenever its clock moved, and asks finance about all these instants when much has happened since.
"""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from regulars.finance import facade as finance
from regulars.finance.facade import Period, Position
from regulars.kit.actor import SYSTEM
from regulars.ledger.facade import Shortfall
from regulars.rules import facade as rules
from tests.ledger.machine import ALL, JOBS, LedgerMachine
from tests.ledger.model import NEVER, Wallet
from tests.ledger.reading import read_rows

EFFORT = int(os.environ.get("REGULARS_TEST_EFFORT", "1"))
ZONE = ZoneInfo("Pacific/Auckland")
PROGRAMME = """
[programme]
name = "Books"
time_zone = "Pacific/Auckland"
currency = "EUR"

[[earn]]
id = "base"
name = "Every purchase"
type = "per_amount"
points = 1
per = 1.00
"""


@dataclass(frozen=True)
class Then:
    """What the model held before an instant: lots, and sums."""

    as_of: datetime
    lots: list[tuple[Any, ...]]
    position: Position
    due: int


class BooksMachine(LedgerMachine):
    """Remembers the past."""

    def __init__(self) -> None:
        super().__init__()
        self.past: list[Then] = []

    def time_passes(self, hours: int) -> None:
        self.remember()
        super().time_passes(hours)

    def remember(self) -> None:
        as_of = self.now + timedelta(microseconds=1)
        lots = [row for member, wallet in self.wallets.items() for row in held_by(member, wallet)]
        wallets = self.wallets.values()
        position = Position(
            sum(one.balance for one in wallets),
            sum(one.pending for one in wallets),
            sum(one.held for one in wallets),
            sum(one.debt for one in wallets),
        )
        self.past.append(Then(as_of, sorted(lots, key=str), position, sum(one.due(as_of) for one in wallets)))

    def compare_all(self) -> None:
        self.remember()
        later = self.now + timedelta(days=1)
        for then in self.past:
            compare_lots(then)
        for then in self.past[-1], self.past[len(self.past) // 2]:
            compare_liability(then, later)
        for before, after in [*list(pairwise(self.past))[-3:], (self.past[0], self.past[-1])]:
            compare_movements(before, after, later)


def held_by(member: int, wallet: Wallet) -> list[tuple[Any, ...]]:
    """(member, lot, state, points, expiry) as `ledger_holdings_at` has it."""
    rows = [
        (member, lot, "active", part, wallet.terms[lot].expires) for lot, part in wallet.open.items() if part
    ]
    for lot, one in wallet.waiting.items():
        unknown = None if one["awaits"] else NEVER
        rows.append((member, lot, "pending", one["amount"], one["expires"] or unknown))
    parts: dict[int, int] = {}
    for hold in wallet.holds.values():
        for lot, part in hold["lots"]:
            parts[lot] = parts.get(lot, 0) + part
    rows += [(member, lot, "held", part, wallet.terms[lot].expires) for lot, part in parts.items()]
    if wallet.debt:
        rows.append((member, None, "debt", wallet.debt, None))
    return rows


def compare_lots(then: Then) -> None:
    found = read_rows(
        "SELECT member_id, lot, state, points, nullif(expires_at, 'infinity'), expires_at = 'infinity' "
        "FROM ledger_holdings_at(%s, ARRAY['points'])",
        then.as_of,
    )
    rows = [(*row[:4], NEVER if row[5] else row[4]) for row in found]
    assert sorted(rows, key=str) == then.lots


def compare_liability(then: Then, now: datetime) -> None:
    owed = finance.get_liability(as_of=then.as_of, now=now)
    assert [one for one in owed.tie_outs if not one.agrees] == []
    total = owed.total
    assert Position(total.active + total.due, total.pending, total.held, total.debt) == then.position
    assert total.due == then.due
    for parts in ([one for _, one in owed.by_expiry], [one for *_, one in owed.by_tier]):
        for name in ("active", "pending", "held", "due", "claimable"):
            assert sum(getattr(one, name) for one in parts) == getattr(total, name)
    assert sum(one.debt for *_, one in owed.by_tier) == total.debt
    expected: dict[Any, int] = {}
    for _member, _lot, state, part, expires in then.lots:
        if state == "debt" or (state == "active" and expires <= then.as_of):
            continue
        expected[month_of(expires, then.as_of)] = expected.get(month_of(expires, then.as_of), 0) + part
    assert {bucket: one.claimable for bucket, one in owed.by_expiry if one.claimable} == expected


def month_of(expires: datetime | None, as_of: datetime) -> finance.ExpiryBucket:
    if expires is None:
        return finance.ExpiryBucket(finance.Expiry.UNKNOWN)
    if expires == NEVER:
        return finance.ExpiryBucket(finance.Expiry.NEVER)
    if expires <= as_of:
        return finance.ExpiryBucket(finance.Expiry.PAST)
    last = (expires - timedelta(microseconds=1)).astimezone(ZONE)
    return finance.ExpiryBucket(finance.Expiry.MONTH, last.date().replace(day=1))


def compare_movements(before: Then, after: Then, now: datetime) -> None:
    if before.as_of >= after.as_of:
        return
    moved = finance.get_movements(
        period=Period(before.as_of, after.as_of, ZONE), now=now, step=finance.Step.DAY
    )
    assert (moved.opening, moved.closing) == (before.position, after.position)
    assert (moved.opening_due, moved.closing_due) == (before.due, after.due)
    assert sum((one.change for one in moved.movements), moved.opening) == moved.closing
    assert [one for one in moved.tie_outs if not one.agrees] == []
    by_day = [one for stretch in moved.stretches for one in stretch.movements]
    for line in moved.movements:
        days = [one for one in by_day if one.line == line.line]
        assert sum(one.points for one in days) == line.points
        assert sum((one.change for one in days), Position()) == line.change
    if moved.stretches:
        assert moved.stretches[-1].closing == moved.closing


def steps_of(machine: BooksMachine, dice: random.Random) -> list[tuple[int, Callable[[], Any]]]:
    """What may happen next, and how often: enough of each that no state is rare."""

    def pick() -> int:
        return dice.randint(0, 400)

    def share() -> int:
        return dice.choice([10, 25, 50, 75, 100])

    def member() -> int:
        return dice.choice(ALL)

    def earn() -> None:
        machine.earn(
            member=member(),
            amount=dice.randint(1, 60),
            occurred=dice.randint(-4, 0),
            expires=dice.choice([None, dice.randint(-1, 12), dice.randint(1, 40)]),
            activates=dice.choice([None, None, None, dice.randint(-2, 5)]),
            awaits=dice.random() < 0.2,
            sliding=dice.random() < 0.4,
        )

    def refund() -> None:
        if machine.has("spend"):
            machine.refund(pick=pick(), share=share(), grace=dice.choice([0, 5]))

    def capture() -> None:
        if machine.has("hold"):
            machine.capture(pick=pick(), share=dice.choice([None, share()]))

    def release() -> None:
        if machine.has("hold"):
            machine.release(pick=pick())

    def activate() -> None:
        if any(wallet.waiting for wallet in machine.wallets.values()):
            machine.activate(pick=pick(), expires=dice.choice([None, 3, 40]))

    def reverse() -> None:
        machine.reverse(pick=pick(), share=share(), shortfall=dice.choice([*Shortfall, Shortfall.DEBT]))

    return [
        (14, earn),
        (9, lambda: machine.spend(member=member(), share=share())),
        (9, lambda: machine.time_passes(hours=dice.randint(1, 60))),
        (8, reverse),
        (7, refund),
        (5, lambda: machine.hold(member=member(), share=share() // 2, minutes=dice.randint(10, 5000))),
        (3, capture),
        (2, release),
        (3, activate),
        (3, lambda: machine.transfer(giver=member(), share=share() // 3 + 1)),
        (4, lambda: machine.extend(member=member(), until=dice.randint(1, 40))),
        (2, lambda: machine.adjust(member=member(), amount=share(), up=dice.random() < 0.5, expires=9)),
        (4, lambda: machine.law_8_time_moves_points_on(job=dice.choice(JOBS))),
    ]


@pytest.mark.django_db
@pytest.mark.slow  # histories of hundreds of operations, each asked about every instant of its past
@pytest.mark.parametrize("seed", range(4 * EFFORT))
def test_every_instant_of_the_past_is_told_as_it_was(seed: int) -> None:
    rules.publish_programme(actor=SYSTEM, now=datetime(2020, 1, 1, tzinfo=UTC), text=PROGRAMME, note="")
    dice, machine = random.Random(seed), BooksMachine()
    steps = steps_of(machine, dice)
    for _ in range(4):
        steps[0][1]()
    for _ in range(220):
        (step,) = dice.choices([step for _, step in steps], [weight for weight, _ in steps])
        step()
    assert len(machine.past) > 10
    machine.compare_all()
    machine.teardown()
