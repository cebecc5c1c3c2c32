"""What goes wrong, and what is asked that makes no sense: a segment keeps its members, and says so."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections
from django.db.utils import Error

from regulars.kit.actor import SYSTEM
from regulars.rules import facade as rules
from regulars.segments import facade as segments
from regulars.segments.facade import SegmentState
from regulars.segments.models import Change, Membership, Segment, Touched
from regulars.segments.operations import rebuilding
from tests.segments.test_concurrency import paused_after_asking
from tests.segments.world import (
    NOW,
    PROGRAMME,
    Person,
    World,
    build,
    create,
    days_ago,
    members_of,
    publish,
    tree,
)

BOUGHT = {"count": "orders", "at_least": 1}


@pytest.mark.slow  # two connections that commit
@pytest.mark.django_db(transaction=True)
def test_a_rebuild_that_is_killed_half_way_changes_nothing_and_is_done_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publish()
    world = World([Person(balance=0), Person(balance=10)])
    poor, rich = world.people
    code = build({"trait": "points.balance", "at_least": 5}).code
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_wallet SET balance = 10 WHERE member_id = %s", [poor])
    segments.request_rebuild(now=NOW)
    seen: list[int] = []

    def work() -> None:
        try:
            with connection.cursor() as own:
                own.execute("SELECT pg_backend_pid()")
                seen.append(own.fetchone()[0])
            segments.rebuild_segment(code=code, now=NOW)
        except Error:
            pass  # as the process would have ended
        finally:
            connections.close_all()

    def die(*_told: object) -> None:
        raise Error("a process that is killed notes nothing")

    with monkeypatch.context() as patched, paused_after_asking(patched) as (asked, go_on):
        patched.setattr(rebuilding, "_note_failure", die)
        thread = threading.Thread(target=work, name="rebuild")
        thread.start()
        assert asked.wait(20)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", seen)
        go_on.set()
        thread.join(20)
    assert members_of(code) == {rich}
    row = Segment.objects.get(code=code)
    # What is tested live meanwhile is noted for a rebuild that never ends; the next one lets go of it.
    assert row.rebuilding_since is not None
    (done,) = segments.rebuild_due(now=NOW + timedelta(minutes=2))
    assert (done.error, done.is_skipped, done.entered) == ("", False, 1)
    assert members_of(code) == {poor, rich}
    assert segments.get_segment(code).state is SegmentState.CURRENT
    assert not Touched.objects.exists()


@pytest.mark.django_db
def test_one_that_names_a_segment_that_went_keeps_its_members_and_says_which() -> None:
    publish()
    world = World([Person(orders=[(1, 10, 0, "north", ())])])
    inner = build(BOUGHT, "Inner")
    outer = build({"segment": inner.code}, "Outer")
    assert members_of(outer.code) == set(world.people)
    # By hand in the database: no operation archives what another segment is made of.
    Segment.objects.filter(code=inner.code).update(archived_at=NOW)
    segments.follow_changes(now=NOW)
    segments.request_rebuild(now=NOW)
    (done,) = segments.rebuild_due(now=NOW)
    assert "There is no segment inner" in done.error
    now = segments.get_segment(outer.code)
    assert (now.state, now.members_count, members_of(outer.code)) == (
        SegmentState.FAILING,
        1,
        set(world.people),
    )
    # Others go on as if nothing had happened.
    world.add(Person(balance=7))
    rich = build({"trait": "points.balance", "at_least": 5}, "Rich")
    assert len(members_of(rich.code)) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "match",
    [
        {"all": [BOUGHT, {"count": "orders", "at_most": 0}]},
        {"count": "orders", "at_least": 5, "at_most": 2},
        {"all": [{"segment": "some"}, {"not": {"segment": "some"}}]},
        {"trait": "points.balance", "at_most": -(2**53)},
        {"bucket": {"from": 0, "before": 1}},
        {"count": "purchases", "where": {"product": {"is": "no such thing"}}, "at_least": 1},
        {"trait": "member.attribute.' OR TRUE; --", "is": "%(p0)s"},
    ],
    ids=str,
)
def test_what_nobody_can_be_is_empty_and_no_error(match: object) -> None:
    publish()
    World([Person(orders=[(1, 10, 0, "north", ())])])
    build(BOUGHT, "Some")
    made = build(match, "Nobody", uid="5b0c9f3e-5c1e-4f5f-9b43-0d6f1f1a2b3c")
    assert (made.members_count, made.state, members_of(made.code)) == (0, SegmentState.CURRENT, set())
    assert segments.preview(tree=made.tree, now=NOW, code=made.code).count == 0
    assert segments.list_members_of(made.code, as_of=NOW + timedelta(days=400)).items == ()
    assert segments.count_members_as_of(made.code, NOW) == 0


@pytest.mark.django_db
def test_the_shops_day_decides_and_a_new_time_zone_asks_for_a_rebuild() -> None:
    publish()
    # Half past eleven in the evening of the sixteenth of May in New York, the seventeenth by UTC.
    world = World([Person(orders=[(30, 10, 0, "north", ())])])
    late = datetime(2026, 5, 17, 3, 30, tzinfo=UTC)
    assert days_ago(30, 23).astimezone(UTC) == late - timedelta(minutes=30)
    from regulars.activity.models import Order

    Order.objects.update(occurred_at=late)
    made = build({"count": "orders", "within": {"last_days": 30}, "at_least": 1})
    plain = build({"trait": "points.balance", "at_least": 0}, "Plain")
    assert members_of(made.code) == set()
    segments.follow_quick_stamps(now=NOW)
    assert segments.follow_quick_stamps(now=NOW) == 0
    Segment.objects.update(wanted_at=None)
    rules.publish_programme(actor=SYSTEM, now=NOW, text=PROGRAMME.replace("America/New_York", "Etc/UTC"))
    assert segments.follow_quick_stamps(now=NOW) == 1
    assert Segment.objects.get(code=plain.code).wanted_at is None
    segments.rebuild_due(now=NOW)
    assert members_of(made.code) == set(world.people)


@pytest.mark.django_db
def test_somebody_erased_leaves_at_once_and_is_nowhere() -> None:
    publish()
    world = World([Person(orders=[(1, 10, 0, "north", ())]), Person(orders=[(1, 10, 0, "north", ())])])
    gone, other = world.people
    made = build(BOUGHT)
    segments.follow_changes(now=NOW)
    segments.rebuild_due(now=NOW)
    from django.utils import timezone

    from regulars.members.models import Member

    Member.objects.filter(pk=gone).update(anonymised_at=timezone.now())
    segments.follow_changes(now=NOW)
    assert members_of(made.code) == {other}
    assert segments.list_segments_of(gone) == []  # type: ignore[arg-type]
    assert not Membership.objects.filter(member_id=gone).exists()
    assert Change.objects.filter(member_id=gone, entered=False).count() == 1


@pytest.mark.django_db
def test_thirty_segments_in_a_chain_are_built_in_their_order() -> None:
    publish()
    world = World([Person(orders=[(1, 10, 0, "north", ())])])
    code = build(BOUGHT, "First").code
    for number in range(12):
        code = create({"segment": code}, f"Link {number}").code
    outcomes = segments.rebuild_due(now=NOW)
    assert [done.error for done in outcomes] == [""] * 12
    assert members_of(code) == set(world.people)
    with pytest.raises(segments.SegmentsInCircle):
        segments.update_segment(actor=SYSTEM, now=NOW, code="first", tree=tree({"segment": code}))
