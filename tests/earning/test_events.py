"""Events in, points out: once each, within caps, and what waits for them becomes active."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.activity.facade import AlreadyHappened
from regulars.activity.models import Event
from regulars.earning.facade import SubmitStatus
from regulars.earning.models import Awaited, Budget
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from tests.activity.makers import NOON, NOW, event, give_back, line, make_members, order
from tests.earning.worlds import (
    HEAD,
    PER_EURO,
    REVIEW,
    WHOLE,
    active,
    publish,
    snapshot,
    submit_events,
    submit_orders,
    submit_returns,
)

pytestmark = pytest.mark.django_db
ACCEPTED, REPEATED, REFUSED = SubmitStatus.ACCEPTED, SubmitStatus.REPEATED, SubmitStatus.REFUSED
ONCE = """
[[earn]]
id = "{kind}"
name = "{kind}"
type = "event"
event = "{kind}"
points = 50
"""
AWAITING = HEAD + PER_EURO + 'pending = { awaits = "delivered" }\n'
SLIDING = HEAD.replace("after_months", "inactivity").replace("months = 12", "months = 6") + PER_EURO


def at(days: float) -> datetime:
    return NOON + timedelta(days=days)


def pending(member_id: MemberId) -> int:
    return ledger.get_balance(member_id, NOW).pending


def test_an_event_earns_by_its_rules_and_within_its_caps() -> None:
    publish(WHOLE)
    (ada,) = make_members(1)
    outcomes = submit_events(*(event(f"E-{n}", ada, "review") for n in range(3)), event("E-3", ada, "visit"))
    assert [outcome.status for outcome in outcomes] == [ACCEPTED] * 4
    assert [outcome.points for outcome in outcomes] == [20, 20, 0, 0]
    assert active(ada) == 40
    (again,) = submit_events(event("E-0", ada, "review"))
    assert (again.status, again.points, again.award_id) == (REPEATED, 20, outcomes[0].award_id)
    assert active(ada) == 40


def test_a_budget_is_shared_by_everyone() -> None:
    publish(WHOLE)
    members = make_members(4)
    batch = [event(f"E-{who}-{n}", who, "review") for who in members for n in range(2)]
    assert sum(outcome.points for outcome in submit_events(*batch[:5])) == 100
    assert sum(outcome.points for outcome in submit_events(*batch[5:])) == 0
    assert Budget.objects.get().used == 100
    (october,) = submit_events(event("E-x", members[3], "review", occurred_at=at(29.5)))
    assert october.points == 20


def test_what_cannot_use_a_budget_does_not_touch_it() -> None:
    publish(WHOLE)
    (ada,) = make_members(1)
    with CaptureQueriesContext(connection) as queries:
        submit_orders(order("A-1", ada))
        submit_events(event("E-1", ada, "visit"))
    assert not any("earning_budget" in query["sql"] for query in queries)


def test_refused_events_change_nothing() -> None:
    publish(WHOLE)
    (ada,) = make_members(1)
    submit_events(event("E-1", ada, "review"))
    before = snapshot([ada])
    outcomes = submit_events(
        event("E-1", ada, "share"), event("E-2", MemberId(ada + 99), "review"), event("E-3", ada, "No Such")
    )
    assert [outcome.status for outcome in outcomes] == [REFUSED] * 3
    assert snapshot([ada]) == before
    assert Event.objects.count() == 1


def test_one_signs_up_once_and_has_one_birthday_a_year() -> None:
    publish(HEAD + ONCE.format(kind="sign_up") + ONCE.format(kind="birthday"))
    (ada,) = make_members(1)
    new_year = datetime(2025, 12, 31, 23, 0, tzinfo=UTC)  # in Berlin
    outcomes = submit_events(
        event("S-1", ada, "sign_up"),
        event("S-2", ada, "sign_up", occurred_at=at(3)),
        event("B-1", ada, "birthday", occurred_at=new_year - timedelta(minutes=1)),
        event("B-2", ada, "birthday", occurred_at=new_year),
        event("B-3", ada, "birthday", occurred_at=at(0)),
    )
    assert [outcome.status for outcome in outcomes] == [ACCEPTED, REFUSED, ACCEPTED, ACCEPTED, REFUSED]
    assert isinstance(outcomes[1].refusal, AlreadyHappened)
    assert active(ada) == 150


def test_an_event_activates_what_waits_for_it() -> None:
    publish(AWAITING)
    ada, bob = make_members(2)
    submit_orders(order("A-1", ada), order("A-2", ada, minutes=5), order("B-1", bob))
    assert (pending(ada), active(ada)) == (20, 0)
    other, delivered = submit_events(
        event("E-1", ada, "visit", occurred_at=at(1)), event("E-2", ada, "delivered", occurred_at=at(1))
    )
    assert (other.activated, delivered.activated, delivered.points) == (0, 20, 0)
    assert (pending(ada), active(ada), pending(bob)) == (0, 20, 10)
    assert submit_events(event("E-2", ada, "delivered", occurred_at=at(1)))[0].activated == 20
    # Their year begins when they become active, not when they were earned.
    assert {lot.expires_at for lot in ledger.list_lots(ada, NOW)} == {datetime(2027, 9, 2, 22, tzinfo=UTC)}
    assert ledger.prove().ok


def test_an_event_that_names_its_order_activates_that_one_only() -> None:
    publish(AWAITING)
    (ada,) = make_members(1)
    submit_orders(order("A-1", ada), order("A-2", ada, line(1, 700), minutes=5))
    (outcome,) = submit_events(event("E-1", ada, "delivered", occurred_at=at(1), attributes={"order": "A-2"}))
    assert outcome.activated == 7
    assert (pending(ada), active(ada)) == (10, 7)


def test_an_event_activates_nothing_that_came_after_it() -> None:
    publish(AWAITING)
    (ada,) = make_members(1)
    submit_orders(order("A-1", ada), order("A-2", ada, occurred_at=at(2)))
    submit_events(event("E-1", ada, "delivered", occurred_at=at(1)))
    assert (pending(ada), active(ada)) == (10, 10)


def test_points_that_arrive_after_their_event_find_it() -> None:
    publish(AWAITING)
    (ada,) = make_members(1)
    submit_events(
        event("E-1", ada, "delivered", occurred_at=at(1), attributes={"order": "A-1"}),
        event("E-2", ada, "delivered", occurred_at=at(3), attributes={"order": "A-9"}),
    )
    submit_orders(order("A-1", ada), order("A-2", ada))
    assert (pending(ada), active(ada)) == (10, 10)
    assert {lot.expires_at for lot in ledger.list_lots(ada, NOW) if lot.state == "active"} == {
        datetime(2027, 9, 2, 22, tzinfo=UTC)
    }
    assert Awaited.objects.filter(settled_at__isnull=True).count() == 1


def test_what_was_returned_while_it_waited_is_not_activated() -> None:
    publish(AWAITING)
    (ada,) = make_members(1)
    submit_orders(order("A-1", ada), order("A-2", ada, line(1, 1000, 2)))
    submit_returns(give_back("R-1", "A-1", (1, 1, None)), give_back("R-2", "A-2", (1, 1, None)))
    (outcome,) = submit_events(event("E-1", ada, "delivered", occurred_at=at(1)))
    assert outcome.activated == 5
    assert (pending(ada), active(ada)) == (0, 5)
    submit_returns(give_back("R-3", "A-2", (1, 1, None)))
    assert active(ada) == 0
    assert ledger.prove().ok


def test_points_that_lapse_by_inactivity_live_on_with_every_activity() -> None:
    publish(SLIDING + REVIEW)
    ada, bob = make_members(2)
    months = [timedelta(days=30 * n) for n in range(0, 13, 4)]
    told: list[Any] = [
        order(f"A-{n}", ada, occurred_at=NOON - timedelta(days=365) + gap) for n, gap in enumerate(months)
    ]
    for one in told:
        submit_orders(one)
    # Bob tells of the same year at once, and of a gap that is too long.
    submit_orders(
        *(order(f"B-{n}", bob, occurred_at=NOON - timedelta(days=365) + gap) for n, gap in enumerate(months)),
        order("B-lapsed", bob, occurred_at=NOON - timedelta(days=700)),
    )
    lapsing = datetime(2027, 2, 27, 23, tzinfo=UTC)
    last = told[-1].occurred_at
    assert last == NOON - timedelta(days=5)
    assert ledger.get_balance(ada, NOW).active == ledger.get_balance(bob, NOW).active == 40
    for who in (ada, bob):
        assert {lot.expires_at for lot in ledger.list_lots(who, NOW)} == {lapsing}
    submit_events(event("E-1", ada, "review", occurred_at=at(20)))
    assert {lot.expires_at for lot in ledger.list_lots(ada, NOW)} == {datetime(2027, 3, 21, 23, tzinfo=UTC)}
    assert ledger.prove().ok


def test_a_birthday_is_no_sign_of_life() -> None:
    publish(SLIDING + ONCE.format(kind="birthday"))
    (ada,) = make_members(1)
    submit_orders(order("A-1", ada))
    before = {lot.expires_at for lot in ledger.list_lots(ada, NOW)}
    submit_events(event("E-1", ada, "birthday", occurred_at=at(20)))
    lots = sorted(ledger.list_lots(ada, NOW), key=lambda lot: lot.opened_at)
    assert lots[0].expires_at in before
    assert lots[1].expires_at not in before
