"""A telephone number is proved by a code before it is theirs."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from regulars.delivery import facade as delivery
from regulars.delivery.models import Email, TextMessage
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.kit.ids import MemberId
from regulars.members import facade as members
from tests.store.shop import Shop

SignIn = Callable[[MemberId], Client]
NUMBER = "+442079460018"


@pytest.fixture(autouse=True)
def texts(settings: Any) -> None:
    settings.SMS_URL = "log"


def code_for(number: str) -> str:
    found = re.search(r"\b\d{6}\b", TextMessage.objects.filter(recipient=number).latest("id").text)
    assert found
    return found.group()


def prove(client: Client, number: str) -> str:
    client.post("/profile/phone/", {"phone": number})
    page = client.post("/profile/phone/code/", {"code": code_for(number)}, follow=True)
    return page.content.decode()


def test_a_number_changes_once_its_code_was_entered(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    before = members.get_member(shop.anna).phone
    page = client.post("/profile/phone/", {"phone": "0044 20 7946-0018"}, follow=True).content.decode()
    code = code_for(NUMBER)
    assert code not in page
    assert NUMBER in page
    wrong = "000000" if code != "000000" else "111111"
    assert client.post("/profile/phone/code/", {"code": wrong}).status_code == 422
    assert members.get_member(shop.anna).phone == before
    page = client.post("/profile/phone/code/", {"code": code}, follow=True).content.decode()
    assert f"{NUMBER} is your number now." in page
    assert members.get_member(shop.anna).phone == NUMBER
    assert client.get("/profile/phone/code/")["Location"] == "/profile/"
    prove(client, "+442079460019")
    assert "+442079460019" in Email.objects.get(recipient="anna@example.org").text


def test_a_number_of_another_member_is_refused_only_to_who_can_read_it(
    shop: Shop, sign_in_as: SignIn
) -> None:
    prove(sign_in_as(shop.ben), NUMBER)
    before = members.get_member(shop.anna).phone
    assert "belongs to another membership" in prove(sign_in_as(shop.anna), NUMBER)
    assert members.get_member(shop.anna).phone == before
    assert members.get_member(shop.ben).phone == NUMBER


def test_a_code_is_worth_nothing_in_another_browser(shop: Shop, sign_in_as: SignIn) -> None:
    sign_in_as(shop.anna).post("/profile/phone/", {"phone": NUMBER})
    for other in (sign_in_as(shop.anna), sign_in_as(shop.ben), Client()):
        assert other.post("/profile/phone/code/", {"code": code_for(NUMBER)}).status_code == 302
    assert members.get_member(shop.anna).phone != NUMBER


@pytest.mark.parametrize("phone", ["", "nonsense", "12345", "+44" + "0" * 40])
def test_what_is_no_number_sends_nothing(shop: Shop, sign_in_as: SignIn, phone: str) -> None:
    assert sign_in_as(shop.anna).post("/profile/phone/", {"phone": phone})["Location"] == "/profile/"
    assert TextMessage.objects.count() == 0


def test_strangers_are_not_flooded_with_codes(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    for number in range(6):
        client.post("/profile/phone/", {"phone": f"+44207946001{number}"})
    assert TextMessage.objects.count() == 3


def test_without_a_way_to_text_nothing_is_offered(shop: Shop, sign_in_as: SignIn, settings: Any) -> None:
    settings.SMS_URL = ""
    client = sign_in_as(shop.anna)
    assert "ask the shop" in client.get("/profile/").content.decode()
    assert "/profile/phone/" not in client.get("/profile/").content.decode()
    assert client.post("/profile/phone/", {"phone": NUMBER}).status_code == 404
    settings.DEMO_MODE = True
    assert "/profile/phone/" in client.get("/profile/").content.decode()
    page = client.post("/profile/phone/", {"phone": NUMBER}, follow=True).content.decode()
    assert re.search(r"<strong[^>]*>(\d{6})</strong>", page)
    assert TextMessage.objects.count() == 0


def test_who_is_erased_gets_no_message_that_still_waits(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    prove(client, NUMBER)
    with transaction.atomic():
        delivery.send_text(to=NUMBER, text="Your table is ready.", now=utc_now())
    members.erase_member(actor=SYSTEM, now=utc_now(), member_id=shop.anna, reason="asked")
    assert not TextMessage.objects.filter(recipient=NUMBER).exists()
    assert set(TextMessage.objects.values_list("state", "text")) == {(delivery.TextState.FORGOTTEN, "")}
