"""Many clients at once: nothing goes below zero, nothing is lost, nobody waits for ever.

Each property has its negative control: a wrong way of posting, made by the test, that the same check catches.
`REGULARS_TEST_EFFORT` multiplies the work.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count

import pytest
from django.db import OperationalError, transaction

from regulars.kit.actor import SYSTEM
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Currency
from tests.ledger.clients import CLIENTS, MEMBERS, START, Client, credit, in_parallel
from tests.ledger.reading import read_rows, run

EFFORT = int(os.environ.get("REGULARS_TEST_EFFORT", "1"))
pytestmark = [pytest.mark.usefixtures("committed_ledger"), pytest.mark.slow]  # sixteen clients, committing


def test_mixed_work_on_few_members_stays_exact() -> None:
    """Laws 1, 2 and 5 under contention: no deadlock, nothing below zero, open lots add up to balances."""
    clock = count()
    operations = 120 * EFFORT
    assert in_parallel(lambda n: Client(n, clock).run(operations)) == [operations] * CLIENTS
    report = ledger.prove()
    assert report.problems == ()
    assert report.entries > operations
    assert ledger.get_totals(START + timedelta(days=9)).adds_up
    kinds = {kind for (kind,) in read_rows("SELECT DISTINCT kind FROM ledger_journal")}
    assert kinds >= {"earn", "spend", "reverse", "expire", "refund", "hold", "transfer_in", "transfer_out"}
    wrong = read_rows(
        "SELECT w.member_id FROM ledger_wallet w WHERE w.balance <> COALESCE((SELECT sum(remaining)"
        " FROM ledger_open_lot l WHERE l.member_id = w.member_id AND l.currency = w.currency), 0)"
    )
    assert wrong == []


def test_one_balance_is_spent_once() -> None:
    """Sixteen clients want all there is; one gets it."""
    with transaction.atomic():
        ledger.earn(actor=SYSTEM, now=START, command=credit(MEMBERS[0], 100, "k", START))

    def spend(number: int) -> bool:
        try:
            with transaction.atomic():
                ledger.spend(
                    actor=SYSTEM, now=START, member_id=MEMBERS[0], amount=100, key=f"s{number}", source="r"
                )
        except ledger.InsufficientPoints:
            return False
        return True

    assert sum(in_parallel(spend)) == 1
    assert ledger.prove().ok


def test_one_key_posts_once() -> None:
    """Law 7 in a race: one posts, all get the same answer, whatever way they come in."""
    command = credit(MEMBERS[0], 7, "same", START)

    def post(number: int) -> tuple[int, int]:
        with transaction.atomic():
            if number % 2:
                receipt = ledger.earn(actor=SYSTEM, now=START, command=command)
            else:
                (receipt,) = ledger.earn_batch(actor=SYSTEM, now=START, commands=[command])
        return receipt.seq, receipt.balance_after

    assert set(in_parallel(post)) == {(1, 7)}
    assert read_rows("SELECT count(*) FROM ledger_journal") == [(1,)]


def test_a_hold_is_captured_once() -> None:
    with transaction.atomic():
        ledger.earn(actor=SYSTEM, now=START, command=credit(MEMBERS[0], 100, "k", START))
        held = ledger.hold(
            actor=SYSTEM,
            now=START,
            member_id=MEMBERS[0],
            amount=60,
            key="h",
            source="r",
            times_out_at=START + timedelta(hours=1),
        )

    def settle(number: int) -> bool:
        step = ledger.capture if number % 2 else ledger.release
        try:
            with transaction.atomic():
                step(
                    actor=SYSTEM,
                    now=START,
                    member_id=MEMBERS[0],
                    hold_seq=held.seq,
                    key=f"k{number}",
                    source="r",
                )
        except ledger.HoldNotOpen:
            return False
        return True

    assert sum(in_parallel(settle)) == 1
    assert ledger.prove().ok


UNLOCKED_SPEND = """
    CREATE FUNCTION test_spend_unlocked(p_member bigint, p_amount bigint) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
        lot ledger_open_lot;
        n bigint;
    BEGIN
        -- Looks first, locks later: what was read is stale by the time it is written.
        SELECT * INTO lot FROM ledger_open_lot WHERE member_id = p_member ORDER BY expires_at LIMIT 1;
        PERFORM pg_sleep(0.005);
        UPDATE ledger_wallet SET balance = balance - p_amount, version = version + 1
        WHERE member_id = p_member AND balance >= p_amount RETURNING version INTO n;
        UPDATE ledger_open_lot SET remaining = lot.remaining - p_amount
        WHERE member_id = p_member AND lot_id = lot.lot_id;
        INSERT INTO ledger_journal (member_id, currency, seq, posting, kind, debit, credit, amount,
            balance_after, pending_after, held_after, debt_after, occurred_at, recorded_at, actor,
            lots, lot_amounts)
        SELECT p_member, 'points', n, n, 'spend', 'active', 'spent', p_amount,
            balance, 0, 0, 0, now(), now(), 'test', ARRAY[lot.lot_id], ARRAY[p_amount]
        FROM ledger_wallet WHERE member_id = p_member;
    END;
    $$
