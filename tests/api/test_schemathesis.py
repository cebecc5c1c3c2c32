"""The API driven from its own document: whatever comes in, no server error comes out."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from regulars.api.handler import ApiHandler, PrefixDispatch
from regulars.ledger.facade import prove
from tests.api.client import Caller
from tests.api.test_activity import order
from tests.recommend.shop import relate, stock
from tests.redemption.examples import make_member, make_reward

APP = PrefixDispatch(site=WSGIHandler(), api=ApiHandler())
SCHEMA = schemathesis.openapi.from_wsgi("/api/openapi.json", APP)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture
def shop(caller: Caller, settings: Any) -> Iterator[dict[str, Any]]:
    """A shop with something in it, so that requests get further than "there is no such member"."""
    settings.ALLOWED_HOSTS = ["*"]
    make_member("m1", points=1_000_000)
    make_reward(cancellable_for_hours=1)
    caller.post("/orders", order("O1"))
    stock("p1", "p2", "p3")
    relate("p1", "p2", "p3")
    (shelf,) = caller.get("/members/external:m1/recommendations").json()["shelves"]
    held = caller.post("/redemptions", {"member": "external:m1", "reward": "mug", "mode": "reserve"}, key="k")
    # The end of a request would close the connection that the test's transaction lives on. Only now:
    # Django's test client connects these anew after each request of its own.
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    known = {"redemption_id": held.json()["redemption_id"], "shown_id": shelf["shown_id"]}
    yield {"secret": caller.secret, "known": known}
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)
    assert prove().ok


# Some dozens of requests to each of the operations.
@pytest.mark.slow
@SCHEMA.parametrize()
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_no_input_breaks_the_server(case: Case, shop: dict[str, Any]) -> None:
    steer(case, shop["known"])
    case.call_and_validate(headers={"Authorization": f"Bearer {shop['secret']}"}, checks=CHECKS)


def steer(case: Case, there: dict[str, Any]) -> None:
    """Two of three requests name what exists, under a key of their own; the rest stays as wild as it was."""
    if not uuid.uuid5(uuid.NAMESPACE_OID, repr((case.body, case.query))).int % 3:
        return
    known = there | {
        "member": "external:m1",
        "reward": "mug",
        "order_external_id": "O1",
        "currency": "EUR",
        "sku": "p1",
        "skus": ["p3"],
    }
    if "Idempotency-Key" in (case.headers or {}):
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    for place in (case.path_parameters, case.query, case.body):
        if isinstance(place, dict):
            place.pop("cursor", None)
            place.update({name: value for name, value in known.items() if name in place})
