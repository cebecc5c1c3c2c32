"""While the database does not answer, the API says so, and what is asked again happens once."""

import contextlib
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection, connections
from django.db.utils import OperationalError

from regulars.api.outages import is_outage
from regulars.kit.clock import utc_now
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from tests.api.client import Caller
from tests.redemption.examples import publish

pytestmark = pytest.mark.django_db(transaction=True)
GIFT = {"points": 10, "reason": "sorry"}


@pytest.fixture
def member(caller: Caller) -> int:
    return int(caller.post("/members", {"external_id": "H1"}).json()["member_id"])


@pytest.fixture
def caller() -> Caller:
    publish()
    return Caller()


def ask(caller: Caller, member: int) -> Any:
    return caller.client.post(
        f"/api/v1/members/{member}/adjustments",
        GIFT,
        content_type="application/json",
        headers={"Authorization": f"Bearer {caller.secret}", "Idempotency-Key": "k1"},
    )


def is_told(response: Any) -> None:
    problem = response.json()
    assert (response.status_code, problem["code"]) == (503, "unavailable"), problem
    assert response["Content-Type"] == "application/problem+json"
    assert int(response["Retry-After"]) == problem["retry_after_seconds"] > 0


@pytest.fixture
def nowhere(tmp_path: Any) -> Iterator[None]:
    """The database's address leads nowhere."""
    settings = connections["default"].settings_dict
    host = settings["HOST"]
    connection.close()
    settings["HOST"] = str(tmp_path)
    try:
        yield
    finally:
        connection.close()
        settings["HOST"] = host


def test_no_way_to_the_database(caller: Caller, member: int, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("nowhere")
    is_told(ask(caller, member))
    is_told(
        caller.client.get(f"/api/v1/members/{member}", headers={"Authorization": f"Bearer {caller.secret}"})
    )


def test_the_server_goes_down_in_the_middle_and_the_key_decides(caller: Caller, member: int) -> None:
    def go_down(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        if "ledger_adjust" in sql:
            with contextlib.suppress(psycopg.Error):
                connection.connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(go_down):
        is_told(ask(caller, member))
    connection.close()
    assert ledger.get_balance(MemberId(member), utc_now()).active == 0
    for _ in range(2):
        assert ask(caller, member).status_code == 201
    assert ledger.get_balance(MemberId(member), utc_now()).active == 10


@pytest.mark.parametrize(
    ("statement", "later"), [("SELECT 1/0", False), ("SELECT pg_terminate_backend(pg_backend_pid())", True)]
)
def test_a_mistake_of_ours_is_no_outage(statement: str, *, later: bool) -> None:
    with pytest.raises(Exception) as told, connection.cursor() as cursor:
        cursor.execute(statement)
    assert is_outage(told.value) is later
    connection.close()


def test_a_lock_that_is_waited_for_too_long_is_no_outage() -> None:
    with pytest.raises(OperationalError) as told, connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '10ms'")
        cursor.execute("SELECT pg_sleep(5)")
    assert not is_outage(told.value)
    connection.close()