"""


@contextmanager
def extra_function(definition: str, signature: str) -> Iterator[None]:
    run(definition)
    try:
        yield
    finally:
        run(f"DROP FUNCTION {signature}")


def spend_many(spend: Callable[[str], None]) -> ledger.ProofReport:
    with transaction.atomic():
        ledger.earn(actor=SYSTEM, now=START, command=credit(MEMBERS[0], 10_000, "k", START))
    in_parallel(lambda number: [spend(f"{number}:{n}") for n in range(5)], clients=8)
    return ledger.prove()


def test_spends_in_parallel_are_exact_and_without_the_lock_they_are_not() -> None:
    """The negative control of the mixed work: the same race, posted without the wallet's lock, is noticed."""

    def locked(key: str) -> None:
        with transaction.atomic():
            ledger.spend(actor=SYSTEM, now=START, member_id=MEMBERS[0], amount=3, key=key, source="r")

    assert spend_many(locked).ok
    with extra_function(UNLOCKED_SPEND, "test_spend_unlocked(bigint, bigint)"):
        report = spend_many(lambda _: run("SELECT test_spend_unlocked(%s, 3)", MEMBERS[0]))
    assert not report.ok
    assert any("lot 1" in problem.what for problem in report.problems)


def test_wallets_are_locked_in_order_and_out_of_order_they_deadlock() -> None:
    """Batches and transfers over the same members, from both ends; the control locks as it comes."""

    def post(number: int) -> None:
        members = MEMBERS if number % 2 else MEMBERS[::-1]
        for n in range(8):
            key = f"{number}:{n}"
            with transaction.atomic():
                commands = [credit(member, 5, key, START) for member in members]
                ledger.earn_batch(actor=SYSTEM, now=START, commands=commands)
            ledger.transfer_points(
                actor=SYSTEM,
                now=START,
                from_member_id=members[0],
                to_member_id=members[1],
                amount=1,
                key=f"{key}:t",
            )
            with transaction.atomic():
                ledger.lock_wallets(members, Currency.POINTS)

    in_parallel(post)
    assert ledger.prove().ok

    first, second = MEMBERS[:2]
    middle = threading.Barrier(2)

    def unsorted(number: int) -> bool:
        try:
            with transaction.atomic():
                for n, member in enumerate([first, second] if number else [second, first]):
                    if n:
                        middle.wait()
                    ledger.earn(actor=SYSTEM, now=START, command=credit(member, 1, f"d{number}", START))
        except OperationalError as error:
            return "deadlock" in str(error)
        return False

    assert sum(in_parallel(unsorted, clients=2)) == 1
    assert ledger.prove().ok


def test_sweeps_skip_wallets_that_others_hold() -> None:
    """A sweep neither waits for a busy member nor forgets it."""
    lapses = START + timedelta(days=1)
    with transaction.atomic():
        for member in MEMBERS[:2]:
            ledger.earn(actor=SYSTEM, now=START, command=credit(member, 9, "k", START, expires_at=lapses))
    held, done = threading.Event(), threading.Event()

    def work(number: int) -> int:
        if number == 0:
            with transaction.atomic():
                ledger.lock_wallets([MEMBERS[0]], Currency.POINTS)
                held.set()
                done.wait(10)
            return 0
        held.wait(10)
        try:
            return ledger.expire_due(now=lapses).items
        finally:
            done.set()

    assert in_parallel(work, clients=2) == [0, 1]
    assert ledger.expire_due(now=lapses).items == 1
    assert ledger.prove().ok


def test_the_proof_sees_one_moment_beside_running_work() -> None:
    """Proving takes no locks and is not misled by what is posted meanwhile."""
    clock = count()
    stop = threading.Event()

    def work(number: int) -> list[ledger.ProofReport]:
        if number:
            Client(number, clock).run(40)
            return []
        reports = []
        while not stop.is_set() and len(reports) < 5:
            reports.append(ledger.prove(workers=1 + len(reports) % 2))
        return reports

    reports = in_parallel(work, clients=5)[0]
    assert [report.problems for report in reports] == [()] * 5
