"""What would give more points than any wallet is made for is refused alone, and leaves nothing."""

import pytest

from regulars.activity.models import Event, Order
from regulars.earning.facade import AwardTooLarge, SubmitStatus
from regulars.earning.models import Award
from regulars.earning.operations import awarding
from regulars.ledger import facade as ledger
from tests.activity.makers import event, line, make_members, order
from tests.earning.worlds import (
    HEAD,
    PER_EURO,
    REVIEW,
    TIERS,
    active,
    publish,
    snapshot,
    submit_events,
    submit_orders,
)

pytestmark = pytest.mark.django_db
ACCEPTED, REPEATED, REFUSED = SubmitStatus.ACCEPTED, SubmitStatus.REPEATED, SubmitStatus.REFUSED
LARGEST = 10**13
CAPPED = '\ncaps = [{ scope = "member", period = "day", points = 1000000000 }]\n'
GENEROUS = PER_EURO.replace("points = 1\n", "points = 1000000\n")


def test_an_order_that_would_give_too_much_is_refused_alone() -> None:
    publish(HEAD + GENEROUS + TIERS)
    ada, bob = make_members(2)
    before = snapshot([ada])
    outcomes = submit_orders(
        order("A-1", bob, line(1, 500)),
        order("A-2", ada, line(1, LARGEST)),
        order("A-2", ada, line(1, LARGEST)),
        order("A-3", bob, line(1, 700)),
        order("A-4", ada, line(1, LARGEST - 1)),
    )
    assert [outcome.status for outcome in outcomes] == [ACCEPTED, REFUSED, REFUSED, ACCEPTED, REFUSED]
    assert isinstance(outcomes[1].refusal, AwardTooLarge)
    assert outcomes[1].refusal.code == "award_too_large"
    assert snapshot([ada]) == before
    assert active(bob) == 5_000_000 + 10_500_000  # silver by then
    assert sorted(Order.objects.values_list("external_id", flat=True)) == ["A-1", "A-3"]
    assert Award.objects.count() == 2
    assert ledger.prove().ok


def test_a_refused_order_can_be_sent_again_when_it_has_been_put_right() -> None:
    publish(HEAD + GENEROUS)
    (ada,) = make_members(1)
    assert submit_orders(order("A-1", ada, line(1, LARGEST)))[0].status is REFUSED
    assert submit_orders(order("A-1", ada, line(1, 100)))[0].status is ACCEPTED
    assert submit_orders(order("A-1", ada, line(1, 100)))[0].status is REPEATED
    assert active(ada) == 1_000_000


def test_the_largest_orders_of_a_shop_overflow_neither_counters_nor_standings() -> None:
    publish(HEAD + PER_EURO.rstrip() + CAPPED + TIERS.replace('"points"', '"spend"'))
    (ada,) = make_members(1)
    for n in range(20):
        assert submit_orders(order(f"A-{n}", ada, line(1, LARGEST)))[0].status is ACCEPTED
    state = snapshot([ada])
    assert state["tiers"][ada] == ("silver", 20 * LARGEST)
    assert active(ada) == 10**9
    assert ledger.prove().ok


def test_an_event_that_would_give_too_much_is_refused_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No programme that can be written reaches the limit with an event, so the limit comes down to it."""
    monkeypatch.setattr(awarding, "AWARD_MAX", 19)
    publish(HEAD + REVIEW + REVIEW.replace("review", "small").replace("points = 20", "points = 5"))
    ada, bob = make_members(2)
    outcomes = submit_events(event("E-1", ada, "review"), event("E-2", bob, "small"))
    assert [outcome.status for outcome in outcomes] == [REFUSED, ACCEPTED]
    assert isinstance(outcomes[0].refusal, AwardTooLarge)
    assert (active(ada), active(bob)) == (0, 5)
    assert list(Event.objects.values_list("external_id", flat=True)) == ["E-2"]
