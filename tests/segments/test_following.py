"""Reading what rooms recorded: late commits, long pauses, members merged and erased."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from regulars.activity.models import OrderLine
from regulars.catalogue.models import Reward
from regulars.kit.actor import SYSTEM
from regulars.members.facade import MemberInput, save_members
from regulars.members.models import Member, MemberMerge
from regulars.segments import facade as segments
from regulars.segments.models import Change, Position, Segment
from tests.segments.world import NOW, Person, World, build, days_ago, members_of, publish

BOUGHT = {"count": "orders", "at_least": 1}


def earn(member_id: int, points: int) -> None:
    """What an order gave, in the journal."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_journal (member_id, currency, seq, posting, kind, debit, credit, amount,"
            " balance_after, pending_after, held_after, debt_after, occurred_at, recorded_at, sliding, rule,"
            " source, actor, reason) VALUES (%s, 'points', 1, 1, 'earn', 'issued', 'active', %s, %s, 0, 0, 0,"
            " %s, now(), false, 'base', 'order:1', '', '')",
            [member_id, points, points, NOW],
        )


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


@pytest.mark.django_db
def test_what_is_told_anew_of_a_member_counts_at_once() -> None:
    publish()
    save_members(actor=SYSTEM, now=NOW, batch=[MemberInput("m1", joined_at=days_ago(400))])
    of = {
        name: build(match, name).code
        for name, match in {
            "city": {"trait": "member.attribute.city", "is": "Riga"},
            "language": {"trait": "member.language", "is": "lv"},
            "birthday": {"trait": "member.birthday_month", "is": 5},
            "tenure": {"trait": "member.days_since_joining", "at_most": 10},
            "silent": {"count": "orders", "within": {"last_days": 30}, "at_most": 0},
            "bought": BOUGHT,
        }.items()
    }
    settle()
    told = MemberInput(
        "m1", attributes={"city": "Riga"}, locale="lv", birthday=date(1990, 5, 1), joined_at=days_ago(5)
    )
    save_members(actor=SYSTEM, now=NOW, batch=[told])
    followed = segments.follow_changes(now=NOW)
    inside = {name for name, code in of.items() if members_of(code)}
    assert inside == {"city", "language", "birthday", "tenure"}
    # Whoever joined lately has not been silent for long; what names no profile was not asked.
    assert followed.segments == len(of) - 1
    save_members(actor=SYSTEM, now=NOW, batch=[MemberInput("m1", attributes={"city": None})])
    segments.follow_changes(now=NOW)
    assert members_of(of["city"]) == set()


@pytest.mark.django_db
def test_what_the_merged_earned_and_bought_is_the_survivors() -> None:
    publish()
    world = World([Person(orders=[(1, 10, 0, "north", (("milk", 1),))]), Person()])
    gone, survivor = world.people
    OrderLine.objects.update(discount=5)
    earn(gone, 40)
    usual = build({"trait": "points.usual_award", "at_least": 40})
    bargain = build({"trait": "purchases.discounted_share", "at_least": 1}, "Bargains")
    settle()
    assert (members_of(usual.code), members_of(bargain.code)) == ({gone}, {gone})
    Member.objects.filter(pk=gone).update(merged_into=survivor)
    MemberMerge.objects.create(
        member_id=gone, into_member=survivor, merged_at=timezone.now(), actor="system", reason="one person"
    )
    segments.follow_changes(now=NOW)
    assert (members_of(usual.code), members_of(bargain.code)) == ({survivor}, {survivor})
    segments.request_rebuild(now=NOW)
    assert [(done.error, done.entered, done.left) for done in segments.rebuild_due(now=NOW)] == [
        ("", 0, 0),
        ("", 0, 0),
    ]


@pytest.mark.django_db
def test_a_reward_that_sells_out_is_nobodys_next_one() -> None:
    publish()
    world = World([Person(balance=50)])
    mug = Reward.objects.create(
        code="mug", name="Mug", kind="goods", picture_source="builtin", picture_name="mug",
        price_points=100, stock=1, created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    made = build({"trait": "reward.points_to_next", "at_most": 100})
    segments.follow_quick_stamps(now=NOW)
    settle()
    assert members_of(made.code) == set(world.people)
    assert segments.follow_quick_stamps(now=NOW) == 0
    Reward.objects.filter(pk=mug.pk).update(taken=1)
    assert segments.follow_quick_stamps(now=NOW) == 1
    segments.rebuild_due(now=NOW)
    assert members_of(made.code) == set()
    Reward.objects.filter(pk=mug.pk).update(stock=None)
    assert segments.follow_quick_stamps(now=NOW) == 1
    segments.rebuild_due(now=NOW)
    assert members_of(made.code) == set(world.people)
