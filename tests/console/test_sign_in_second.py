"""The second step: what the password alone no longer opens, and what whoever must set one up can reach."""

import json
from datetime import timedelta

import pyotp
import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from regulars.identity import facade as identity
from regulars.identity.facade import OperatorInfo, Role, SignInWay
from regulars.identity.models import OperatorSession
from regulars.identity.policies import PASSKEYS_ASKED_BY_ADDRESS, SESSION_IDLE, SESSION_LASTS
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from tests.console.conftest import PASSWORD, Staffed
from tests.identity.devices import Device

SECOND = "/console/sign-in/second/"
SECURITY = "/console/account/security/"
ORIGIN = "http://localhost"


def set_up_app(who: OperatorInfo) -> tuple[str, tuple[str, ...]]:
    """An app in use since a while ago, so that its present code is fresh."""
    now = utc_now() - timedelta(minutes=5)
    secret = identity.begin_totp(operator_id=who.id, shop="x", now=now).secret
    code = pyotp.TOTP(secret).at(now)
    return secret, identity.confirm_totp(actor=SYSTEM, operator_id=who.id, code=code, now=now)


def give_password(who: OperatorInfo, **more: str) -> Client:
    client = Client(HTTP_HOST="localhost")
    answer = client.post("/console/sign-in/", {"email": who.email, "password": PASSWORD, **more})
    assert answer.status_code == 302
    return client


@pytest.fixture
def olga(staffed: Staffed) -> OperatorInfo:
    return staffed.staff[Role.OWNER]


def test_after_the_password_comes_the_code_and_then_the_page_one_meant(olga: OperatorInfo) -> None:
    secret, codes = set_up_app(olga)
    client = give_password(olga, next="/console/trail/")
    assert client.get("/console/trail/").status_code == 302, "the password alone opens nothing"
    assert client.get(SECURITY).status_code == 302
    assert "Code of your authenticator app" in client.get(SECOND).content.decode()
    wrong = client.post(SECOND, {"code": "000000"})
    assert wrong.status_code == 403
    assert "not right, or was used before" in wrong.content.decode()
    answer = client.post(SECOND, {"code": pyotp.TOTP(secret).now()})
    assert (answer.status_code, answer["Location"]) == (302, "/console/trail/")
    assert client.get("/console/trail/").status_code == 200
    assert client.get(SECOND)["Location"] == "/console/sign-in/"
    other = give_password(olga)
    assert other.post(SECOND, {"code": codes[0]}).status_code == 302
    ways = {row.way for row in identity.list_operator_sessions(olga.id, utc_now())}
    assert ways == {SignInWay.TOTP, SignInWay.RECOVERY}


def test_the_second_step_waits_for_nobody_else(staffed: Staffed, olga: OperatorInfo) -> None:
    _secret, codes = set_up_app(olga)
    assert Client().get(SECOND).status_code == 302
    client = give_password(olga)
    identity.change_password(actor=SYSTEM, now=utc_now(), operator_id=olga.id, password="quite another one")
    assert client.post(SECOND, {"code": codes[0]})["Location"] == "/console/sign-in/"
    assert identity.get_two_factor(olga.id).codes_left == len(codes)


def ask(client: Client, address: str, **given: str) -> dict[str, object]:
    answer = client.post(address, given)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_passkey_is_made_and_opens_the_door(olga: OperatorInfo) -> None:
    client, device = give_password(olga), Device(origin=ORIGIN, rp_id="localhost")
    begin, add = SECURITY + "passkey/begin/", SECURITY + "passkey/"
    refused = client.post(begin, {"label": "Laptop", "current": "guess"})
    assert (refused.status_code, refused.json()["detail"]) == (403, "This is not your present password.")
    options = ask(client, begin, label="Laptop", current=PASSWORD)
    given = {"label": "Laptop", "current": PASSWORD, "answer": json.dumps(device.make(options))}
    shown = client.post(add, given, follow=True)
    assert shown.status_code == 200
    assert "Keep these codes" in shown.content.decode()
    assert client.post(add, given).status_code == 422, "a challenge is good once"
    assert len(identity.get_two_factor(olga.id).passkeys) == 1
    door = Client(HTTP_HOST="localhost")
    answer = json.dumps(device.sign(ask(door, "/console/sign-in/passkey/ask/")))
    opened = door.post("/console/sign-in/passkey/", {"answer": answer, "next": "/console/team/"})
    assert (opened.status_code, opened["Location"]) == (302, "/console/team/")
    again = Client(HTTP_HOST="localhost").post("/console/sign-in/passkey/", {"answer": answer})
    assert again.status_code == 403
    second = give_password(olga)
    answer = json.dumps(device.sign(ask(second, "/console/sign-in/passkey/ask/")))
    assert second.post("/console/sign-in/passkey/", {"answer": answer})["Location"] == "/console/"


def test_a_bare_network_address_has_no_passkeys(staffed: Staffed, olga: OperatorInfo) -> None:
    client = staffed.client(Role.OWNER)
    client.defaults["HTTP_HOST"] = "127.0.0.1:8000"
    assert "bare network address" in client.get(SECURITY).content.decode()
    assert client.get(SECURITY + "passkey/").status_code == 302
    for address in (SECURITY + "passkey/begin/", "/console/sign-in/passkey/ask/"):
        assert client.post(address).status_code == 404


