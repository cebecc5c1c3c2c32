"""Saving at the same time: an identity has one owner, and batches in any order do not deadlock."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, connections

from regulars.kit.actor import SYSTEM
from regulars.members import facade as members
from regulars.members.facade import MemberInput, SaveStatus
from regulars.members.models import Member, MemberIdentity
from regulars.members.operations import saving

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
# Threads with connections of their own see only what is committed: the tables are emptied after each test.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def together(*works: Callable[[], object]) -> list[object]:
    """Run all at once, each on a connection of its own; results or exceptions in order."""
    barrier = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        try:
            barrier.wait(10)
            return work()
        except Exception as error:  # handed to the test, which says what it expects
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def saver(*batch: MemberInput) -> Callable[[], list[members.MemberOutcome]]:
    return lambda: members.save_members(actor=SYSTEM, now=NOW, batch=batch)


def test_one_of_many_gets_the_address() -> None:
    results = together(*[saver(MemberInput(str(n), email="one@example.org")) for n in range(8)])
    statuses = Counter(outcome.status for result in results for outcome in result)  # type: ignore[attr-defined]
    assert statuses == {SaveStatus.CREATED: 1, SaveStatus.REFUSED: 7}
    assert MemberIdentity.objects.count() == Member.objects.count() == 1


def test_one_of_many_creates_the_member() -> None:
    results = together(*[saver(MemberInput("17", given_name="Ada")) for _ in range(8)])
    statuses = Counter(outcome.status for result in results for outcome in result)  # type: ignore[attr-defined]
    assert statuses == {SaveStatus.CREATED: 1, SaveStatus.UNCHANGED: 7}
    assert Member.objects.count() == 1


def test_batches_in_opposite_order_do_not_deadlock() -> None:
    batch = [MemberInput(str(n), email=f"m{n}@example.org") for n in range(200)]
    again = [MemberInput(str(n), given_name="Later") for n in range(200)]
    results = together(saver(*batch), saver(*reversed(batch)), saver(*again), saver(*reversed(again)))
    assert [result for result in results if isinstance(result, Exception)] == []
    assert Member.objects.filter(given_name="Later").count() == MemberIdentity.objects.count() == 200


@pytest.fixture
def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the locks away, and let both read before either writes."""
    read = threading.Barrier(2)
    load = saving._load

    def load_together(rows: list[saving.CheckedInput]) -> object:
        found = load(rows)
        read.wait(10)
        return found

    monkeypatch.setattr(saving, "lock_buckets", lambda _buckets: None)
    monkeypatch.setattr(saving, "_load", load_together)


@pytest.mark.usefixtures("unlocked")
def test_without_the_locks_the_race_does_happen() -> None:
    results = together(*[saver(MemberInput(str(n), email="one@example.org")) for n in range(2)])
    assert any(isinstance(result, IntegrityError) for result in results)
    connection.ensure_connection()
    assert MemberIdentity.objects.count() == 1
