"""Events are recorded once each, and once per occasion where they have one."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from regulars.activity.facade import (
    AlreadyHappened,
    EventKeyConflict,
    InvalidEvent,
    RecordedEvent,
    RecordStatus,
    UnknownMember,
    get_events,
    record_events,
)
from regulars.activity.models import Event
from regulars.kit.actor import SYSTEM
from regulars.kit.ids import MemberId
from tests.activity.makers import NOON, NOW, event, make_members

pytestmark = pytest.mark.django_db
NEW, REPEATED = RecordStatus.NEW, RecordStatus.REPEATED
CONFLICT, REFUSED = RecordStatus.CONFLICT, RecordStatus.REFUSED


def record(*batch: Any) -> list[RecordedEvent]:
    return record_events(actor=SYSTEM, now=NOW, batch=batch)


def test_an_event_is_kept_with_all_that_was_told_of_it() -> None:
    (ada,) = make_members(1)
    (outcome,) = record(event("E-1", ada, "review", attributes={"stars": 2}, simulated=True))
    assert outcome.event_id is not None
    kept = get_events([outcome.event_id])[outcome.event_id]
    assert (kept.member_id, kept.kind, kept.occurred_at, kept.simulated) == (ada, "review", NOON, True)
    assert kept.attributes == {"stars": 2}


def test_repeats_conflicts_and_refusals_stop_nothing() -> None:
    (ada,) = make_members(1)
    first = event("E-1", ada)
    record(first)
    outcomes = record(
        first,
        replace(first, kind="share"),
        event("E-2", ada),
        event("E-2", ada),
        event("E-2", ada, "share"),
        event("E-3", MemberId(ada + 99)),
        event("E-4", ada, "Not A Kind"),
    )
    assert [row.status for row in outcomes] == [
        REPEATED,
        CONFLICT,
        NEW,
        REPEATED,
        CONFLICT,
        REFUSED,
        REFUSED,
    ]
    assert isinstance(outcomes[1].refusal, EventKeyConflict)
    assert isinstance(outcomes[5].refusal, UnknownMember)
    assert isinstance(outcomes[6].refusal, InvalidEvent)
    assert Event.objects.count() == 2


@pytest.mark.parametrize(
    "spoil",
    [
        {"external_id": ""},
        {"kind": ""},
        {"kind": "a\0"},
        {"occasion": "x" * 101},
        {"occurred_at": datetime(2026, 9, 1)},  # noqa: DTZ001
        {"occurred_at": NOW + timedelta(days=2)},
        {"occurred_at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))},
        {"attributes": {"a": "\ud800"}},
    ],
)
def test_a_bad_event_is_refused_and_nothing_is_kept(spoil: dict[str, Any]) -> None:
    (ada,) = make_members(1)
    (outcome,) = record(replace(event("E-1", ada), **spoil))
    assert isinstance(outcome.refusal, InvalidEvent)
    assert Event.objects.count() == 0


def test_what_has_an_occasion_happens_once() -> None:
    ada, bob = make_members(2)
    first = event("E-1", ada, "survey", occasion="spring")
    outcomes = record(
        first,
        event("E-2", ada, "survey", occasion="spring"),
        event("E-3", ada, "survey", occasion="autumn"),
        event("E-4", bob, "survey", occasion="spring"),
        event("E-5", ada, "review", occasion="spring"),
        event("E-6", ada, "survey"),
        event("E-7", ada, "survey"),
    )
    assert [row.status for row in outcomes] == [NEW, REFUSED, NEW, NEW, NEW, NEW, NEW]
    again, other = record(first, event("E-8", ada, "survey", occasion="spring"))
    assert again.status is REPEATED
    assert isinstance(other.refusal, AlreadyHappened)
    assert Event.objects.count() == 6
