"""A new e-mail address is proved by a code before it is theirs."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from regulars.delivery.models import Email
from regulars.kit.ids import MemberId
from regulars.members import facade as members
from regulars.trail.facade import list_audit
from tests.store.shop import Shop

SignIn = Callable[[MemberId], Client]


def code_for(address: str) -> str:
    found = re.search(r"\b\d{6}\b", Email.objects.filter(recipient=address).latest("id").text)
    assert found
    return found.group()


def test_an_address_changes_once_its_code_was_entered(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    answer = client.post("/profile/e-mail/", {"email": " Anna.New@Example.org"}, follow=True)
    code = code_for("anna.new@example.org")
    assert code not in answer.content.decode()
    assert members.get_member(shop.anna).email == "anna@example.org"
    wrong = "000000" if code != "000000" else "111111"
    assert client.post("/profile/e-mail/code/", {"code": wrong}).status_code == 422
    assert members.get_member(shop.anna).email == "anna@example.org"
    page = client.post("/profile/e-mail/code/", {"code": code}, follow=True).content.decode()
    assert "anna.new@example.org is your address now." in page
    assert members.get_member(shop.anna).email == "anna.new@example.org"
    told = Email.objects.get(recipient="anna@example.org")
    assert "anna.new@example.org" in told.text
    actions = [record.action for record in list_audit().items]
    assert "member.contact_proved" in actions
    assert "member.signed_in" not in actions
    assert client.get("/profile/e-mail/code/")["Location"] == "/profile/"


def test_an_address_of_another_member_is_refused_only_to_who_can_read_it(
    shop: Shop, sign_in_as: SignIn
) -> None:
    client = sign_in_as(shop.anna)
    answer = client.post("/profile/e-mail/", {"email": "ben@example.org"}, follow=True).content.decode()
    assert "belongs to another" not in answer
    page = client.post("/profile/e-mail/code/", {"code": code_for("ben@example.org")}, follow=True)
    assert "belongs to another membership" in page.content.decode()
    assert members.get_member(shop.anna).email == "anna@example.org"
    assert members.get_member(shop.ben).email == "ben@example.org"


def test_a_code_for_an_address_lets_nobody_in(shop: Shop, sign_in_as: SignIn) -> None:
    sign_in_as(shop.anna).post("/profile/e-mail/", {"email": "new@example.org"})
    stranger = Client()
    stranger.post("/sign-in/", {"email": "anna@example.org"})
    assert stranger.post("/sign-in/code/", {"code": code_for("new@example.org")}).status_code == 422
    assert stranger.post("/profile/e-mail/code/", {"code": code_for("new@example.org")}).status_code == 302
    assert members.get_member(shop.anna).email == "anna@example.org"


@pytest.mark.parametrize("email", ["", "nonsense", "anna@example.org"])
def test_what_is_no_new_address_sends_nothing(shop: Shop, sign_in_as: SignIn, email: str) -> None:
    assert sign_in_as(shop.anna).post("/profile/e-mail/", {"email": email})["Location"] == "/profile/"
    assert Email.objects.count() == 0


def test_strangers_are_not_flooded_with_codes(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    for number in range(8):
        client.post("/profile/e-mail/", {"email": f"victim-{number}@example.org"})
    assert Email.objects.count() == 5


def test_a_demonstration_shows_the_code_and_sends_nothing(
    shop: Shop, sign_in_as: SignIn, settings: Any
) -> None:
    settings.DEMO_MODE = True
    client = sign_in_as(shop.anna)
    page = client.post("/profile/e-mail/", {"email": "new@example.org"}, follow=True).content.decode()
    assert re.search(r"<strong[^>]*>(\d{6})</strong>", page)
    assert Email.objects.count() == 0
