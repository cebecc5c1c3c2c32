"""What was taken is known under its key, even when the clock was set back since and it lies in the future."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.activity.facade import RecordStatus, record_events, record_orders, record_returns
from regulars.activity.models import Event, Order, Return
from regulars.kit.actor import SYSTEM
from tests.activity.makers import NOON, NOW, event, give_back, make_members, order

pytestmark = pytest.mark.django_db
SET_BACK = NOW - timedelta(days=3)
Record = Callable[..., list[Any]]


@pytest.fixture(params=[record_orders, record_returns, record_events])
def record(request: pytest.FixtureRequest) -> Record:
    recorded: Record = request.param
    return recorded


@pytest.fixture
def told(record: Record) -> Any:
    """An order, a return or an event that occurs now."""
    (ada,) = make_members(1)
    record_orders(actor=SYSTEM, now=NOW, batch=[order("A-1", ada)])
    rows = {
        record_orders: order("K-1", ada, occurred_at=NOW),
        record_returns: give_back("K-1", "A-1", (1, 1, 10), occurred_at=NOW),
        record_events: event("K-1", ada, occurred_at=NOW),
    }
    return rows[record]


def take(record: Record, now: datetime, *rows: Any) -> list[RecordStatus]:
    return [outcome.status for outcome in record(actor=SYSTEM, now=now, batch=rows)]


def test_what_was_taken_is_a_repeat_or_a_conflict_as_ever(record: Record, told: Any) -> None:
    assert take(record, NOW, told) == [RecordStatus.NEW]
    other = replace(told, occurred_at=NOW + timedelta(hours=1))
    assert take(record, SET_BACK, told, other) == [RecordStatus.REPEATED, RecordStatus.CONFLICT]


def test_what_was_not_taken_lies_in_the_future(record: Record, told: Any) -> None:
    stranger = replace(told, external_id="K-2")
    unheard_of = replace(told, external_id="\0" * 300)
    assert take(record, NOW, told) == [RecordStatus.NEW]
    assert take(record, SET_BACK, stranger, unheard_of, told) == [
        RecordStatus.REFUSED,
        RecordStatus.REFUSED,
        RecordStatus.REPEATED,
    ]
    counts = (Order.objects.count(), Return.objects.count(), Event.objects.count())
    assert counts == {record_orders: (2, 0, 0), record_returns: (1, 1, 0), record_events: (1, 0, 1)}[record]


def test_it_asks_nothing_more_where_nothing_lies_in_the_future(record: Record, told: Any) -> None:
    take(record, NOW, told)
    with CaptureQueriesContext(
        connection,
    ) as now:
        take(record, NOW, replace(told, external_id="K-3"))
    with CaptureQueriesContext(connection) as long_ago:
        take(record, NOW, replace(told, external_id="K-4", occurred_at=NOON + timedelta(days=2)))
    assert len(now) == len(long_ago)
