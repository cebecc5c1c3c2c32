"""The way in: who is let in, who is not, and what a session is worth."""

from datetime import timedelta

import pytest
from django.test import Client

from regulars.identity import facade as identity
from regulars.identity.facade import Role
from regulars.identity.policies import SIGN_IN_BY_PAIR
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.trail import facade as trail
from tests.console.conftest import PASSWORD, Staffed, hire

SIGN_IN = "/console/sign-in/"
OWNER = "owner@example.org"


def enter(client: Client, password: str = PASSWORD, **more: str) -> int:
    return client.post(SIGN_IN, {"email": OWNER, "password": password, **more}).status_code


@pytest.mark.django_db
def test_an_operator_signs_in_by_password_and_out_again() -> None:
    olga = hire(Role.OWNER)[Role.OWNER]
    client = Client()
    answer = client.post(SIGN_IN, {"email": " Owner@Example.org", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/console/")
    shown = client.get("/console/")
    assert shown.status_code == 200
    assert "no-store" in shown["Cache-Control"]
    assert "Olga Petrova" in shown.content.decode()
    assert client.get("/console/sign-out/").status_code == 405
    assert client.post("/console/sign-out/").status_code == 302
    assert client.get("/console/").status_code == 302
    assert [record.action for record in trail.list_audit(subject=f"operator:{olga.id}").items] == [
        "operator.signed_out",
        "operator.signed_in",
        "operator.created",
    ]


@pytest.mark.django_db
@pytest.mark.usefixtures("cheap_passwords")
def test_a_wrong_password_and_an_unknown_address_say_the_same() -> None:
    hire(Role.OWNER)
    pages = []
    for email in (OWNER, "nobody@example.org"):
        answer = Client().post(SIGN_IN, {"email": email, "password": "guess"})
        assert answer.status_code == 403
        pages.append(answer.content.decode().replace(email, "").split("csrfmiddlewaretoken")[0])
        assert "E-mail and password do not go together." in answer.content.decode()
        assert "guess" not in answer.content.decode()
    assert pages[0] == pages[1]


@pytest.mark.django_db
@pytest.mark.usefixtures("cheap_passwords")
def test_guessing_ends_with_a_time_to_wait() -> None:
    hire(Role.OWNER)
    for _ in range(SIGN_IN_BY_PAIR.attempts):
        assert enter(Client(), "guess") == 403
    assert enter(Client()) == 429
    assert enter(Client(REMOTE_ADDR="192.0.2.7"), "guess") == 403
    assert trail.list_audit(action="operator.signed_in").items == ()


@pytest.mark.django_db
def test_a_form_without_its_token_is_refused() -> None:
    hire(Role.OWNER)
    client = Client(enforce_csrf_checks=True)
    assert enter(client) == 403
    assert client.get("/console/").status_code == 302


@pytest.mark.django_db
@pytest.mark.usefixtures("cheap_passwords")
@pytest.mark.parametrize(
    "outside", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1"]
)
def test_the_way_on_stays_in_the_house(outside: str) -> None:
    hire(Role.OWNER)
    for query in ({}, {"next": outside}):
        answer = Client().post(SIGN_IN, {"email": OWNER, "password": PASSWORD, **query})
        assert answer["Location"] == "/console/"
    inside = Client().post(SIGN_IN, {"email": OWNER, "password": PASSWORD, "next": "/console/trail/"})
    assert inside["Location"] == "/console/trail/"


@pytest.mark.django_db
@pytest.mark.usefixtures("cheap_passwords")
def test_a_bare_word_is_no_name_of_a_page() -> None:
    hire(Role.OWNER)
    door = Client()
    for ask in (door.post, door.get):
        answer = ask(SIGN_IN, {"email": OWNER, "password": PASSWORD, "next": "NaN"})
        assert (answer.status_code, answer["Location"]) == (302, "NaN")


@pytest.mark.django_db
def test_strangers_are_asked_to_sign_in_and_brought_back() -> None:
    answer = Client().get("/console/members/1/?a=b")
    assert answer["Location"] == "/console/sign-in/?next=/console/members/1/%3Fa%3Db"
    part = Client().get("/console/?q=a", headers={"HX-Request": "true"})
    assert (part.status_code, part["HX-Redirect"], part.content) == (200, "/console/sign-in/?over=yes", b"")
    sent = Client().post("/console/keys/new/", headers={"Referer": "http://testserver/console/keys/?a=b"})
    assert sent["Location"] == "/console/sign-in/?next=/console/keys/%3Fa%3Db&over=yes"
    assert "You were signed out meanwhile" in Client().get(sent["Location"]).content.decode()


def test_a_session_ends_with_the_password_and_with_the_work(staffed: Staffed) -> None:
    client, other = staffed.client(Role.SUPPORT), staffed.client(Role.FINANCE)
    assert client.get("/console/").status_code == other.get("/console/").status_code == 200
    now = utc_now()
    ids = {role: info.id for role, info in staffed.staff.items()}
    identity.change_password(
        actor=SYSTEM, now=now, operator_id=ids[Role.SUPPORT], password="quite another one"
    )
    identity.change_operator(actor=SYSTEM, now=now, operator_id=ids[Role.FINANCE], active=False)
    assert client.get("/console/").status_code == other.get("/console/").status_code == 302


@pytest.mark.django_db
def test_a_session_lasts_a_working_day() -> None:
    hire(Role.OWNER)
    client = Client()
    assert enter(client) == 302
    assert abs(client.session.get_expiry_age() - timedelta(hours=12).total_seconds()) < 60


@pytest.mark.django_db
def test_who_is_signed_in_need_not_sign_in_again() -> None:
    hire(Role.OWNER)
    client = Client()
    enter(client)
    assert client.get(SIGN_IN)["Location"] == "/console/"
