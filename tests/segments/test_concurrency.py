"""Live tests beside a rebuild: what ends up in the table is what the tree says of the end."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import close_old_connections, connection, connections

from regulars.segments import facade as segments
from regulars.segments.models import Touched
from regulars.segments.operations import rebuilding, retesting
from tests.segments.world import NOW, Person, World, create, members_of, publish

pytestmark = [
    # Two connections that commit, and what they committed is flushed away.
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]


@contextmanager
def paused_after_asking(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[threading.Event, threading.Event]]:
    """The rebuild waits once it has asked everybody, before it takes the segment's lock."""
    asked, go_on = threading.Event(), threading.Event()
    lock, calls = rebuilding.lock_membership, []

    def wait(segment_id: int) -> None:
        calls.append(segment_id)
        if len(calls) == 2:  # the first is at the beginning
            asked.set()
            assert go_on.wait(20)
        lock(segment_id)

    monkeypatch.setattr(rebuilding, "lock_membership", wait)
    yield asked, go_on


def run_rebuild(code: str) -> threading.Thread:
    def work() -> None:
        try:
            segments.rebuild_segment(code=code, now=NOW)
        finally:
            close_old_connections()
            connections.close_all()

    thread = threading.Thread(target=work, name="rebuild")
    thread.start()
    return thread


def race(monkeypatch: pytest.MonkeyPatch) -> tuple[str, int]:
    """A member whom the rebuild saw outside the segment's limits, and who moves while it waits."""
    publish()
    world = World([Person(balance=0), Person(balance=10)])
    poor, rich = world.people
    code = create({"trait": "points.balance", "at_least": 5}).code
    segments.rebuild_segment(code=code, now=NOW)
    segments.follow_changes(now=NOW)
    # Somebody enters behind the back of what follows, as time alone would do it: only the rebuild sees it.
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_wallet SET balance = 10 WHERE member_id = %s", [poor])
    with paused_after_asking(monkeypatch) as (asked, go_on):
        thread = run_rebuild(code)
        assert asked.wait(20)
        world.set_balance(poor, 0)
        segments.follow_changes(now=NOW)
        go_on.set()
        thread.join(20)
    assert rich in members_of(code)
    return code, poor


def test_an_event_during_a_rebuild_is_not_undone_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    code, poor = race(monkeypatch)
    assert poor not in members_of(code)
    assert segments.get_segment(code).members_count == len(members_of(code)) == 1
    assert not Touched.objects.exists()


def test_without_noting_whom_it_touched_it_would_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the race does happen where nobody is noted."""
    monkeypatch.setattr(retesting, "_NOTE", "SELECT %s, %s::bigint[]")
    code, poor = race(monkeypatch)
    assert poor in members_of(code)
