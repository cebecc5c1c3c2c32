"""A quote says what a basket would earn, and changes nothing."""

import pytest

from regulars.earning.facade import quote
from regulars.kit.ids import MemberId
from regulars.members.facade import MemberUnknown
from regulars.rules.facade import Basket, BasketLine
from tests.activity.makers import NOON, NOW, event, line, make_members, order
from tests.earning.worlds import WHOLE, publish, snapshot, stock_products, submit_events, submit_orders

pytestmark = pytest.mark.django_db
BASKET = Basket(NOW, (BasketLine(1, "rye", 1, 2050), BasketLine(2, "nothing known", 1, 300)))


@pytest.fixture(autouse=True)
def shop() -> None:
    publish(WHOLE)
    stock_products()


def test_a_quote_is_what_the_order_then_earns() -> None:
    (ada,) = make_members(1)
    submit_orders(order("A-1", ada, line(1, 6000), occurred_at=NOON))
    before = snapshot([ada])
    told = quote(member_id=ada, basket=BASKET, now=NOW)
    assert snapshot([ada]) == before
    lines = (line(1, 2050, sku="rye"), line(2, 300, sku="nothing known"))
    (outcome,) = submit_orders(order("A-2", ada, *lines, occurred_at=NOW))
    assert told.points_of("points") == outcome.points
    again = quote(member_id=ada, basket=BASKET, now=NOW)
    assert again.points_of("points") == outcome.points - 10  # the day's cap of 40 leaves 15 of 25


def test_a_stranger_gets_a_quote_too() -> None:
    assert quote(member_id=None, basket=BASKET, now=NOW).points_of("points") == 20 + 3 + 21 + 100 + 25
    with pytest.raises(MemberUnknown):
        quote(member_id=MemberId(99), basket=BASKET, now=NOW)


def test_a_quote_knows_the_catalogue_and_segments_and_believes_what_it_is_told() -> None:
    told = Basket(NOW, (BasketLine(1, "own", 1, 1000, categories=("bread",)),))
    (ada,) = make_members(1)
    submit_events(event("E-1", ada, "review"))
    assert quote(member_id=ada, basket=told, now=NOW, segments=frozenset({"x"})).points_of("points") == 120
