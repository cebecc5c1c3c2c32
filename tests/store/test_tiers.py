"""Status: what each step gives, where the member stands, what keeps them there."""

from collections.abc import Callable

from django.test import Client

from regulars.kit.ids import MemberId
from tests.store.shop import Shop
from tests.store.test_history import text_of

SignIn = Callable[[MemberId], Client]


def test_the_page_says_where_a_member_stands_and_what_keeps_them_there(
    shop: Shop, sign_in_as: SignIn
) -> None:
    text = text_of(sign_in_as(shop.anna).get("/status/"))
    assert "Where you stand Silver" in text
    assert "of 2,000 points" in text
    assert "Silver is yours until" in text
    assert "Silver You are here 500 points within 12 months" in text
    assert "Gold Next 2,000 points within 12 months" in text
    assert "you keep it for another 30 days and then go down one step" in text
    assert "Up to Silver" in text.partition("Your way so far")[2]


def test_the_lowest_step_cannot_be_lost(shop: Shop, sign_in_as: SignIn) -> None:
    text = text_of(sign_in_as(shop.ben).get("/status/"))
    assert "Member You are here From the first day" in text
    assert "Nothing can take your present status away." in text
    assert "Your way so far" not in text


def test_home_says_what_the_next_step_adds(shop: Shop, sign_in_as: SignIn) -> None:
    text = text_of(sign_in_as(shop.anna).get("/"))
    added = text.partition("With Gold also")[2].partition("All about status")[0]
    assert "A share of each reward kept for you" in added
    assert "New rewards a day before everyone else" not in added


def test_a_stranger_is_asked_to_sign_in(shop: Shop, client: Client) -> None:
    assert client.get("/status/")["Location"] == "/sign-in/?next=%2Fstatus%2F"
