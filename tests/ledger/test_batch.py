"""`earn_batch` has the effect of `earn` for each command in turn: receipts, entries, lots, balances."""

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.kit.actor import SYSTEM
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Currency, EarnCommand, Receipt, Shortfall
from tests.ledger.reading import read_everything

NOW = datetime(2026, 5, 1, tzinfo=UTC)
EFFORT = int(os.environ.get("REGULARS_TEST_EFFORT", "1"))
instants = st.integers(-30, 30).map(lambda day: NOW + timedelta(days=day))
texts = st.sampled_from(["", "base", "base,bread", "Brot & Käse", 'it\'s {braced}, \\slashed\\ and "quoted"'])

commands = st.builds(
    EarnCommand,
    member_id=st.integers(1, 3).map(MemberId),
    currency=st.sampled_from([Currency.POINTS, Currency.POINTS, Currency.QUALIFYING_SPEND]),
    amount=st.integers(1, 50),
    occurred_at=instants,
    key=st.integers(1, 200).map("order:{}".format),
    expires_at=st.none() | instants,
    activates_at=st.none() | st.none() | instants,
    awaits=st.none() | st.none() | st.just("delivery"),
    sliding=st.booleans(),
    programme_version=st.none() | st.integers(1, 3),
    rule=texts,
    source=texts,
)


def post_one_by_one(batch: list[EarnCommand]) -> list[Receipt]:
    return [ledger.earn(actor=SYSTEM, now=NOW, command=command) for command in batch]


def run(step: Any) -> tuple[Any, Any]:
    """The answer of a step and the state it leaves, undone."""
    savepoint = transaction.savepoint()
    try:
        answer = step()
    except ledger.IdempotencyConflict:
        answer = "conflict"
    state = read_everything()
    transaction.savepoint_rollback(savepoint)
    return answer, state


def prepare(before: list[EarnCommand], owing: int, until: int) -> None:
    """Some history: earlier credits, a member in debt, a wallet whose sliding lots were carried forward."""
    post_one_by_one(before)
    member = MemberId(1)
    first = EarnCommand(member, Currency.POINTS, 10_000, NOW, "spent", NOW + timedelta(days=1), sliding=True)
    receipt = ledger.earn(actor=SYSTEM, now=NOW, command=first)
    ledger.extend_sliding(
        actor=SYSTEM,
        now=NOW,
        member_id=member,
        currency=Currency.POINTS,
        until=NOW + timedelta(days=until),
        key="extended",
    )
    balance = ledger.get_balance(member, NOW).active
    ledger.spend(actor=SYSTEM, now=NOW, member_id=member, amount=balance, key="all", source="r")
    if owing:
        ledger.reverse_earn(
            actor=SYSTEM,
            now=NOW,
            member_id=member,
            currency=Currency.POINTS,
            seq=receipt.seq,
            amount=owing,
            key="back",
            source="return",
            reason="returned",
            shortfall=Shortfall.DEBT,
        )


@pytest.mark.django_db
@pytest.mark.slow  # a hundred batches, each posted twice
@settings(max_examples=100 * EFFORT, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    before=st.lists(commands, max_size=4, unique_by=lambda c: (c.member_id, c.currency, c.key)),
    batch=st.lists(commands, min_size=1, max_size=14),
    owing=st.integers(0, 120),
    until=st.integers(1, 40),
    repeats=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=4),
)
def test_a_batch_is_its_commands_one_by_one(before, batch, owing, until, repeats) -> None:
    outer = transaction.savepoint()
    try:
        prepare(before, owing, until)
        known = [*before, *batch]
        for source, place in repeats:
            batch.insert(place % (len(batch) + 1), known[source % len(known)])
        expected, state = run(lambda: post_one_by_one(batch))
        answer, stored = run(lambda: ledger.earn_batch(actor=SYSTEM, now=NOW, commands=batch))
        assert answer == expected
        if expected == "conflict":
            # All or nothing, where one by one stops half-way.
            _, state = run(list)
        assert stored == state
        assert ledger.prove().ok
    finally:
        transaction.savepoint_rollback(outer)


@pytest.mark.django_db
def test_nothing_to_post() -> None:
    assert ledger.earn_batch(actor=SYSTEM, now=NOW, commands=[]) == []


@pytest.mark.django_db
def test_a_large_batch_and_its_replay(django_assert_num_queries: Any) -> None:
    """One round trip for thousands of commands; again, it changes nothing and gives the same receipts."""
    batch = [
        EarnCommand(
            MemberId(1 + n % 700),
            Currency.POINTS if n % 2 else Currency.QUALIFYING_POINTS,
            1 + n % 90,
            NOW,
            f"order:{n}:points",
            NOW + timedelta(days=365),
            rule="base",
            source=f"order:{n}",
        )
        for n in range(5_000)
    ]
    with django_assert_num_queries(1):
        posted = ledger.earn_batch(actor=SYSTEM, now=NOW, commands=batch)
    before = read_everything()
    again = ledger.earn_batch(actor=SYSTEM, now=NOW, commands=batch)
    assert read_everything() == before
    assert not any(receipt.replayed for receipt in posted)
    assert all(receipt.replayed for receipt in again)
    assert [receipt.seq for receipt in again] == [receipt.seq for receipt in posted]
    assert [receipt.balance_after for receipt in again] == [receipt.balance_after for receipt in posted]
    report = ledger.prove()
    assert report.ok and report.entries == 5_000


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 0},
        {"amount": -5},
        {"amount": True},
        {"key": ""},
        {"key": "x" * 401},
        {"source": "unit\x1fseparator"},
        {"rule": "nul\0"},
        {"occurred_at": datetime(2026, 1, 1)},  # noqa: DTZ001 (naive on purpose)
    ],
)
def test_nonsense_is_refused_and_changes_nothing(wrong: dict[str, Any]) -> None:
    good: dict[str, Any] = {
        "member_id": MemberId(1),
        "currency": Currency.POINTS,
        "amount": 5,
        "occurred_at": NOW,
        "key": "k",
    }
    before = read_everything()
    command = EarnCommand(**(good | wrong))
    with pytest.raises(ledger.InvalidPosting):
        ledger.earn(actor=SYSTEM, now=NOW, command=command)
    with pytest.raises(ledger.InvalidPosting):
        ledger.earn_batch(actor=SYSTEM, now=NOW, commands=[EarnCommand(**good), command])
    assert read_everything() == before
