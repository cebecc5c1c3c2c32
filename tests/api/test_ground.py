"""What holds for every address: keys and scopes, repeated requests, refusals, limits, the document."""

import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from regulars.api import auth
from regulars.api.handler import ApiHandler, PrefixDispatch
from regulars.api.rate import RateLimit
from regulars.api.surface import api
from regulars.identity.facade import Scope, list_api_keys, revoke_api_key
from regulars.kit.clock import utc_now
from regulars.kit.errors import TooMany
from regulars.ledger import facade as ledger
from tests.api.client import Caller, refused
from tests.redemption.examples import OPERATOR, make_member, make_reward, publish

SNAPSHOT = Path(__file__).parents[2] / "docs" / "openapi.json"
PATHS = api.get_openapi_schema()["paths"]
OPERATIONS = [
    (path, method, operation) for path, methods in PATHS.items() for method, operation in methods.items()
]


def call(caller: Caller, path: str, method: str) -> Any:
    url = path.removeprefix("/api/v1").replace("{member}", "1").replace("{reward}", "mug")
    url = url.replace("{redemption_id}", "1").replace("{sku}", "p")
    return caller.get(url) if method == "get" else caller.post(url, {})


def test_the_document_is_the_one_that_was_agreed() -> None:
    """After a change on purpose, write `json.dumps(document, indent=1, ensure_ascii=False)` there."""
    document = json.loads(json.dumps(api.get_openapi_schema()))
    assert document == json.loads(SNAPSHOT.read_text())
    assert document["openapi"].startswith("3.1")


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=lambda value: str(value)[:40])
def test_every_operation_needs_a_key_and_its_scope(
    caller: Caller, path: str, method: str, operation: dict[str, Any]
) -> None:
    (scope,) = operation["security"][0]["ApiKey"]
    others = Caller(set(Scope) - {Scope(scope)})
    assert refused(call(others, path, method), 403, "scope_missing")["scope"] == scope
    stranger = Caller()
    stranger.secret = "rgl_aaaaaaaaaa_nothing"
    response = call(stranger, path, method)
    refused(response, 401, "unauthenticated")
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert operation["responses"]["default"]["content"].keys() == {"application/problem+json"}
    assert call(caller, path, method).status_code not in {401, 403}


def test_a_revoked_key_is_a_stranger(caller: Caller) -> None:
    make_member()
    assert caller.get("/members/external:m1").status_code == 200
    (key,) = list_api_keys()
    revoke_api_key(actor=OPERATOR, now=utc_now(), key_id=key.id)
    refused(caller.get("/members/external:m1"), 401, "unauthenticated")


def test_the_same_request_under_the_same_key_gets_the_same_answer(caller: Caller) -> None:
    body = {"external_id": "H1", "given_name": "Anna"}
    first = caller.post("/members", body, key="k")
    second = caller.post("/members", body, key="k")
    assert (second.status_code, second.content) == (first.status_code, first.content) == (201, first.content)
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"
    refused(caller.post("/members", body | {"given_name": "Anne"}, key="k"), 409, "idempotency_conflict")
    refused(caller.post("/members/batch", body, key="k"), 422, "invalid_input")
    refused(
        caller.post("/quote", {"lines": [{"sku": "x", "amount": 1}]}, key="k"), 409, "idempotency_conflict"
    )
    assert Caller().post("/members", body, key="k").json()["status"] == "unchanged"


def test_a_refusal_is_not_kept(caller: Caller) -> None:
    body = {"member": "external:m1", "reward": "mug"}
    refused(caller.post("/redemptions", body, key="k"), 404, "member_not_found")
    make_member(points=500)
    make_reward()
    assert caller.post("/redemptions", body, key="k").status_code == 201


def test_keys_must_make_sense(caller: Caller) -> None:
    for key in ("x" * 256, "ключ", " "):
        response = caller.post("/members", {"external_id": "H1"}, key=key)
        assert response.status_code in {422, 201}
    refused(caller.post("/members", {"external_id": "H1"}, key="x" * 256), 422, "idempotency_key_invalid")


@pytest.mark.slow  # eight real connections
@pytest.mark.django_db(transaction=True)
def test_eight_at_once_under_one_key_are_one() -> None:
    publish()
    member = make_member(points=5_000)
    make_reward()
    caller = Caller()

    def click(_: int) -> bytes:
        try:
            response = caller.post("/redemptions", {"member": str(member), "reward": "mug"}, key="k")
            assert response.status_code == 201
            return response.content
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(click, range(8)))) == 1
    assert ledger.get_balance(member, utc_now()).active == 4_500


@pytest.mark.parametrize(
    "raw",
    [
        b"{", b"\xff\xfe", b"[" * 100_000, b'{"external_id": NaN}', b'{"external_id": "a\\u0000"}',
        b'{"external_id": "\\ud83d"}', b'{"\\udc00": 1}', b'{"external_id": ' + b"9" * 5_000 + b"}",
    ],
)  # fmt: skip
def test_a_body_that_is_not_json_is_refused(caller: Caller, raw: bytes) -> None:
    refused(caller.post("/members", raw=raw), 400, "bad_request")


