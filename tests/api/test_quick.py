"""The quick lane: the same answers as the full stack, or none at all."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection

from regulars.api import auth, quick
from regulars.api.handler import ApiHandler, PrefixDispatch
from regulars.api.quick import BODY_BYTES_MAX, QuickLane
from regulars.api.rate import RateLimit
from regulars.identity.facade import Scope, list_api_keys, revoke_api_key
from regulars.kit.clock import utc_now
from regulars.ledger import facade as ledger
from regulars.ledger.models import JournalEntry
from tests.api.client import Caller, refused
from tests.redemption.examples import OPERATOR, make_member

GIFT = {"points": 40, "reason": "Welcome"}
# Said by the full stack of answers in words; these are numbers.
ABOUT_LANGUAGE = {"Content-Language", "Vary"}


def environ(caller: Caller, method: str, path: str, body: bytes = b"", **more: str) -> dict[str, Any]:
    """What the web server hands on for a request of this caller."""
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": f"/api/v1{path}",
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": "application/json",
        "HTTP_AUTHORIZATION": f"Bearer {caller.secret}",
    } | more


class Heard:
    """What was answered: start_response for a WSGI application."""

    status = ""

    def __call__(self, status: str, headers: list[tuple[str, str]], *_: Any) -> Callable[[bytes], object]:
        self.status, self.headers = status, dict(headers)
        return lambda _: None


def quickly(given: dict[str, Any]) -> tuple[str, dict[str, str], bytes] | None:
    """What the quick lane answers, if it does."""
    heard = Heard()
    body = QuickLane().answer(given, heard)
    return None if body is None else (heard.status, heard.headers, b"".join(body))


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, Any]], tuple[str, dict[str, str], bytes]]:
    """What the full stack answers."""
    # The test's transaction is to outlive the request, which would otherwise let go of old connections.
    monkeypatch.setattr("django.core.signals.request_started.send", lambda **_: None)
    monkeypatch.setattr("django.core.signals.request_finished.send", lambda **_: None)
    handler = ApiHandler()

    def answer(given: dict[str, Any]) -> tuple[str, dict[str, str], bytes]:
        heard = Heard()
        body = b"".join(handler(given, heard))
        return heard.status, {k: v for k, v in heard.headers.items() if k not in ABOUT_LANGUAGE}, body

    return answer


def give(caller: Caller, member: Any, key: str, body: Any = GIFT, **more: str) -> dict[str, Any]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return environ(caller, "POST", f"/members/{member}/points", raw, HTTP_IDEMPOTENCY_KEY=key, **more)


def test_the_same_answers_as_the_full_stack(caller: Caller, full: Any) -> None:
    member = make_member(points=120)
    for ref in (str(member), "external:m1"):
        status, headers, body = quickly(environ(caller, "GET", f"/members/{ref}/balance")) or pytest.fail()
        told = full(environ(caller, "GET", f"/members/{ref}/balance"))
        assert (status, headers) == told[:2]
        assert json.loads(body) | {"as_of": 0} == json.loads(told[2]) | {"as_of": 0}
        # Under one key, whichever of them comes first, the second replays it.
        first, again = quickly(give(caller, ref, f"q-{ref}")), full(give(caller, ref, f"q-{ref}"))
        assert first and first[0] == again[0] == "201 Created"
        assert first[2] == again[2]
        assert again[1] == first[1] | {"Idempotent-Replayed": "true"}
        first, again = full(give(caller, ref, f"f-{ref}")), quickly(give(caller, ref, f"f-{ref}"))
        assert again == (first[0], first[1] | {"Idempotent-Replayed": "true"}, first[2])
    assert ledger.get_balance(member, utc_now()).active == 120 + 4 * 40


def test_it_costs_one_query_to_give_points(caller: Caller, django_assert_num_queries: Any) -> None:
    member = make_member()
    quickly(give(caller, member, "first"))
    # Outside a test it is one: here a savepoint is made and let go, and the programme asked for each time.
    with django_assert_num_queries(1 + 3):
        assert quickly(give(caller, "external:m1", "second"))
    with django_assert_num_queries(1):
        assert quickly(environ(caller, "GET", f"/members/{member}/balance"))


@pytest.mark.parametrize(
    ("body", "more", "expected"),
    [
        ({"points": 0, "reason": "x"}, {}, (422, "invalid_input")),
        ({"points": 1.5, "reason": "x"}, {}, (422, "invalid_input")),
        ({"points": 5, "reason": " "}, {}, (422, "invalid_input")),
        ({"points": 5, "reason": "x", "more": 1}, {}, (422, "invalid_input")),
        ({"points": 5, "reason": "x", "expires_at": "2001-01-01T00:00:00Z"}, {}, (201, "")),
        (b'{"points": 5, "reason": "a\\u0000"}', {}, (400, "bad_request")),
        (b'{"points": NaN, "reason": "x"}', {}, (400, "bad_request")),
        (b"", {}, (422, "invalid_input")),
        (GIFT, {"HTTP_IDEMPOTENCY_KEY": ""}, (422, "idempotency_key_needed")),
        (GIFT, {"HTTP_IDEMPOTENCY_KEY": "x" * 256}, (422, "idempotency_key_invalid")),
        (GIFT, {"HTTP_AUTHORIZATION": "Bearer rgl_aaaaaaaaaa_nothing"}, (401, "unauthenticated")),
        (GIFT, {"HTTP_AUTHORIZATION": ""}, (401, "unauthenticated")),
        (GIFT, {"PATH_INFO": "/api/v1/members/424242/points"}, (404, "member_not_found")),
        (GIFT, {"PATH_INFO": "/api/v1/members/external:nobody/points"}, (404, "member_not_found")),
        (GIFT, {"REQUEST_METHOD": "PUT"}, (405, "method_not_allowed")),
    ],
)  # fmt: skip
def test_what_is_refused_is_said_by_the_full_stack(
    caller: Caller, full: Any, body: Any, more: dict[str, str], expected: tuple[int, str]
) -> None:
    status, code = expected
    member = make_member()
    given = give(caller, member, "k", body) | more
    if code:
        assert quickly(given) is None
        assert JournalEntry.objects.count() == 0
    # The body is still there for the full stack, though the lane has read it.
    told = full(given)
    assert told[0].startswith(str(status))
    assert json.loads(told[2]).get("code", "") == code
    assert JournalEntry.objects.count() == (not code)


def test_a_key_with_another_body_is_a_conflict(caller: Caller, full: Any) -> None:
    member = make_member()
    assert quickly(give(caller, member, "k"))
    for other in ({**GIFT, "points": 41}, {**GIFT, "reason": "x"}, {**GIFT, "expires_at": None}):
        assert quickly(give(caller, member, "k", other)) is None
        assert json.loads(full(give(caller, member, "k", other))[2])["code"] == "idempotency_conflict"
    assert ledger.get_balance(member, utc_now()).active == 40


def test_without_the_scope_nothing_is_given(caller: Caller) -> None:
    member = make_member()
    others = Caller(set(Scope) - {Scope.POINTS_GIVE, Scope.MEMBERS_READ})
    assert quickly(give(others, member, "k")) is None
    assert quickly(environ(others, "GET", f"/members/{member}/balance")) is None
    assert ledger.get_balance(member, utc_now()).active == 0


def test_a_revoked_key_ends_at_once_here(caller: Caller) -> None:
    member = make_member(points=1)
    assert quickly(environ(caller, "GET", f"/members/{member}/balance"))
    (key,) = list_api_keys()
    revoke_api_key(actor=OPERATOR, now=utc_now(), key_id=key.id)
    assert quickly(environ(caller, "GET", f"/members/{member}/balance")) is None


def test_what_is_not_plain_is_left_alone(caller: Caller) -> None:
    member = make_member(points=1)
    plain = environ(caller, "GET", f"/members/{member}/balance")
    assert quickly(plain)
    assert quickly(plain | {"QUERY_STRING": "x=1"}) is None
    assert quickly(plain | {"wsgi.url_scheme": "https"}) is None
    assert quickly(plain | {"PATH_INFO": f"/api/v1/members/{member}/balance/"}) is None
    assert quickly(plain | {"PATH_INFO": "/api/v1/members/email:a@b.c/balance"}) is None
    assert quickly(give(caller, member, "k", b" " * (BODY_BYTES_MAX + 1))) is None
    assert quickly(give(caller, member, "k", CONTENT_LENGTH="many")) is None
    assert JournalEntry.objects.count() == 1


def test_a_request_is_counted_once(caller: Caller, full: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the lane answers it or hands it on."""
    monkeypatch.setattr(auth, "RATE", RateLimit(rate_per_second=0.001, burst=2))
    member = make_member()
    assert quickly(give(caller, member, "k"))
    left = give(caller, member, "k", {**GIFT, "points": 41})
    assert quickly(left) is None
    assert full(left)[0].startswith("409")
    assert quickly(give(caller, member, "k")) is None
    assert full(give(caller, member, "k"))[0].startswith("429")


