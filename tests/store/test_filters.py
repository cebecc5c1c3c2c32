"""The list of rewards by category, price and status; and what points about to lapse would buy."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from django.test import Client

from regulars.catalogue import facade as catalogue
from regulars.kit.actor import SYSTEM
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from tests.store.shop import REWARDS, Shop
from tests.store.test_history import text_of
from tests.store.test_home import names

SignIn = Callable[[MemberId], Client]


def put_in_category(shop: Shop, category: str, *codes: str) -> None:
    for reward in REWARDS:
        if reward.code in codes:
            catalogue.save_reward(actor=SYSTEM, now=shop.now, reward=replace(reward, category=category))


def test_categories_price_and_status_narrow_the_list(shop: Shop, sign_in_as: SignIn) -> None:
    put_in_category(shop, "Baker & Co", "loaf", "coffee")
    client = sign_in_as(shop.anna)

    def found(**query: str) -> list[str]:
        return names(client.get("/rewards/", query).content.decode())

    assert found(category="Baker & Co") == ["A fresh loaf of bread", "A cup of coffee, any size"]
    assert found(category="Baker & Co", price="150") == ["A fresh loaf of bread"]
    assert found(tier="gold") == ["An evening at the roastery"]
    assert found(tier="silver") == []
    assert found(price="-5") == found(price="9" * 30) == found()


def test_only_choices_that_lead_somewhere_are_offered(shop: Shop, sign_in_as: SignIn) -> None:
    put_in_category(shop, "Baker & Co", "loaf")
    html = sign_in_as(shop.anna).get("/rewards/").content.decode()
    assert 'name="category" value="Baker &amp; Co"' in html
    assert '<option value="gold">' in html
    assert '<option value="silver">' not in html
    assert '<option value="1000">' in html
    assert '<option value="2500">' not in html


def test_a_stranger_is_offered_no_reward_that_is_hidden_from_them(shop: Shop, client: Client) -> None:
    secret = replace(
        REWARDS[-1], code="secret", category="Secret", tiers_allowed=("silver",), hidden_from_others=True
    )
    catalogue.save_reward(actor=SYSTEM, now=shop.now, reward=secret)
    html = client.get("/rewards/").content.decode()
    assert "Secret" not in html
    assert '<option value="silver">' not in html
    assert names(client.get("/rewards/?tier=silver").content.decode()) == []


def test_what_narrows_the_list_is_taken_away_with_one_link(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    assert "Clear all filters" in client.get("/rewards/?price=500").content.decode()
    assert "Clear all filters" not in client.get("/rewards/").content.decode()


def test_points_about_to_lapse_say_what_they_would_buy(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.ben)
    for amount, says in (
        (20, "Whatever you redeem, these are spent first."),
        (280, "They alone are enough for Groceries for the food bank"),
    ):
        ledger.adjust_points(
            actor=SYSTEM,
            now=shop.now,
            member_id=shop.ben,
            amount=amount,
            reason="Goodwill",
            key=f"lapsing-{amount}",
            expires_at=shop.now + timedelta(days=9),
        )
        assert says in text_of(client.get("/"))
