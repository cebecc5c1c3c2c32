"""Rebuilds: failures keep the last membership and are told; time alone moves people; dates in the past."""

from datetime import timedelta

import pytest

from regulars.kit.actor import SYSTEM
from regulars.segments import facade as segments
from regulars.segments.facade import ChangePosition, SegmentState
from regulars.segments.models import Change, Segment
from tests.segments.world import NOW, Person, World, build, create, members_of, publish, tree

pytestmark = pytest.mark.django_db
BOUGHT = {"count": "orders", "within": {"last_days": 30}, "at_least": 1}


@pytest.fixture
def world() -> World:
    publish()
    return World(
        [
            Person(orders=[(3, 1000, 0, "north", ())]),
            Person(orders=[(29, 1000, 0, "north", ())]),
            Person(joined=5),
            Person(),
        ]
    )


def test_a_failing_segment_keeps_its_last_members_and_says_so(world: World) -> None:
    made = build(BOUGHT)
    before, history = members_of(made.code), Change.objects.count()
    Segment.objects.update(tree=tree({"count": "comets", "at_least": 1}))
    done = segments.rebuild_segment(code=made.code, now=NOW)
    now = segments.get_segment(made.code)
    assert "match.count" in done.error
    assert now.state is SegmentState.FAILING
    assert now.error == done.error
    assert members_of(made.code) == before != set()
    assert (now.members_count, Change.objects.count()) == (len(before), history)


def test_one_that_takes_too_long_is_stopped_and_tried_again(world: World) -> None:
    made = build(BOUGHT)
    before = members_of(made.code)
    slow = {
        "any": [{"trait": "measure.usage_interval_days", "at_most": {"shop": "lapsed_after_days"}}, BOUGHT]
    }
    segments.update_segment(actor=SYSTEM, now=NOW, code=made.code, tree=tree(slow))
    done = segments.rebuild_segment(code=made.code, now=NOW, timeout_seconds=0.001)
    assert "longer than" in done.error
    assert members_of(made.code) == before
    assert segments.rebuild_due(now=NOW + timedelta(seconds=30)) == []
    (again,) = segments.rebuild_due(now=NOW + timedelta(seconds=61))
    assert again.error == ""
    assert segments.get_segment(made.code).state is SegmentState.CURRENT


def test_time_alone_moves_people(world: World) -> None:
    made = build(BOUGHT)
    recent, old, *_rest = world.people
    assert members_of(made.code) == {recent, old}
    segments.rebuild_due(now=NOW + timedelta(days=1))
    assert members_of(made.code) == {recent}
    (left,) = [one for one in segments.list_history(code=made.code).items if not one.entered]
    assert (left.member_id, left.facts) == (old, {"match": 0})


def test_a_silence_is_only_said_of_those_who_were_there(world: World) -> None:
    *_bought, young, old = world.people
    silent = {"count": "orders", "within": {"last_days": 60}, "at_most": 0}
    assert members_of(build(silent, "One").code) == {old}
    turned = {"not": {"count": "orders", "within": {"last_days": 60}, "at_least": 1}}
    assert members_of(build(turned, "Two").code) == {old}
    assert members_of(build(silent | {"new_members": True}, "Three").code) == {young, old}


def test_membership_as_of_any_past_instant(world: World) -> None:
    made = build(BOUGHT)
    recent, old, *_rest = world.people
    later = NOW + timedelta(days=1)
    segments.rebuild_due(now=later)
    then = segments.list_members_of(made.code, as_of=NOW).items
    assert {one.member_id for one in then} == {recent, old}
    assert [one.member_id for one in segments.list_members_of(made.code, as_of=later).items] == [recent]
    assert segments.count_members_as_of(made.code, NOW - timedelta(days=1)) == 0
    assert segments.count_members_as_of(made.code, NOW) == 2


def test_a_changed_price_list_asks_for_a_rebuild(world: World) -> None:
    build({"trait": "reward.points_to_next", "at_most": 100})
    segments.follow_stamps(now=NOW)
    segments.rebuild_due(now=NOW)
    assert segments.follow_stamps(now=NOW) == 0
    from regulars.catalogue.models import Reward

    Reward.objects.create(
        code="mug", name="Mug", kind="goods", picture_source="builtin", picture_name="mug",
        price_points=100, created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    assert segments.follow_stamps(now=NOW) == 1


def test_built_in_segments_compile_and_are_kept(world: World) -> None:
    assert segments.keep_built_in(actor=SYSTEM, now=NOW) == len(segments.BUILT_IN)
    assert segments.keep_built_in(actor=SYSTEM, now=NOW) == 0
    assert [done.error for done in segments.rebuild_due(now=NOW)] == [""] * len(segments.BUILT_IN)


def test_archiving_empties_it_and_keeps_the_history(world: World) -> None:
    made = build(BOUGHT)
    other = create({"segment": made.code}, "Other")
    with pytest.raises(segments.SegmentInUse):
        segments.archive_segment(actor=SYSTEM, now=NOW, code=made.code)
    assert members_of(made.code)
    segments.archive_segment(actor=SYSTEM, now=NOW, code=other.code)
    segments.archive_segment(actor=SYSTEM, now=NOW, code=made.code)
    assert members_of(made.code) == set()
    assert len(segments.list_history(code=made.code).items) == 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow  # commits, and what it committed is flushed away
def test_subscribers_read_every_change_once_in_order() -> None:
    publish()
    world = World([Person(orders=[(3, 1000, 0, "north", ())]), Person()])
    made = build(BOUGHT)
    first, position = segments.read_changes(ChangePosition())
    assert [one.entered for one in first] == [True]
    assert segments.read_changes(position) == ([], position)
    segments.follow_changes(now=NOW)
    world.buy(list(world.people)[1], 0, 10, 0, "north", ())
    segments.follow_changes(now=NOW)
    (entry,), position = segments.read_changes(position, codes=[made.code])
    assert (entry.member_id, entry.cause.value, entry.facts) == (list(world.people)[1], "live", {"match": 1})