def test_what_looks_suspicious_may_be_fine(caller: Caller) -> None:
    raw = b'{"external_id": "H1", "given_name": "\\ud83d\\ude00 \\\\u0000"}'
    assert caller.post("/members", raw=raw).status_code == 201
    assert caller.get("/members/external:H1").json()["given_name"] == "😀 \\u0000"


def test_an_empty_or_odd_body_is_refused(caller: Caller) -> None:
    for raw in (b"", b"null", b"[]", b'"x"', b"1"):
        refused(caller.post("/members", raw=raw), 422, "invalid_input")


def test_too_large_is_refused(caller: Caller, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    problem = refused(caller.post("/members", {"external_id": "x" * 2_000}), 413, "request_too_large")
    assert problem["bytes_max"] == 1_000


def test_addresses_and_methods_that_are_not(caller: Caller) -> None:
    for path in ("/nothing", "/members/1/nothing", "/orders/1"):
        refused(caller.get(path), 404, "not_found")
    assert caller.client.get("/api/nothing").json()["code"] == "not_found"
    response = caller.get("/orders")
    refused(response, 405, "method_not_allowed")
    assert response["Allow"] == "POST"
    assert caller.client.delete("/api/v1/members").json()["code"] == "method_not_allowed"
    refused(caller.get("/members?search=%00"), 400, "bad_request")


def test_a_forged_cursor_is_a_problem(caller: Caller) -> None:
    make_member()
    refused(caller.get("/members?cursor=WyJcdTAwMDAiLDFd"), 422, "bad_cursor")


def test_a_crash_is_a_problem_and_noted(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def crash(*_: Any, **__: Any) -> None:
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr(ledger, "get_balance", crash)
    with caplog.at_level(logging.ERROR):
        response = caller.client.get(
            "/api/v1/members/1/balance", headers={"Authorization": f"Bearer {caller.secret}"}
        )
    assert (response.status_code, response.json()["code"]) == (500, "server_error")
    assert b"secret" not in response.content
    assert "a secret of ours" in caplog.text


def test_each_key_has_its_own_rate(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(auth, "RATE", RateLimit(rate_per_second=2, burst=3, clock=lambda: now[0]))
    make_member()
    for _ in range(3):
        assert caller.get("/members/external:m1").status_code == 200
    response = caller.get("/members/external:m1")
    refused(response, 429, "too_many_requests")
    assert response["Retry-After"] == "1"
    assert Caller().get("/members/external:m1").status_code == 200
    now[0] = 0.5
    assert caller.get("/members/external:m1").status_code == 200
    refused(caller.get("/members/external:m1"), 429, "too_many_requests")


def test_full_buckets_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("regulars.api.rate.KEYS_MAX", 10)
    now = [0.0]
    limit = RateLimit(rate_per_second=1, burst=1, clock=lambda: now[0])
    for number in range(10):
        limit.take(str(number))
    with pytest.raises(TooMany):
        limit.take("9")
    now[0] = 1.0
    limit.take("new")
    assert len(limit._buckets) == 1


def test_reasons_come_in_the_readers_language(caller: Caller) -> None:
    headers = {"Authorization": f"Bearer {caller.secret}", "Accept-Language": "ru"}
    response = caller.client.get("/api/v1/rewards", headers=headers)
    assert response["Content-Language"] == "ru"


def test_answers_are_not_kept_on_the_way(caller: Caller) -> None:
    make_member()
    for response in (caller.get("/members/external:m1"), caller.get("/nothing")):
        assert response["Cache-Control"] == "no-store"
        assert int(response["Content-Length"]) == len(response.content)
        assert response["X-Content-Type-Options"] == "nosniff"


def test_requests_find_their_handler() -> None:
    seen: list[str] = []

    def handler(name: str) -> Callable[..., list[bytes]]:
        return lambda *_: seen.append(name) or []  # type: ignore[func-returns-value]

    dispatch = PrefixDispatch(site=handler("site"), api=handler("api"))  # type: ignore[arg-type]
    for path in ("/", "/api", "/apiary", "/api/", "/api/v1/orders"):
        dispatch({"PATH_INFO": path}, None)
    assert seen == ["site", "site", "site", "api", "api"]
    with pytest.raises(ValueError, match="WSGI"):
        ApiHandler.load_middleware(object(), is_async=True)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_the_document_and_its_page_are_open_and_strict() -> None:
    for client in (Client(), _slim()):
        assert client.get("/api/openapi.json").json()["info"]["title"] == "Regulars"
        page = client.get("/api/docs")
        assert b"swagger-ui-bundle.js" in page.content
        policy = page["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "unsafe-eval" not in policy
        assert b"https://" not in page.content


def _slim() -> Client:
    publish()
    return Caller().client
