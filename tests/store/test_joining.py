"""Joining by oneself: nobody is written down before the address is proved, nobody learns who is a member."""

import re
from datetime import date
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from regulars.delivery.models import Email
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.members.facade import ConsentChannel, ConsentPurpose, IdentityKind
from regulars.rules import facade as rules
from regulars.store import sessions
from regulars.trail import facade as trail
from tests.store.shop import PROGRAMME, Shop

TOLD = {
    "email": "New@Example.org",
    "given_name": "Nora",
    "family_name": "Lind",
    "birthday": "1990-05-04",
    "locale": "ru",
    "consents": ["offers"],
}
SIGN_UP = """
[[earn]]
id = "joined"
name = "Joining"
type = "event"
event = "sign_up"
points = 100
"""


@pytest.fixture
def open_doors(shop: Shop) -> Shop:
    """The shop, where whoever likes may join."""
    members.set_registration(actor=SYSTEM, now=utc_now(), is_open=True)
    return shop


def last_code() -> str:
    found = re.search(r"\b\d{6}\b", Email.objects.latest("id").text)
    assert found
    return found.group()


def find(email: str = "new@example.org") -> members.MemberProfile | None:
    return members.find_member(IdentityKind.EMAIL, email)


def test_a_proved_address_becomes_a_member_with_what_was_agreed_to(open_doors: Shop, client: Client) -> None:
    rules.publish_programme(
        actor=SYSTEM, now=utc_now(), text=PROGRAMME.replace("[[earn]]", SIGN_UP + "[[earn]]", 1)
    )
    page = client.post("/join/", TOLD, follow=True)
    assert page.redirect_chain[-1][0] == "/join/code/"
    assert "new@example.org" in page.content.decode()
    assert find() is None
    assert client.post("/join/code/", {"code": "000000"}).status_code == 422
    answer = client.post("/join/code/", {"code": last_code()})
    assert answer["Location"] == "/"
    made = find()
    assert made is not None
    assert (made.given_name, made.family_name, made.birthday) == ("Nora", "Lind", date(1990, 5, 4))
    assert made.locale == "ru"
    assert client.session[sessions.MEMBER] == made.id
    assert members.get_consents(made.id) == {(ConsentChannel.EMAIL, ConsentPurpose.OFFERS): True}
    assert ledger.get_balance(made.id, utc_now()).active == 100
    assert "100" in str(next(iter(get_messages(answer.wsgi_request))))
    assert [one.action for one in trail.list_audit(subject=f"member:{made.id}").items].count(
        "member.registered"
    ) == 1
    # The code is used up, and so is what was told.
    assert client.get("/join/code/")["Location"] == "/join/"
    # Signing in again gives nothing a second time.
    again = Client()
    again.post("/sign-in/", {"email": "new@example.org"})
    again.post("/sign-in/code/", {"code": last_code()})
    assert again.session[sessions.MEMBER] == made.id
    assert ledger.get_balance(made.id, utc_now()).active == 100


def test_nobody_learns_who_is_a_member_and_a_member_is_signed_in_unchanged(open_doors: Shop) -> None:
    known, unknown = Client(), Client()
    pages = [
        client.post("/join/", TOLD | {"email": email}, follow=True).content.decode().replace(email, "EMAIL")
        for client, email in ((known, "anna@example.org"), (unknown, "nobody@example.org"))
    ]
    bare = [re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page) for page in pages]
    assert bare[0] == bare[1]
    assert Email.objects.count() == 2
    assert "already" in Email.objects.get(recipient="anna@example.org").text
    before = members.get_member(open_doors.anna)
    code = re.search(r"\b\d{6}\b", Email.objects.get(recipient="anna@example.org").text)
    assert code
    assert unknown.post("/join/code/", {"code": code.group()}).status_code == 422
    answer = known.post("/join/code/", {"code": code.group()})
    assert answer["Location"] == "/"
    assert known.session[sessions.MEMBER] == open_doors.anna
    assert members.get_member(open_doors.anna) == before
    assert members.get_consents(open_doors.anna) == {}
    assert find("nobody@example.org") is None


def test_limits_are_those_of_signing_in(open_doors: Shop) -> None:
    answers = [Client().post("/join/", TOLD).status_code for _ in range(6)]
    assert answers == [302] * 5 + [422]
    assert Client().post("/sign-in/", {"email": "new@example.org"}).status_code == 422


@pytest.mark.parametrize(
    "wrong",
    [{"email": "x"}, {"given_name": ""}, {"birthday": "2999-01-01"}, {"locale": "xx"}, {"consents": ["all"]}],
)
def test_what_is_wrong_is_said_before_a_code_is_sent(open_doors: Shop, client: Client, wrong: Any) -> None:
    answer = client.post("/join/", TOLD | wrong)
    assert answer.status_code == 422
    assert not Email.objects.exists()
    if "email" not in wrong:
        assert 'value="new@example.org"' in answer.content.decode().lower()


def test_no_consent_is_ticked_and_the_way_in_is_shown(open_doors: Shop, client: Client) -> None:
    shown = client.get("/join/").content.decode()
    assert shown.count('name="consents"') == len(ConsentPurpose)
    assert "checked" not in shown
    for address in ("/", "/sign-in/"):
        assert 'href="/join/"' in client.get(address).content.decode()


def test_a_closed_door_takes_nobody_in(open_doors: Shop, client: Client) -> None:
    client.post("/join/", TOLD)
    members.set_registration(actor=SYSTEM, now=utc_now(), is_open=False)
    assert client.post("/join/code/", {"code": last_code()})["Location"] == "/join/"
    assert find() is None
    assert "Ask in the shop" in client.get("/join/").content.decode()
    assert 'href="/join/"' not in client.get("/").content.decode()
    Email.objects.all().delete()
    client.post("/join/", TOLD)
    assert not Email.objects.exists()
