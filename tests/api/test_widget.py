"""The widget's tokens and addresses: what is told to whom, and that nothing is told to anybody else."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.http import HttpResponse
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from regulars.api import widget as endpoint
from regulars.api.rate import RateLimit
from regulars.kit.clock import utc_now
from regulars.trail.facade import list_audit
from regulars.widget import facade as widget
from tests.api.client import _Handler
from tests.redemption.examples import OPERATOR, give, make_member, make_reward, publish

SITE, OTHER_SITE = "https://shop.example", "https://elsewhere.example"
SECRETS = ("points_shown", "4,321", "4321", "balance")


class Shop:
    """A shop's backend with a key, and pages on an allowed site."""

    def __init__(self) -> None:
        self.key, self.pem = widget.make_widget_key(actor=OPERATOR, now=utc_now(), label="Web shop")
        widget.allow_sites(actor=OPERATOR, now=utc_now(), origins=[SITE])
        self.client = Client()
        self.client.handler = _Handler(enforce_csrf_checks=True)

    def claims(self, **changes: Any) -> dict[str, Any]:
        now = int(utc_now().timestamp())
        claims = {"sub": "external:m1", "iss": SITE, "aud": widget.AUDIENCE, "iat": now, "exp": now + 300}
        return {name: value for name, value in (claims | changes).items() if value is not None}

    def sign(self, *, kid: str | None = None, pem: str | None = None, **changes: Any) -> str:
        headers = {"kid": kid or self.key.kid}
        return jwt.encode(self.claims(**changes), pem or self.pem, algorithm="EdDSA", headers=headers)

    def ask(
        self, token: str | None, *, origin: str | None = SITE, what: str = "member", **query: Any
    ) -> HttpResponse:
        headers = {} if origin is None else {"Origin": origin}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return self.client.get(f"/api/v1/widget/{what}", query, headers=headers)