def test_asking_for_passkeys_ends(staffed: Staffed) -> None:
    address = "/console/sign-in/passkey/ask/"
    for _n in range(PASSKEYS_ASKED_BY_ADDRESS.attempts):
        identity.take_attempt(limit=PASSKEYS_ASKED_BY_ADDRESS, subject="127.0.0.1", now=utc_now())
    refused = Client(HTTP_HOST="localhost").post(address)
    assert (refused.status_code, "Too many attempts" in refused.json()["detail"]) == (429, True)
    assert Client(HTTP_HOST="localhost", REMOTE_ADDR="192.0.2.7").post(address).status_code == 200


@pytest.mark.parametrize("nonsense", ["", "{", "[]", "1", "[" * 5000, "x" * 30_000, '{"id": {}}'])
def test_an_answer_that_is_none_is_refused(staffed: Staffed, nonsense: str) -> None:
    client = Client(HTTP_HOST="localhost")
    ask(client, "/console/sign-in/passkey/ask/")
    assert client.post("/console/sign-in/passkey/", {"answer": nonsense}).status_code == 403


def test_whoever_must_enrol_can_do_nothing_else(staffed: Staffed, olga: OperatorInfo) -> None:
    sam, client = staffed.staff[Role.SUPPORT], staffed.client(Role.SUPPORT)
    identity.require_two_factor(actor=olga.actor, now=utc_now(), roles=[Role.SUPPORT])
    anna = staffed.shop.anna
    for address in ("/console/", f"/console/members/{anna}/adjust/", "/console/account/"):
        assert client.get(address)["Location"] == SECURITY, address
    assert client.post(f"/console/members/{anna}/adjust/", {"points": "5"})["Location"] == SECURITY
    part = client.get("/console/", headers={"HX-Request": "true"})
    assert (part.status_code, part["HX-Redirect"]) == (200, SECURITY)
    shown = client.get(SECURITY).content.decode()
    assert "Your role needs a second step" in shown
    assert "/console/members/" not in shown
    app = SECURITY + "app/"
    assert "data-code" in client.get(app).content.decode()
    secret = identity.begin_totp(operator_id=sam.id, shop="x", now=utc_now()).secret
    code = pyotp.TOTP(secret).now()
    assert client.post(app, {"code": code, "current": "guess"}).status_code == 403
    assert client.post(app, {"code": "000000", "current": PASSWORD}).status_code == 403
    assert not identity.get_two_factor(sam.id).on
    shown = client.post(app, {"code": code, "current": PASSWORD}, follow=True)
    assert "Keep these codes" in shown.content.decode()
    assert client.get("/console/").status_code == 200
    assert staffed.client(Role.FINANCE).get("/console/").status_code == 200


def test_removing_asks_for_the_password(staffed: Staffed, olga: OperatorInfo) -> None:
    set_up_app(olga)
    client = staffed.client(Role.OWNER)
    page = client.get(SECURITY + "app/remove/").content.decode()
    assert "your password alone lets in whoever has it" in page
    assert "Your 10 recovery codes go with it." in page
    for given in ({}, {"current": "guess"}):
        assert client.post(SECURITY + "app/remove/", given).status_code == 403
        assert client.post(SECURITY + "codes/", given).status_code == 403
    assert identity.get_two_factor(olga.id).codes_left == 10
    shown = client.post(SECURITY + "codes/", {"current": PASSWORD}, follow=True)
    assert shown.status_code == 200
    assert "no-store" in shown["Cache-Control"]
    assert client.post(SECURITY + "app/remove/", {"current": PASSWORD}).status_code == 302
    assert not identity.get_two_factor(olga.id).on


def age(who: OperatorInfo, signed_in: timedelta, seen: timedelta) -> None:
    now = utc_now()
    OperatorSession.objects.filter(operator_id=who.id).update(
        signed_in_at=now - signed_in, seen_at=now - seen
    )


def test_a_session_ends_idle_and_in_any_case(olga: OperatorInfo) -> None:
    client = give_password(olga)
    short = timedelta(minutes=1)
    age(olga, SESSION_LASTS - short, SESSION_IDLE - short)
    assert client.get("/console/").status_code == 200
    assert client.get("/console/").status_code == 200
    seen = identity.list_operator_sessions(olga.id, utc_now())[0].seen_at
    assert utc_now() - seen < short, "a look counts as use"
    age(olga, SESSION_LASTS - short, SESSION_IDLE)
    assert client.get("/console/").status_code == 302
    age(olga, SESSION_LASTS, short)
    assert client.get("/console/").status_code == 302
    assert identity.list_operator_sessions(olga.id, utc_now()) == []


def test_a_visit_is_one_query_and_its_session_another(
    olga: OperatorInfo, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = give_password(olga)
    client.get("/console/account/")
    # The browser's session, the operator with theirs, the programme, the brand.
    with django_assert_num_queries(4):
        client.get("/console/account/")
