"""An award taken back by hand: all that is left, once, with its caps and its share of the tier."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from regulars.earning import facade as earning
from regulars.earning.facade import Source, SourceKind
from regulars.kit.actor import SYSTEM, Actor, ActorKind
from regulars.ledger import facade as ledger
from regulars.trail import facade as trail
from tests.activity.makers import NOON, NOW, event, give_back, line, make_members, order
from tests.earning.worlds import (
    HEAD,
    PER_EURO,
    WHOLE,
    active,
    publish,
    snapshot,
    stock_products,
    submit_events,
    submit_orders,
    submit_returns,
)

AGENT = Actor(ActorKind.OPERATOR, "3")


def reverse(source: Source, reason: str = "rung up twice") -> earning.Correction:
    return earning.reverse_award(actor=AGENT, now=NOW, source=source, reason=reason)


@pytest.fixture
def shop(db: None) -> None:
    publish(WHOLE)
    stock_products()


@pytest.mark.usefixtures("shop")
def test_nothing_is_left_of_an_award_taken_back() -> None:
    (ada,) = make_members(1)
    before = snapshot([ada])
    (outcome,) = submit_orders(order("A-1", ada, line(1, 5550, sku="rye"), line(2, 999, sku="milk")))
    assert snapshot([ada])["tiers"][ada][0] == "silver"
    source = Source(SourceKind.ORDER, outcome.order_id or 0)
    correction = reverse(source)
    assert (correction.points, correction.waived, correction.replayed) == (outcome.points, 0, False)
    after = snapshot([ada])
    assert {**after, "lots": before["lots"], "balances": before["balances"]} == before
    assert active(ada) == 0
    assert all(one.amount == one.reversed for one in earning.explain_award(source).postings)
    (record,) = trail.list_audit(action="award.reversed").items
    assert (record.actor, record.subject, record.reason) == (AGENT, f"member:{ada}", "rung up twice")
    assert ledger.prove().ok


@pytest.mark.usefixtures("shop")
def test_asked_again_the_first_answer_is_given_and_nothing_happens() -> None:
    (ada,) = make_members(1)
    (outcome,) = submit_orders(order("A-1", ada, line(1, 2000)))
    source = Source(SourceKind.ORDER, outcome.order_id or 0)
    first = reverse(source)
    before = snapshot([ada])
    again = reverse(source, "another reason")
    assert again.replayed
    assert (again.points, again.award_id) == (first.points, first.award_id)
    assert snapshot([ada]) == before
    assert len(trail.list_audit(action="award.reversed").items) == 1


@pytest.mark.usefixtures("shop")
def test_goods_that_come_back_later_find_nothing_more_to_take() -> None:
    (ada,) = make_members(1)
    (outcome,) = submit_orders(order("A-1", ada, line(1, 2000), line(2, 3000)))
    submit_returns(give_back("R-1", "A-1", (1, 1, None)))
    correction = reverse(Source(SourceKind.ORDER, outcome.order_id or 0))
    assert 0 < correction.points < outcome.points
    before = snapshot([ada])
    (back,) = submit_returns(give_back("R-2", "A-1", (2, 1, None)))
    assert (back.status.value, back.points) == ("accepted", 0)
    assert snapshot([ada]) == before
    assert active(ada) == 0


@pytest.mark.usefixtures("shop")
def test_after_a_whole_return_nothing_is_left_to_take() -> None:
    (ada,) = make_members(1)
    (outcome,) = submit_orders(order("A-1", ada, line(1, 2000)))
    submit_returns(give_back("R-1", "A-1", (1, 1, None)))
    before = snapshot([ada])
    with pytest.raises(earning.NothingLeft):
        reverse(Source(SourceKind.ORDER, outcome.order_id or 0))
    assert snapshot([ada]) == before


@pytest.mark.usefixtures("shop")
def test_an_event_taken_back_frees_its_caps() -> None:
    (ada,) = make_members(1)
    kinds = [event(f"e{n}", ada, "review") for n in range(3)]
    outcomes = submit_events(*kinds)
    assert [outcome.points for outcome in outcomes] == [20, 20, 0]
    reverse(Source(SourceKind.EVENT, outcomes[0].event_id or 0), "copied from elsewhere")
    assert active(ada) == 20
    (fourth,) = submit_events(event("e4", ada, "review"))
    assert fourth.points == 20


@pytest.mark.usefixtures("shop")
def test_what_was_spent_is_owed_as_the_programme_says() -> None:
    (ada,) = make_members(1)
    (outcome,) = submit_orders(order("A-1", ada, line(1, 2000)))
    ledger.adjust_points(
        actor=SYSTEM, now=NOW, member_id=ada, amount=-outcome.points, reason="spent", key="x"
    )
    correction = reverse(Source(SourceKind.ORDER, outcome.order_id or 0))
    assert (correction.points, correction.into_debt) == (outcome.points, outcome.points)
    assert ledger.get_balance(ada, NOW).debt == outcome.points


@pytest.mark.usefixtures("shop")
def test_refusals_change_nothing() -> None:
    (ada,) = make_members(1)
    (outcome,) = submit_orders(order("A-1", ada, line(1, 2000)))
    before = snapshot([ada])
    source = Source(SourceKind.ORDER, outcome.order_id or 0)
    for wrong in (
        Source(SourceKind.ORDER, 404),
        Source(SourceKind.EVENT, source.id),
        Source(SourceKind.RETURN, 1),
    ):
        with pytest.raises(earning.UnknownAward):
            reverse(wrong)
    with pytest.raises(earning.ReasonNeeded):
        reverse(source, "  ")
    assert snapshot([ada]) == before
    assert trail.list_audit(action="award.reversed").items == ()


@pytest.mark.django_db
def test_an_empty_line_that_came_back_frees_its_cap_once() -> None:
    rule = """
[[earn]]
id = "extra"
type = "bonus"
points = 100
match = { skus = ["E"] }
caps = [{ scope = "member", period = "day", points = 200 }]
"""
    publish(HEAD + PER_EURO + rule)
    (ada,) = make_members(1)
    (outcome,) = submit_orders(order("A-1", ada, line(1, 0, 0, sku="E"), line(2, 1000, sku="B")))
    assert outcome.points == 110
    submit_returns(give_back("R-1", "A-1", (1, 0, 0)))
    reverse(Source(SourceKind.ORDER, outcome.order_id or 0))
    assert active(ada) == 0
    assert snapshot([ada])["usage"] == []


class AnyOrderOfReturns(TestCase):
    """Whatever has come back before, by hand goes exactly the rest: the end is the same."""

    @settings(max_examples=15, deadline=None)
    @given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 2)), max_size=4))
    def test_the_end_is_the_same(self, returns: list[tuple[int, int]]) -> None:
        publish(WHOLE)
        stock_products()
        (ada,) = make_members(1)
        (outcome,) = submit_orders(
            order("A-1", ada, *(line(number, 777 * number, 3, sku="rye") for number in (1, 2, 3)))
        )
        for number, (line_no, quantity) in enumerate(returns):
            submit_returns(give_back(f"R-{number}", "A-1", (line_no, quantity, None), occurred_at=NOON))
        if active(ada):
            reverse(Source(SourceKind.ORDER, outcome.order_id or 0))
        end = snapshot([ada])
        assert active(ada) == 0
        assert end["usage"] == end["budgets"] == []
        assert end["tiers"][ada] == ("basic", 0)
