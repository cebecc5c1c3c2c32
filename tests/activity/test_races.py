"""Two at once: the same key is recorded once, and no more comes back than was bought."""

from threading import Barrier
from typing import Any

import pytest
from django.db import transaction

from regulars.activity.facade import RecordStatus, find_order, record_events, record_orders, record_returns
from regulars.activity.models import Event, Order, OrderLine, Return, ReturnLine
from regulars.activity.operations import returns
from regulars.kit.actor import SYSTEM
from tests.activity.makers import NOW, event, give_back, line, make_members, order
from tests.activity.together import run_in_transactions

pytestmark = pytest.mark.django_db(transaction=True)


def statuses(answers: list[Any]) -> list[RecordStatus]:
    return sorted(row.status for answer in answers for row in answer)


def test_the_same_orders_twice_at_once_are_recorded_once() -> None:
    (ada,) = make_members(1)
    batch = [order(f"A-{n}", ada, line(1), line(2)) for n in range(20)]
    steps = [
        lambda: record_orders(actor=SYSTEM, now=NOW, batch=batch),
        lambda: record_orders(actor=SYSTEM, now=NOW, batch=batch[::-1]),
    ]
    answers = run_in_transactions(*steps, *steps)
    assert statuses(answers) == [RecordStatus.NEW] * 20 + [RecordStatus.REPEATED] * 60
    assert (Order.objects.count(), OrderLine.objects.count()) == (20, 40)


def test_one_piece_comes_back_once_whoever_is_first() -> None:
    (ada,) = make_members(1)
    with transaction.atomic():
        record_orders(actor=SYSTEM, now=NOW, batch=[order("A-1", ada, line(1, 900, 3))])
    steps = [
        lambda n=n: record_returns(actor=SYSTEM, now=NOW, batch=[give_back(f"R-{n}", "A-1", (1, 1, 300))])
        for n in range(6)
    ]
    answers = run_in_transactions(*steps)
    assert statuses(answers) == [RecordStatus.NEW] * 3 + [RecordStatus.REFUSED] * 3
    detail = find_order("A-1")
    assert detail is not None
    assert detail.order.returned_amount == 900
    assert Return.objects.count() == 3


def test_without_the_order_lock_more_comes_back_than_was_bought(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: the race that the lock forbids does happen where there is no lock."""
    monkeypatch.setattr(returns, "_LOCK_ORDERS", returns._LOCK_ORDERS.replace("FOR UPDATE", ""))
    # Marking the order would lock it as well, only later.
    monkeypatch.setattr(returns, "_mark_orders", lambda _: None)
    (ada,) = make_members(1)
    with transaction.atomic():
        record_orders(actor=SYSTEM, now=NOW, batch=[order("A-1", ada, line(1, 900, 1))])
    both_recorded = Barrier(2)

    def take(key: str) -> Any:
        outcome = record_returns(actor=SYSTEM, now=NOW, batch=[give_back(key, "A-1", (1, 1, 900))])
        both_recorded.wait(10)
        return outcome

    answers = run_in_transactions(lambda: take("R-1"), lambda: take("R-2"))
    assert statuses(answers) == [RecordStatus.NEW] * 2
    assert sum(row.amount for row in ReturnLine.objects.all()) == 1800


def test_one_return_key_for_two_orders_at_once_is_a_conflict_for_one() -> None:
    (ada,) = make_members(1)
    with transaction.atomic():
        record_orders(actor=SYSTEM, now=NOW, batch=[order(f"A-{n}", ada) for n in range(4)])
    steps = [
        lambda n=n: record_returns(actor=SYSTEM, now=NOW, batch=[give_back("R", f"A-{n}", (1, 1, None))])
        for n in range(4)
    ]
    answers = run_in_transactions(*steps)
    assert statuses(answers) == [RecordStatus.CONFLICT] * 3 + [RecordStatus.NEW]
    assert Return.objects.count() == 1
    assert sum(row.returned_amount for row in Order.objects.all()) == 1000


def test_one_occasion_at_once_happens_once() -> None:
    (ada,) = make_members(1)
    steps = [
        lambda n=n: record_events(
            actor=SYSTEM, now=NOW, batch=[event(f"E-{n}", ada, "birthday", occasion="2026")]
        )
        for n in range(4)
    ]
    answers = run_in_transactions(*steps)
    assert statuses(answers) == [RecordStatus.NEW] + [RecordStatus.REFUSED] * 3
    assert Event.objects.count() == 1


def test_batches_with_the_same_event_keys_and_swapped_members_wait_in_one_order() -> None:
    ada, bo = make_members(2)
    for n in range(5):
        pairs = [(f"S-{n}-{key}", f"T-{n}-{key}") for key in range(200)]
        one = [event(key, who) for pair in pairs for key, who in zip(pair, (ada, bo), strict=True)]
        two = [event(key, who) for pair in pairs for key, who in zip(pair, (bo, ada), strict=True)]
        answers = run_in_transactions(
            lambda batch=one: record_events(actor=SYSTEM, now=NOW, batch=batch),
            lambda batch=two: record_events(actor=SYSTEM, now=NOW, batch=batch),
        )
        assert statuses(answers) == [RecordStatus.CONFLICT] * 400 + [RecordStatus.NEW] * 400