@pytest.fixture
def shop(db: None, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setattr(endpoint, "BY_ADDRESS", RateLimit(rate_per_second=1e5, burst=100_000))
    monkeypatch.setattr(endpoint, "BY_MEMBER", RateLimit(rate_per_second=1e5, burst=100_000))
    publish()
    make_member("m1", points=4_321)
    make_reward("mug", price_points=500)
    make_reward("hamper", name="Hamper", price_points=6_000)
    return Shop()


def refused(answer: HttpResponse, status: int, code: str) -> None:
    """A problem that tells nothing of anybody."""
    told = answer.json()
    assert (answer.status_code, told["status"], told["code"]) == (status, status, code), answer.content
    assert not any(secret in answer.content.decode() for secret in SECRETS)
    assert not answer.cookies


def test_a_member_is_told_what_is_theirs(shop: Shop) -> None:
    answer = shop.ask(shop.sign())
    assert answer.status_code == 200, answer.content
    told = answer.json()["member"]
    assert (told["points"], told["points_shown"], told["now"]["name"]) == (4_321, "4,321", "Mug")
    nearest = told["nearest"]
    assert (nearest["name"], nearest["points_short"], nearest["told"]) == ("Hamper", 1_679, "1,679 to go")
    assert nearest["href"] == "http://testserver/rewards/hamper/"
    assert answer["Access-Control-Allow-Origin"] == SITE
    assert "Access-Control-Allow-Credentials" not in answer
    assert answer["Cache-Control"] == "private, no-store"
    assert "Origin" in answer["Vary"]
    assert not answer.cookies
    russian = shop.ask(shop.sign(), lang="ru-RU")
    assert russian["Content-Language"] == "ru"
    assert russian.json()["member"]["points_shown"] == "4\N{NO-BREAK SPACE}321"


def test_our_id_will_do_and_the_balance_is_the_present_one(shop: Shop) -> None:
    member = make_member("m2", points=10)
    token = shop.sign(sub=str(member))
    assert shop.ask(token).json()["member"]["points"] == 10
    give(member, 5, key="more")
    assert shop.ask(token).json()["member"]["points"] == 15


def test_the_same_queries_for_one_reward_and_thirty(shop: Shop, django_assert_num_queries: Any) -> None:
    token = shop.sign()
    shop.ask(token)
    with django_assert_num_queries(11):
        shop.ask(token)
    for number in range(30):
        make_reward(f"more-{number}", price_points=100 + 500 * number)
    shop.ask(token)  # what they are is kept in the process now
    with django_assert_num_queries(11):
        shop.ask(token)


def _tampered(shop: Shop) -> str:
    head, body, signature = shop.sign().split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    forged = (
        base64.urlsafe_b64encode(json.dumps(claims | {"sub": "external:m2"}).encode()).rstrip(b"=").decode()
    )
    return f"{head}.{forged}.{signature}"


def _unsigned(shop: Shop) -> str:
    return jwt.encode(shop.claims(), "", algorithm="none", headers={"kid": shop.key.kid})


def _by_another_algorithm(shop: Shop) -> str:
    """Signed with what everybody can know, as if it were a shared secret."""
    public = base64.b64encode(shop.key.public_key) + b"=" * 8
    return jwt.encode(shop.claims(), public, algorithm="HS256", headers={"kid": shop.key.kid})


def _by_a_stranger(shop: Shop) -> str:
    private = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return shop.sign(pem=private.decode())


def _in(seconds: float) -> int:
    return int((utc_now() + timedelta(seconds=seconds)).timestamp())


BAD: dict[str, Callable[[Shop], str]] = {
    "tampered": _tampered,
    "alg none": _unsigned,
    "HS256 with the public key": _by_another_algorithm,
    "another key": _by_a_stranger,
    "unknown kid": lambda shop: shop.sign(kid="wk_unknown"),
    "demonstration kid": lambda shop: shop.sign(kid=widget.DEMO_KID),
    "other audience": lambda shop: shop.sign(aud="another-service"),
    "no audience": lambda shop: shop.sign(aud=None),
    "no expiry": lambda shop: shop.sign(exp=None),
    "no issue": lambda shop: shop.sign(iat=None),
    "no subject": lambda shop: shop.sign(sub=None),
    "too long a life": lambda shop: shop.sign(exp=_in(3_600)),
    "never begins": lambda shop: shop.sign(iat=_in(120), exp=_in(400)),
    "not yet": lambda shop: shop.sign(nbf=_in(120)),
    "not a number": lambda shop: shop.sign(exp=float("nan")),
    "beyond all numbers": lambda shop: shop.sign(iat=10**400, exp=10**400 + 1),
    "ends before it begins": lambda shop: shop.sign(iat=_in(0), exp=_in(-10)),
    "another site's": lambda shop: shop.sign(iss=OTHER_SITE),
    "by e-mail address": lambda shop: shop.sign(sub="email:anna@shop.example"),
    "not a token": lambda _shop: "nothing",
    "empty": lambda _shop: "",
    "very long": lambda _shop: "a" * 5_000,
}


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_token_is_refused_and_nothing_leaks(shop: Shop, bad: str) -> None:
    make_member("m2", points=1)
    before = list_audit(size=100).items
    answer = shop.ask(BAD[bad](shop))
    refused(answer, 401, "token_invalid")
    assert answer["WWW-Authenticate"]
    assert list_audit(size=100).items == before
    assert widget.get_widget_key(shop.key.kid).last_used_at is None


def test_a_token_that_ran_out_says_so_once_the_skew_is_over(shop: Shop) -> None:
    assert shop.ask(shop.sign(iat=_in(-300), exp=_in(-20))).status_code == 200
    refused(shop.ask(shop.sign(iat=_in(-300), exp=_in(-31))), 401, "token_expired")
    assert shop.ask(shop.sign(iat=_in(20), exp=_in(300))).status_code == 200


def test_other_sites_are_refused_before_anything_is_looked_at(shop: Shop) -> None:
    for origin in (OTHER_SITE, "null", "https://shop.example.evil.example", "http://shop.example"):
        answer = shop.ask(shop.sign(), origin=origin)
        refused(answer, 403, "origin_not_allowed")
        assert "Access-Control-Allow-Origin" not in answer
        assert "Origin" in answer["Vary"]
    # A token of one allowed site is of no use on another.
    widget.allow_sites(actor=OPERATOR, now=utc_now(), origins=[SITE, OTHER_SITE])
    refused(shop.ask(shop.sign(), origin=OTHER_SITE), 401, "token_invalid")
    widget.allow_sites(actor=OPERATOR, now=utc_now(), origins=[OTHER_SITE])
    refused(shop.ask(shop.sign()), 403, "origin_not_allowed")
    refused(shop.ask(shop.sign(), origin=None), 401, "token_invalid")


def test_preflights(shop: Shop) -> None:
    asks = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    allowed = shop.client.options("/api/v1/widget/member", headers=asks | {"Origin": SITE})
    assert allowed.status_code == 204
    assert allowed["Access-Control-Allow-Origin"] == SITE
    assert (allowed["Access-Control-Allow-Methods"], allowed["Access-Control-Allow-Headers"]) == (
        "GET",
        "Authorization",
    )
    other = shop.client.options("/api/v1/widget/member", headers=asks | {"Origin": OTHER_SITE})
    assert other.status_code == 403
    assert "Access-Control-Allow-Origin" not in other
    posted = shop.client.post("/api/v1/widget/member", headers={"Origin": SITE})
    assert (posted.status_code, posted["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_a_stranger_is_told_of_the_shop_alone(shop: Shop) -> None:
    answer = shop.ask(None, what="shop", lang="zh-CN")
    told = answer.json()
    assert told.keys() == {"shop"}
    assert (told["shop"]["name"], told["shop"]["language"]) == ("Test", "zh-hans")
    assert answer["Cache-Control"] == "public, max-age=300"
    assert not answer.cookies
    refused(shop.ask(None), 401, "token_invalid")


def test_who_is_no_member_any_more_or_not_yet_is_not_found(shop: Shop) -> None:
    refused(shop.ask(shop.sign(sub="external:nobody")), 404, "member_not_found")
    refused(shop.ask(shop.sign(sub="999999")), 404, "member_not_found")


def test_a_revoked_key_ends_at_once_and_a_rotated_one_in_time(shop: Shop) -> None:
    token = shop.sign()
    assert shop.ask(token).status_code == 200
    new, pem = widget.rotate_widget_key(actor=OPERATOR, now=utc_now(), kid=shop.key.kid)
    assert shop.ask(token).status_code == 200
    assert shop.ask(shop.sign(kid=new.kid, pem=pem)).status_code == 200
    widget.revoke_widget_key(actor=OPERATOR, now=utc_now(), kid=shop.key.kid, reason="Left a laptop")
    refused(shop.ask(token), 401, "token_invalid")
    assert shop.ask(shop.sign(kid=new.kid, pem=pem)).status_code == 200
    newer, _pem = widget.rotate_widget_key(actor=OPERATOR, now=utc_now(), kid=new.kid, overlap=timedelta())
    refused(shop.ask(shop.sign(kid=new.kid, pem=pem)), 401, "token_invalid")
    with pytest.raises(widget.WidgetKeyUnknown):
        widget.rotate_widget_key(actor=OPERATOR, now=utc_now(), kid=new.kid)
    told = [entry.action for entry in list_audit(size=100).items if entry.action.startswith("widget")]
    assert told == [
        "widget_key.rotated",
        "widget_key.revoked",
        "widget_key.rotated",
        "widget.sites_changed",
        "widget_key.made",
    ]
    assert all(newer.kid != key.kid or key.is_good(utc_now()) for key in widget.list_widget_keys())


def test_the_private_half_is_kept_nowhere(shop: Shop) -> None:
    kept = json.dumps([repr(key) for key in widget.list_widget_keys()]) + repr(list_audit(size=100).items)
    body = shop.pem.split("\n")[1]
    assert body not in kept


def test_a_member_and_an_address_ask_so_often_and_no_more(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "BY_MEMBER", RateLimit(rate_per_second=1, burst=2, clock=lambda: 0.0))
    make_member("m2", points=1)
    answers = [shop.ask(shop.sign()) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2]["Retry-After"] == "1"
    assert answers[2]["Access-Control-Allow-Origin"] == SITE
    assert shop.ask(shop.sign(sub="external:m2")).status_code == 200
    monkeypatch.setattr(endpoint, "BY_ADDRESS", RateLimit(rate_per_second=1, burst=1, clock=lambda: 0.0))
    assert [shop.ask("nothing").status_code for _ in range(2)] == [401, 429]


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("shop.example", "https://shop.example"),
        (" https://Shop.Example:443/basket?x=1 ", "https://shop.example"),
        ("https://shop.example:8443", "https://shop.example:8443"),
        ("http://localhost:3000/", "http://localhost:3000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://магазин.рф", "https://xn--80aairftm.xn--p1ai"),
    ],
)
def test_an_origin_out_of_what_is_typed(typed: str, origin: str) -> None:
    assert widget.read_origin(typed) == origin


@pytest.mark.parametrize(
    "typed",
    ["http://shop.example", "*", "https://*.shop.example", "https://", "ftp://shop.example", "a b",
     "https://user@shop.example", "https://shop.example:99999", "javascript://shop.example"],
)  # fmt: skip
def test_what_is_no_origin_is_refused_and_changes_nothing(shop: Shop, typed: str) -> None:
    with pytest.raises(widget.OriginInvalid):
        widget.allow_sites(actor=OPERATOR, now=utc_now(), origins=[SITE, typed])
    assert widget.list_sites() == (SITE,)


@given(st.text(max_size=60))
def test_reading_an_origin_again_changes_nothing(typed: str) -> None:
    try:
        origin = widget.read_origin(typed)
    except widget.OriginInvalid:
        return
    assert widget.read_origin(origin) == origin


def test_the_demonstration_key_signs_nothing_in_earnest(shop: Shop, settings: Any) -> None:
    with pytest.raises(RuntimeError):
        widget.get_demo_private_key()
    settings.DEMO_MODE = True
    token = shop.sign(kid=widget.DEMO_KID, pem=widget.get_demo_private_key(), iss="http://testserver")
    assert shop.ask(token, origin=None).status_code == 200
    settings.DEMO_MODE = False
    refused(shop.ask(token, origin=None), 401, "token_invalid")