def test_a_broken_connection_is_the_full_stacks_to_mend(
    caller: Caller, full: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = make_member(points=5)

    def break_down(_: str) -> None:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(quick, "read_balance", break_down)
    assert quickly(environ(caller, "GET", f"/members/{member}/balance")) is None
    assert full(environ(caller, "GET", f"/members/{member}/balance"))[0] == "200 OK"


@pytest.mark.slow  # breaks a real connection
@pytest.mark.django_db(transaction=True)
def test_after_the_server_has_gone_away_the_next_request_is_answered() -> None:
    caller = Caller()
    member = make_member(points=5)
    dispatch = PrefixDispatch(site=ApiHandler(), api=ApiHandler(), quick=QuickLane().answer)
    given = environ(caller, "GET", f"/members/{member}/balance")
    for broken in (False, True, False):
        if broken:
            connection.ensure_connection()
            connection.connection.pgconn.finish()
        heard = Heard()
        body = b"".join(dispatch(dict(given), heard))
        assert (heard.status, json.loads(body)["active"]) == ("200 OK", 5)


def test_points_that_were_given_explain_themselves(caller: Caller) -> None:
    member = make_member()
    path = f"/members/{member}/points"
    done = caller.post(path, GIFT, key="k")
    assert (done.status_code, done.json()) == (
        201,
        {"seq": 1, "points": 40, "balance_after": 40, "debt_after": 0},
    )
    (entry,) = caller.get(f"/members/{member}/history").json()["items"]
    assert (entry["kind"], entry["source"], entry["reasons"]) == ("earn", "given", ["Welcome"])
    assert entry["programme_version"] == 1
    refused(caller.post(path, GIFT), 422, "idempotency_key_needed")
