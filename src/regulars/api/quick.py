"""The quick lane: the few requests of which there are thousands a second, answered without the framework.

It answers only what goes well and is written plainly. Whatever is refused, unusual or broken is left to the
full stack as if nothing had been tried, so that there is one place that says no: what is tried here can be
tried again, for it reads, or posts under a key. `tests/api/test_quick.py` holds both to the same answers.
"""

import re
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.http import HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware

from regulars.api import auth, giving
from regulars.api.balances import read_balance
from regulars.api.schemas.points import PointsIn
from regulars.identity.facade import ApiKeyInfo, Scope, recognise_api_key
from regulars.kit.clock import utc_now

BODY_BYTES_MAX = 16_384
_ADDRESS = re.compile(r"/api/v1/members/([1-9][0-9]{0,17}|external:[!-~]{1,128})/(balance|points)")
_BEARER = "Bearer "

Environ = dict[str, Any]
Header = tuple[str, str]
Answer = tuple[str, bytes, tuple[Header, ...]]
Way = Callable[[ApiKeyInfo, str, Environ], Answer | None]


class QuickLane:
    """Reads a balance and gives points, straight from the WSGI environment."""

    def __init__(self) -> None:
        self._headers = (("Content-Type", "application/json"), ("Cache-Control", "no-store"), *_security())
        self._ways: dict[tuple[str, str], tuple[Scope, Way]] = {
            ("GET", "balance"): (Scope.MEMBERS_READ, _tell_balance),
            ("POST", "points"): (Scope.POINTS_GIVE, _give_points),
        }

    def answer(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes] | None:
        """The answer, or None where the full stack has to find one."""
        address = _ADDRESS.fullmatch(environ["PATH_INFO"])
        if address is None or environ.get("QUERY_STRING") or environ.get("wsgi.url_scheme") == "https":
            return None
        way = self._ways.get((environ["REQUEST_METHOD"], address[2]))
        if way is None:
            return None
        try:
            found = _walk(*way, address[1], environ)
        except Exception:  # the full stack meets it again, and says or notes what it is
            return None
        if found is None:
            return None
        status, body, headers = found
        start_response(status, [*self._headers, ("Content-Length", str(len(body))), *headers])
        return (body,)


def _walk(scope: Scope, go: Way, member: str, environ: Environ) -> Answer | None:
    # As the framework does before each request, save for asking the database whether it is there.
    database = connections[DEFAULT_DB_ALIAS]
    if not database.in_atomic_block:  # a test's transaction is let be
        database.close_if_unusable_or_obsolete()
        database.health_check_done = True  # type: ignore[attr-defined]
    authorization = environ.get("HTTP_AUTHORIZATION", "")
    if not authorization.startswith(_BEARER):
        return None
    caller = recognise_api_key(authorization[len(_BEARER) :], utc_now())
    if caller is None or scope not in caller.scopes:
        return None
    auth.RATE.take(caller.prefix)
    environ[auth.COUNTED] = True
    return go(caller, member, environ)


def _tell_balance(_caller: ApiKeyInfo, member: str, _environ: Environ) -> Answer:
    return "200 OK", read_balance(member).model_dump_json().encode(), ()


def _give_points(caller: ApiKeyInfo, member: str, environ: Environ) -> Answer | None:
    length, key = environ.get("CONTENT_LENGTH") or "", environ.get("HTTP_IDEMPOTENCY_KEY")
    if not key or not length.isdecimal() or int(length) > BODY_BYTES_MAX:
        return None
    body = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = BytesIO(body)
    if b"\\" in body:
        # What escapes may hide is for the strict parser to see.
        return None
    gift = PointsIn.model_validate_json(body)
    told, replayed = giving.give_points(caller=caller, key=key, member=member, gift=gift)
    headers = ((giving.REPLAYED, "true"),) if replayed else ()
    return "201 Created", told.model_dump_json().encode(), headers


def _security() -> list[Header]:
    """The headers that Django's own middleware adds where the request did not come over TLS."""
    bare = HttpResponse()
    response = SecurityMiddleware(lambda _request: bare).process_response(HttpRequest(), HttpResponse())
    return [(name, value) for name, value in response.items() if name not in bare]
