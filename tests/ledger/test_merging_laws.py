"""Laws of merging, over histories that Hypothesis thinks up, and over clients that do everything at once."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.kit.actor import SYSTEM
from regulars.kit.errors import Refusal
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Currency, EarnCommand, Shortfall
from tests.ledger.clients import MEMBERS, START, in_parallel
from tests.ledger.posting import ACTOR, ANN, BEN, after
from tests.ledger.reading import empty_ledger, read_rows, run

BOTH = (ANN, BEN)
deed = st.tuples(
    st.sampled_from(["earn", "earn", "spend", "reverse", "reverse", "refund", "extend", "wait", "activate"]),
    st.sampled_from(BOTH),
    st.integers(1, 60),
    st.integers(0, 12),
    st.sampled_from(list(Shortfall)),
)
histories = st.lists(deed, max_size=14)


class World:
    """Two members and a clock: does what it is told where the ledger allows it."""

    def __init__(self) -> None:
        self.day, self.count, self.merges = 0.0, 0, 0
        self.given: list[tuple[MemberId, int, int]] = []
        self.spent: list[tuple[MemberId, int, int]] = []

    def do(self, history: list[Any]) -> None:
        for kind, member, amount, number, shortfall in history:
            self.count += 1
            try:
                self.step(kind, member, amount, number, shortfall)
            except Refusal:
                continue

    def step(self, kind: str, member: MemberId, amount: int, number: int, shortfall: Shortfall) -> None:
        now, key = after(self.day), f"k{self.count}"
        common: dict[str, Any] = {"actor": ACTOR, "now": now, "key": key}
        if kind == "wait":
            self.day += number / 4
        elif kind == "earn":
            command = EarnCommand(
                *(member, Currency.POINTS, amount, now, key),
                expires_at=None if number == 0 else after(self.day + number),
                activates_at=after(self.day + 1) if number % 4 == 1 else None,
                sliding=number % 3 == 2,
            )
            seq = ledger.earn(actor=ACTOR, now=now, command=command).seq
            self.given.append((member, seq, amount))
        elif kind == "spend":
            seq = ledger.spend(**common, member_id=member, amount=amount, source="r").seq
            self.spent.append((member, seq, amount))
        elif kind == "reverse" and self.given:
            owner, seq, most = self.given[number % len(self.given)]
            part = min(amount, most)
            ledger.reverse_earn(
                **common, member_id=owner, currency=Currency.POINTS, seq=seq, amount=part,
                source="x", reason="", shortfall=shortfall,
            )  # fmt: skip
        elif kind == "refund" and self.spent:
            owner, seq, most = self.spent[number % len(self.spent)]
            ledger.refund_spend(
                **common, member_id=owner, seq=seq, amount=min(amount, most), source="r", reason="",
                lapsed_grace_days=number % 3,
            )  # fmt: skip
        elif kind == "extend":
            ledger.extend_sliding(
                **common, member_id=member, currency=Currency.POINTS, until=after(self.day + number)
            )
        elif kind == "activate":
            ledger.activate_due(now=now)

    def merge(self) -> None:
        self.merges += 1
        ledger.merge_wallets(
            actor=ACTOR,
            now=after(self.day),
            member_id=ANN,
            into_member_id=BEN,
            merge_id=self.merges,
            reason="one",
        )

    def undo(self) -> None:
        ledger.unmerge_wallets(actor=ACTOR, now=after(self.day), member_id=ANN, reason="two")

    def worth(self) -> int:
        """All that both have, less what they owe."""
        held = [ledger.get_balance(member, after(self.day)) for member in BOTH]
        return sum(one.active + one.pending + one.held - one.debt for one in held)

    def state(self) -> list[Any]:
        return [
            (ledger.get_balance(member, after(self.day)), ledger.list_lots(member, after(self.day)))
            for member in BOTH
        ]


def check() -> None:
    assert ledger.prove().problems == ()
    between = (
        "SELECT coalesce(sum(CASE 'transferred' WHEN debit THEN amount WHEN credit THEN -amount END), 0)::int"
        " FROM ledger_journal WHERE 'transferred' IN (debit, credit)"
    )
    assert read_rows(between) == [(0,)]


@pytest.mark.slow  # histories on a real database, each proved
@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(before=histories)
def test_a_merge_undone_at_once_leaves_the_same_balances_and_lots(before: list[Any]) -> None:
    outer = transaction.savepoint()
    try:
        world = World()
        world.do(before)
        state, worth = world.state(), world.worth()
        for _ in range(2):
            world.merge()
            assert ledger.get_balance(ANN, after(world.day)) == ledger.Balance()
            assert world.worth() == worth
            check()
            world.undo()
            assert world.state() == state
            check()
    finally:
        transaction.savepoint_rollback(outer)


@pytest.mark.slow  # histories on a real database, each proved
@pytest.mark.django_db
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(before=histories, between=histories, afterwards=histories)
def test_whatever_happens_to_merged_members_no_point_is_lost_or_doubled(
    before: list[Any], between: list[Any], afterwards: list[Any]
) -> None:
    outer = transaction.savepoint()
    try:
        world = World()
        world.do(before)
        world.merge()
        for one in between:
            world.do([one])
            ledger.carry_strays(now=after(world.day))
            assert ledger.get_balance(ANN, after(world.day)) == ledger.Balance()
        check()
        worth = world.worth()
        world.undo()
        lapsed_on_the_way = worth - world.worth()
        assert (
            0
            <= lapsed_on_the_way
            <= sum(
                part
                for (part,) in read_rows(
                    "SELECT amount FROM ledger_journal WHERE kind = 'expire' AND recorded_at = %s",
                    after(world.day),
                )
            )
        )
        check()
        world.do(afterwards)
        check()
        assert ledger.get_totals(after(world.day)).adds_up
    finally:
        transaction.savepoint_rollback(outer)


def merge_now(member: MemberId, into: MemberId, number: int) -> str:
    try:
        with transaction.atomic():
            ledger.merge_wallets(
                actor=SYSTEM, now=START, member_id=member, into_member_id=into, merge_id=number, reason="one"
            )
    except Refusal as refusal:
        return refusal.code
    return "merged"


@pytest.mark.slow  # commits from many connections, so the tables are emptied after it
@pytest.mark.django_db(transaction=True)
def test_merges_undoings_and_postings_at_once_lose_nothing() -> None:
    """Sixteen clients: some merge and part two members all the time, the others post to both meanwhile."""
    one, two = MEMBERS[0], MEMBERS[1]

    def work(number: int) -> int:
        given = 0
        for n in range(12):
            now, key = START + timedelta(seconds=n), f"{number}:{n}"
            try:
                if number < 2:
                    merge_now(*((one, two) if number else (two, one)), number=100 * number + n)
                elif number < 4:
                    with transaction.atomic():
                        ledger.unmerge_wallets(
                            actor=SYSTEM, now=now, member_id=(one, two)[number % 2], reason="two"
                        )
                else:
                    with transaction.atomic():
                        command = EarnCommand(MEMBERS[n % 2], Currency.POINTS, 10, START, key)
                        ledger.earn(actor=SYSTEM, now=now, command=command)
                    given += 10
            except Refusal:
                continue
        return given

    try:
        given = sum(in_parallel(work))
        ledger.carry_strays(now=START)
        totals = ledger.get_totals(START)
        assert (totals.issued, totals.active) == (given, given)
        check()
    finally:
        empty_ledger()


def wait_for_a_sleeper() -> None:
    """Until the merge has read the wallets and sleeps before it writes."""
    for _ in range(3_000):
        if read_rows("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"):
            return
        time.sleep(0.01)
    raise TimeoutError


@pytest.mark.slow  # commits from many connections, so the tables are emptied after it
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_a_merge_goes_wrong() -> None:
    """What shows that the test above can fail: the wallets' lock is taken away, and carrying takes time."""
    one, two = MEMBERS[0], MEMBERS[1]
    (lock,) = read_rows("SELECT pg_get_functiondef('ledger_lock(bigint[], text[])'::regprocedure)")[0]
    (carry,) = read_rows("SELECT pg_get_functiondef('ledger_log'::regproc)")[0]
    try:
        for member in (one, two):
            with transaction.atomic():
                command = EarnCommand(member, Currency.POINTS, 100, START, f"k{member}")
                ledger.earn(actor=SYSTEM, now=START, command=command)
        run(lock.replace("DO UPDATE SET version = w.version\n  WHERE false", "DO NOTHING").replace(
            "DO UPDATE SET version = w.version WHERE false", "DO NOTHING"))  # fmt: skip
        run(carry.replace("BEGIN\n", "BEGIN\n    PERFORM pg_sleep(1.5);\n", 1))

        def work(number: int) -> str:
            try:
                if number:
                    return merge_now(one, two, 7)
                wait_for_a_sleeper()
                with transaction.atomic():
                    command = EarnCommand(two, Currency.POINTS, 10, START, "late")
                    ledger.earn(actor=SYSTEM, now=START, command=command)
                return "earned"
            except Exception as error:  # what goes wrong is what this test wants
                return type(error).__name__

        answers = in_parallel(work, 2)
        held = [ledger.get_balance(member, START).active for member in (one, two)]
        # Two entries of one number: the journal's key refuses the second. Otherwise the sums are wrong.
        assert answers[1] == "IntegrityError" or sum(held) != 210 or not ledger.prove().ok
    finally:
        run(lock)
        run(carry)
        empty_ledger()
