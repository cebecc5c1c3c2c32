"""A client that goes through the API's own middleware, as the web server's requests do."""

import json
from collections.abc import Collection
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.test.client import ClientHandler

from regulars.api.handler import ApiHandler
from regulars.identity.facade import Scope, issue_api_key
from regulars.kit.clock import utc_now
from tests.redemption.examples import OPERATOR


class _Handler(ClientHandler):
    load_middleware = ApiHandler.load_middleware


class Caller:
    """Calls with one API key. Answers are checked for what every answer must be."""

    def __init__(self, scopes: Collection[Scope] = tuple(Scope)) -> None:
        info, self.secret = issue_api_key(actor=OPERATOR, now=utc_now(), label="test", scopes=list(scopes))
        self.prefix = info.prefix
        self.client = Client()
        self.client.handler = _Handler(enforce_csrf_checks=True)

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self._check(self.client.get(f"/api/v1{path}", query, headers=self._headers()))

    def post(
        self, path: str, body: Any = None, *, key: str | None = None, raw: bytes | None = None
    ) -> HttpResponse:
        headers = self._headers() | ({"Idempotency-Key": key} if key is not None else {})
        content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        return self._check(
            self.client.post(f"/api/v1{path}", content, content_type="application/json", headers=headers)
        )

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}

    def _check(self, response: HttpResponse) -> HttpResponse:
        assert response.status_code < 500, response.content
        if response.status_code >= 400:
            problem = response.json()
            assert response["Content-Type"] == "application/problem+json"
            assert problem["status"] == response.status_code
            assert problem["code"]
            assert problem["detail"]
            assert problem["title"]
        return response


def refused(response: HttpResponse, status: int, code: str) -> dict[str, Any]:
    """The problem, which is the one expected."""
    problem: dict[str, Any] = response.json()
    assert (response.status_code, problem["code"]) == (status, code), problem
    return problem
