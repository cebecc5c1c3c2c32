"""Reading what rooms recorded: late commits, long pauses, members merged and erased."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from regulars.members.models import Member, MemberMerge
from regulars.segments import facade as segments
from regulars.segments.models import Change, Position, Segment
from tests.segments.world import NOW, Person, World, build, members_of, publish

BOUGHT = {"count": "orders", "at_least": 1}


def settle() -> None:
    """The first reading begins to watch, and asks for a rebuild."""
    segments.follow_changes(now=NOW)
    segments.rebuild_due(now=NOW)


@pytest.mark.slow  # two connections that commit
@pytest.mark.django_db(transaction=True)
def test_what_is_committed_late_is_not_passed_by() -> None:
    publish()
    world = World([Person(), Person()])
    late, early = world.people
    made = build(BOUGHT)
    settle()
    written, go_on = threading.Event(), threading.Event()

    def write_late() -> None:
        try:
            with transaction.atomic():
                world.buy(late, 0, 10, 0, "north", ())
                written.set()
                assert go_on.wait(20)
        finally:
            connections.close_all()

    thread = threading.Thread(target=write_late)
    thread.start()
    assert written.wait(20)
    world.buy(early, 0, 10, 0, "north", ())  # a higher number, committed first
    segments.follow_changes(now=NOW)
    segments.follow_changes(now=NOW)
    assert members_of(made.code) == {early}
    go_on.set()
    thread.join(20)
    segments.follow_changes(now=NOW)
    assert members_of(made.code) == {early, late}


@pytest.mark.django_db
def test_after_a_long_pause_a_rebuild_makes_up_for_it() -> None:
    publish()
    world = World([Person()])
    made = build(BOUGHT)
    settle()
    world.buy(next(iter(world.people)), 0, 10, 0, "north", ())
    Position.objects.update(read_at=timezone.now() - timedelta(hours=2))
    assert segments.follow_changes(now=NOW).changes == 0
    assert Segment.objects.get(code=made.code).wanted_at is not None
    segments.rebuild_due(now=NOW)
    assert members_of(made.code) == set(world.people)


@pytest.mark.django_db
def test_what_the_merged_did_counts_for_the_survivor() -> None:
    publish()
    world = World([Person(orders=[(1, 10, 0, "north", ())]), Person(orders=[(1, 10, 0, "north", ())])])
    gone, survivor = world.people
    twice = build({"count": "orders", "at_least": 2})
    once = build(BOUGHT, "Other")
    settle()
    assert (members_of(twice.code), members_of(once.code)) == (set(), {gone, survivor})
    Member.objects.filter(pk=gone).update(merged_into=survivor)
    MemberMerge.objects.create(
        member_id=gone, into_member=survivor, merged_at=timezone.now(), actor="system", reason="one person"
    )
    segments.follow_changes(now=NOW)
    assert (members_of(twice.code), members_of(once.code)) == ({survivor}, {survivor})


@pytest.mark.django_db
def test_the_facts_go_with_the_person_and_the_history_stays() -> None:
    publish()
    world = World([Person(orders=[(1, 10, 0, "north", ())])])
    (member_id,) = world.people
    made = build(BOUGHT)
    from regulars.members.erasure import forget_everywhere

    assert Change.objects.get().facts == {"match": 1}
    forget_everywhere(member_id)
    assert Change.objects.get().facts == {}
    assert segments.explain_change(segments.list_history(code=made.code).items[0], now=NOW) == []
    with pytest.raises(Exception, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM segments_change")
    assert Change.objects.count() == 1
