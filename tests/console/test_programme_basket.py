"""A basket that is tried: what it earns by rule and line, in force and in the draft, and why not more."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.test import Client

from regulars.activity import facade as activity
from regulars.console.pages.programme_basket import make_state
from regulars.kit.clock import utc_now
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from tests.console.conftest import Staffed
from tests.console.test_programme import HOME, begin, words
from tests.store.shop import PROGRAMME

BASKET = f"{HOME}basket/"


def result(client: Client, query: str) -> str:
    answer = client.get(f"{BASKET}?{query}")
    assert answer.status_code == 200
    return words(answer.content).split("What it earns")[-1]


def test_it_tells_points_by_rule_and_line_and_what_was_left_out(staffed: Staffed, owner: Client) -> None:
    assert "Put something in" in words(owner.get(BASKET).content)
    shown = result(
        owner, "sku=x&amount=20&kind=product&quantity=1&sku=card&amount=5&kind=gift_card&quantity=1"
    )
    assert "In force" in shown
    assert "earns nothing: gift card never does" in shown
    assert "count towards tiers" in shown


def test_draft_and_what_is_in_force_stand_beside_each_other(staffed: Staffed, owner: Client) -> None:
    query = "sku=x&amount=20&quantity=1"
    begin(owner)
    assert "Draft and what is in force give the same." in result(owner, query)
    begin(owner, PROGRAMME + '\n[[earn]]\nid = "gift"\nname = "A gift"\ntype = "bonus"\npoints = 7\n')
    shown = result(owner, query)
    assert "The draft gives 7 points more." in shown
    assert "A gift" in shown
    begin(owner, "[programme")
    assert "The draft has mistakes and cannot be tried" in words(owner.get(f"{BASKET}?{query}").content)


def test_a_member_joined_on_the_day_of_the_shop(staffed: Staffed) -> None:
    """Two in the morning in London is the day before in New York: so it is where points are really given."""
    whose = replace(members.get_member(staffed.shop.anna), joined_at=datetime(2026, 3, 2, 2, tzinfo=UTC))
    zone = ZoneInfo("America/New_York")
    state = make_state(tier="", segments="", first=False, whose=whose, orders_before=1, zone=zone)
    assert state.joined_on == date(2026, 3, 1)


def test_what_was_mistyped_is_said_at_its_line(staffed: Staffed, owner: Client) -> None:
    for query, said in (
        ("sku=x&quantity=0", "A whole number of pieces, please."),
        ("sku=x&amount=abc", "An amount of the currency, please."),
        ("sku=x&amount=1.234", "An amount of the currency, please."),
        ("sku=x&amount=1e99999999", "An amount of the currency, please."),
        ("sku=x&kind=house", "Choose a kind."),
    ):
        page = words(owner.get(f"{BASKET}?{query}").content)
        assert said in page
        assert "Mend the lines first" in page


def test_a_real_order_is_taken_and_nothing_is_posted(staffed: Staffed, owner: Client) -> None:
    anna = staffed.shop.anna
    (order,) = activity.list_orders(member_id=anna, size=1).items
    before = ledger.get_balance(anna, utc_now())
    assert f"?order={order.id}" in owner.get(f"{BASKET}?member=anna").content.decode()
    shown = words(owner.get(f"{BASKET}?order={order.id}").content)
    assert f"Order {order.external_id}" in shown
    assert "By line" in shown
    assert "Nobody is found by that." in words(owner.get(f"{BASKET}?member=zzzz").content)
    for unknown in ("999999999", "nothing"):
        assert "Put something in" in words(owner.get(f"{BASKET}?order={unknown}").content)
    assert ledger.get_balance(anna, utc_now()) == before
