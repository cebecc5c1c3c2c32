"""Signing in by code: nobody learns who is a member, nobody gets in without the code."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from regulars.delivery.models import Email
from regulars.kit.ids import MemberId
from regulars.store import sessions
from tests.store.shop import Shop


def ask(client: Client, email: str, wanted: str = "") -> Any:
    return client.post("/sign-in/", {"email": email, "next": wanted}, follow=True)


def last_code() -> str:
    found = re.search(r"\b\d{6}\b", Email.objects.latest("id").text)
    assert found
    return found.group()


def test_a_code_by_mail_lets_the_member_in_once(shop: Shop, client: Client) -> None:
    page = ask(client, " Anna@Example.org ")
    assert page.redirect_chain[-1][0] == "/sign-in/code/"
    before = client.session.session_key
    code = last_code()
    assert code not in page.content.decode()
    response = client.post("/sign-in/code/", {"code": f"{code[:3]} {code[3:]}"})
    assert response["Location"] == "/"
    assert client.session[sessions.MEMBER] == shop.anna
    assert client.session.session_key != before
    other = Client()
    ask(other, "anna@example.org")
    assert other.post("/sign-in/code/", {"code": code}).status_code == 422
    assert sessions.MEMBER not in other.session


def test_an_unknown_address_gets_the_same_answers_and_no_mail(shop: Shop) -> None:
    known, unknown = Client(), Client()
    first, second = ask(known, "anna@example.org"), ask(unknown, "nobody@example.org")
    assert Email.objects.count() == 1

    def bare(response: Any, email: str) -> str:
        text = response.content.decode().replace(email, "EMAIL")
        return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)

    assert bare(first, "anna@example.org") == bare(second, "nobody@example.org")
    wrong = [client.post("/sign-in/code/", {"code": "000000"}) for client in (known, unknown)]
    assert bare(wrong[0], "anna@example.org") == bare(wrong[1], "nobody@example.org")
    assert [response.status_code for response in wrong] == [422, 422]


@pytest.mark.parametrize("email", ["anna@example.org", "nobody@example.org"])
def test_the_limit_is_the_same_for_everyone(shop: Shop, email: str) -> None:
    answers = [ask(Client(), email).status_code for _ in range(6)]
    assert answers == [200] * 5 + [422]
    assert Email.objects.count() == (5 if email.startswith("anna") else 0)


def test_strangers_elsewhere_do_not_lock_a_member_out(shop: Shop, client: Client) -> None:
    stranger = Client(REMOTE_ADDR="198.51.100.1")
    for _ in range(6):
        ask(stranger, "anna@example.org")
    for _ in range(21):
        stranger.post("/sign-in/code/", {"code": "000000"})
    assert ask(client, "anna@example.org").status_code == 200
    assert client.post("/sign-in/code/", {"code": last_code()})["Location"] == "/"
    for number in range(4):
        for _ in range(6):
            ask(Client(REMOTE_ADDR=f"198.51.100.{number + 2}"), "anna@example.org")
    assert ask(Client(REMOTE_ADDR="198.51.100.9"), "anna@example.org").status_code == 200
    for _ in range(5):
        last = ask(Client(REMOTE_ADDR="198.51.100.10"), "anna@example.org")
    assert last.status_code == 422
    assert Email.objects.count() == 30


def test_signing_in_leads_back_to_where_one_was(shop: Shop, client: Client) -> None:
    asked = client.get("/history/?show=spent")
    assert asked["Location"] == "/sign-in/?next=%2Fhistory%2F%3Fshow%3Dspent"
    page = client.get(asked["Location"]).content.decode()
    wanted = re.search(r'name="next" value="([^"]+)"', page)
    assert wanted
    assert 'name="next"' in client.post("/sign-in/", {"email": "?", "next": wanted[1]}).content.decode()
    ask(client, "anna@example.org", wanted[1])
    response = client.post("/sign-in/code/", {"code": last_code()})
    assert response["Location"] == "/history/?show=spent"


def test_a_bare_word_is_no_name_of_a_page(shop: Shop, client: Client) -> None:
    ask(client, "anna@example.org", "NaN")
    assert client.post("/sign-in/code/", {"code": last_code()})["Location"] == "NaN"


@pytest.mark.parametrize(
    "elsewhere", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"]
)
def test_signing_in_leads_nowhere_else(shop: Shop, client: Client, elsewhere: str) -> None:
    ask(client, "anna@example.org", elsewhere)
    assert client.post("/sign-in/code/", {"code": last_code()})["Location"] == "/"


def test_looking_at_the_page_keeps_nothing(shop: Shop, client: Client) -> None:
    assert client.get("/sign-in/?next=/history/").status_code == 200
    assert "sessionid" not in client.cookies
    assert Session.objects.count() == 0


def test_the_code_is_on_screen_only_in_a_demonstration(shop: Shop, client: Client, settings: Any) -> None:
    settings.DEMO_MODE = True
    shown = re.search(r"<strong[^>]*>(\d{6})</strong>", ask(client, "anna@example.org").content.decode())
    assert shown
    assert Email.objects.count() == 0
    settings.DEMO_MODE = False
    assert shown.group(1) not in client.get("/sign-in/code/").content.decode()
    settings.DEMO_MODE = True
    assert client.post("/sign-in/code/", {"code": shown.group(1)})["Location"] == "/"


def test_example_members_are_one_tap_away_in_a_demonstration_only(
    shop: Shop, client: Client, settings: Any
) -> None:
    assert "Ben Okafor" not in client.get("/").content.decode()
    assert client.post("/demo/sign-in/", {"member": "ben"}).status_code == 404
    assert sessions.MEMBER not in client.session
    settings.DEMO_MODE = True
    assert "Ben Okafor" in client.get("/").content.decode()
    assert client.post("/demo/sign-in/", {"member": "ben"})["Location"] == "/"
    assert client.session[sessions.MEMBER] == shop.ben


def test_signing_out_is_a_post_and_keeps_the_operator(
    shop: Shop, sign_in_as: Callable[[MemberId], Client]
) -> None:
    client = sign_in_as(shop.anna)
    session = client.session
    session["of_the_console"] = "kept"
    session.save()
    assert client.get("/sign-out/").status_code == 405
    assert client.session[sessions.MEMBER] == shop.anna
    client.post("/sign-out/")
    assert sessions.MEMBER not in client.session
    assert client.session["of_the_console"] == "kept"


def test_a_fragment_for_a_stranger_sends_the_page_to_sign_in(shop: Shop, client: Client) -> None:
    response = client.get("/rewards/loaf/redeem/", headers={"HX-Request": "true"})
    assert (response.status_code, response["HX-Redirect"]) == (204, "/sign-in/?over=yes")


def test_who_was_in_the_middle_of_something_is_told_and_comes_back_to_it(shop: Shop, client: Client) -> None:
    page = "http://testserver/rewards/loaf/?a=b"
    door = "/sign-in/?next=%2Frewards%2Floaf%2F%3Fa%3Db&over=yes"
    part = {"HX-Request": "true", "HX-Current-URL": page}
    assert client.get("/rewards/loaf/redeem/", headers=part)["HX-Redirect"] == door
    assert client.post("/rewards/loaf/redeem/", headers={"Referer": page})["Location"] == door
    assert "You were signed out meanwhile" in client.get(door).content.decode()
    by_itself = client.get("/for-you/", headers=part | {"X-By-Itself": "yes"})
    assert (by_itself.status_code, by_itself.get("HX-Redirect")) == (204, None)
    for elsewhere in ("https://evil.example/", ""):
        sent = client.post("/rewards/loaf/redeem/", headers={"Referer": elsewhere})
        assert sent["Location"] == "/sign-in/?over=yes"


def test_a_members_pages_are_kept_nowhere(shop: Shop, sign_in_as: Any, client: Client) -> None:
    """Or the way back would show the points of before, and to whoever comes after a signing out."""
    for address in ("/", "/rewards/", "/profile/", "/rewards/loaf/redeem/"):
        assert "no-store" in sign_in_as(shop.anna).get(address)["Cache-Control"], address
    assert "no-store" not in client.get("/rewards/")["Cache-Control"]
