"""Many at once: one award for each order, caps and budgets never exceeded; and the race is real."""

from itertools import count
from threading import Barrier
from typing import Any

import pytest
from django.db import OperationalError

from regulars.earning.models import Award, Budget, Usage
from regulars.earning.operations import awarding, events, orders
from regulars.ledger import facade as ledger
from tests.activity.makers import NOW, event, give_back, line, make_members, order
from tests.activity.together import run_together
from tests.earning.worlds import (
    HEAD,
    REVIEW,
    WHOLE,
    active,
    publish,
    submit_events,
    submit_orders,
    submit_returns,
)

pytestmark = pytest.mark.django_db(transaction=True)
CAPPED = (
    HEAD
    + """
[[earn]]
id = "each"
name = "Each purchase"
type = "bonus"
points = 10
caps = [{ scope = "member", period = "ever", points = 35 }]
"""
)


def test_the_same_orders_at_once_are_awarded_once() -> None:
    publish(WHOLE)
    ada, bob = make_members(2)
    batch = [order(f"O-{n}", (ada, bob)[n % 2], line(1, 3000), minutes=n) for n in range(10)]
    answers = run_together(
        *(lambda: submit_orders(*batch), lambda: submit_orders(*batch[::-1])) * 2,
        lambda: submit_orders(*batch[3:7]),
    )
    accepted = [outcome for answer in answers for outcome in answer if outcome.status == "accepted"]
    assert sorted(outcome.external_id for outcome in accepted) == sorted(one.external_id for one in batch)
    assert Award.objects.count() == 10
    assert active(ada) + active(bob) == sum(outcome.points for outcome in accepted)
    told = {(outcome.external_id, outcome.points) for answer in answers for outcome in answer}
    assert len(told) == 10
    assert ledger.prove().ok


def test_different_orders_of_one_member_at_once_find_one_first_purchase() -> None:
    publish(WHOLE)
    (ada,) = make_members(1)
    answers = run_together(*(lambda n=n: submit_orders(order(f"O-{n}", ada, minutes=n)) for n in range(6)))
    points = [outcome.points for answer in answers for outcome in answer]
    assert points.count(10 + 100) == 1
    assert active(ada) == sum(points)
    assert ledger.prove().ok


def test_a_members_cap_is_never_exceeded() -> None:
    publish(CAPPED)
    (ada,) = make_members(1)
    answers = run_together(*(lambda n=n: submit_orders(order(f"O-{n}", ada, minutes=n)) for n in range(8)))
    assert sorted(outcome.points for answer in answers for outcome in answer) == [0] * 4 + [5] + [10] * 3
    assert active(ada) == Usage.objects.get().used == 35


def test_without_the_wallets_lock_a_cap_is_exceeded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: the race that the locks forbid does happen where nobody locks."""
    publish(CAPPED)
    (ada,) = make_members(1)
    submit_orders(order("O-0", ada))  # so that wallet, status and counter exist, and none waits to make them

    class Unlocked:
        """The ledger and the tiers, as they would be without their locks."""

        def __init__(self, room: Any) -> None:
            self.room = room

        def __getattr__(self, name: str) -> Any:
            return getattr(self.room, name)

        def lock_wallets(self, *_: Any) -> None: ...

        def load_standings(self, member_ids: Any, programme: Any, _: Any) -> Any:
            return self.room.get_standings(member_ids, programme, NOW)

    monkeypatch.setattr(orders, "ledger", Unlocked(orders.ledger))
    monkeypatch.setattr(orders, "tiers", Unlocked(orders.tiers))
    everyone_evaluated = Barrier(4)
    evaluate = awarding.evaluate

    def evaluate_together(**arguments: Any) -> Any:
        answer = evaluate(**arguments)
        everyone_evaluated.wait(10)
        return answer

    monkeypatch.setattr(awarding, "evaluate", evaluate_together)
    run_together(*(lambda n=n: submit_orders(order(f"O-{n}", ada, minutes=n)) for n in range(1, 5)))
    assert Usage.objects.get().used == active(ada) == 50


def test_a_budget_is_never_exceeded_by_many_members_at_once() -> None:
    publish(HEAD + REVIEW)
    members = make_members(8)
    answers = run_together(
        *(lambda who=who: submit_events(event(f"E-{who}", who, "review")) for who in members)
    )
    assert sorted(outcome.points for answer in answers for outcome in answer) == [0] * 3 + [20] * 5
    assert Budget.objects.get().used == sum(active(who) for who in members) == 100


def test_orders_returns_and_events_of_the_same_members_at_once_do_not_deadlock() -> None:
    publish(WHOLE)
    members = make_members(6)
    submit_orders(*(order(f"O-{who}", who, line(1, 4000, 4)) for who in members))
    steps = []
    for n in range(4):
        ahead = members if n % 2 else members[::-1]
        steps += [
            lambda n=n, ahead=ahead: submit_orders(
                *(order(f"P-{n}-{who}", who, line(1, 2500)) for who in ahead)
            ),
            lambda n=n, ahead=ahead: submit_returns(
                *(give_back(f"R-{n}-{who}", f"O-{who}", (1, 1, None)) for who in ahead)
            ),
            lambda n=n, ahead=ahead: submit_events(*(event(f"E-{n}-{who}", who, "review") for who in ahead)),
        ]
    answers = run_together(*steps)
    assert {outcome.status for answer in answers for outcome in answer} == {"accepted"}
    assert ledger.prove().ok
    assert Budget.objects.get().used <= 100
    for who in members:
        used = Usage.objects.filter(member_id=who, rule="big", period__startswith="day").get().used
        assert used <= 40


def test_members_locked_as_they_come_do_deadlock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: two batches of events that take the same two wallets from opposite ends."""
    publish(HEAD + REVIEW)
    members = make_members(2)
    submit_events(*(event(f"E-{who}", who, "review") for who in members))
    everyone_has_one = Barrier(2)
    batches = count()

    class AsTheyCome:
        """The ledger, locking in one statement each, and every second batch from the other end."""

        def __getattr__(self, name: str) -> Any:
            return getattr(ledger, name)

        def lock_wallets(self, member_ids: list[Any], currency: ledger.Currency) -> None:
            first, second = member_ids if next(batches) % 2 else member_ids[::-1]
            ledger.lock_wallets([first], currency)
            everyone_has_one.wait(10)
            ledger.lock_wallets([second], currency)

    monkeypatch.setattr(events, "ledger", AsTheyCome())
    with pytest.raises(OperationalError, match="deadlock detected"):
        run_together(
            *(
                lambda n=n: submit_events(*(event(f"F-{n}-{who}", who, "review") for who in members))
                for n in range(2)
            )
        )
    # One was the victim and left nothing; the other is there whole.
    assert [active(who) for who in members] == [40, 40]
    assert ledger.prove().ok


def test_a_batch_is_all_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    publish(WHOLE)
    (ada,) = make_members(1)

    def fail(*_: Any, **__: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(awarding, "keep", fail)
    for submit in (
        lambda: submit_orders(order("O-1", ada)),
        lambda: submit_events(event("E-1", ada, "review")),
    ):
        with pytest.raises(OSError, match="disk"):
            submit()
    monkeypatch.undo()
    assert active(ada) == 0
    assert submit_orders(order("O-1", ada))[0].status == "accepted"
    assert submit_events(event("E-1", ada, "review"))[0].status == "accepted"
