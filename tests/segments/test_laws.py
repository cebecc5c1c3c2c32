"""The laws: SQL means what a plain evaluator means, and what is kept current equals what is made anew."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from regulars.segments import facade as segments
from regulars.segments.models import Segment
from tests.segments.evaluator import matches
from tests.segments.strategies import EVENTS, LEAVES, ORDERS, people, trees
from tests.segments.world import NOW, Person, World, build, create, members_of, publish, tree

pytestmark = pytest.mark.django_db
CALM = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "derandomize": True,
    "phases": [Phase.explicit, Phase.generate],
}
CROWD = st.lists(people(), min_size=3, max_size=6)


def expected(match: Any, world: World, uid: str, others: dict[str, set[int]], shift: int = 0) -> set[int]:
    return {
        number
        for number, person in world.people.items()
        if matches(match, person, uid=uid, others=others, shift=shift)
    }


@pytest.fixture
def rolled_back(db: None) -> Any:
    """Each example begins in the same database: what it writes is rolled back."""
    from django.db import transaction

    publish()

    class Aside(Exception):
        pass

    class Manager:
        def __enter__(self) -> None:
            self.atomic = transaction.atomic()
            self.atomic._from_testcase = True  # what is durable may run within it, as within a test
            self.atomic.__enter__()

        def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
            self.atomic.__exit__(Aside, Aside(), None)

    return Manager


@pytest.mark.slow  # a hundred trees over four shops
def test_compiled_sql_equals_a_plain_evaluator(rolled_back: Any) -> None:
    @settings(max_examples=4, **CALM)
    @given(crowd=st.lists(people(), min_size=20, max_size=24), matching=st.lists(trees(), min_size=25))
    def law(crowd: list[Person], matching: list[Any]) -> None:
        with rolled_back():
            world = World(crowd)
            for match in matching:
                uid = uuid4()
                seen = segments.preview(tree=tree(match), now=NOW, uid=uid)
                wanted = expected(match, world, str(uid), {})
                assert seen.count == len(wanted), match
                assert set(seen.sample) <= wanted, match

    law()


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("buy"), st.integers(0, 5), ORDERS),
        st.tuples(st.just("do"), st.integers(0, 5), EVENTS),
        st.tuples(st.just("balance"), st.integers(0, 5), st.sampled_from([0, 50, 100])),
        st.tuples(st.just("back"), st.integers(0, 5), st.integers(1, 60)),
        st.tuples(st.just("join"), st.just(0), people()),
        st.tuples(st.just("sleep"), st.integers(1, 31), st.none()),
    ),
    min_size=1,
    max_size=5,
)


@pytest.mark.slow  # eight histories, followed step by step
def test_what_is_kept_current_equals_a_rebuild(rolled_back: Any) -> None:
    @settings(max_examples=8, **CALM)
    @given(crowd=CROWD, one=trees(), two=trees(LEAVES | st.just({"segment": "first"})), steps=STEPS)
    def law(crowd: list[Person], one: Any, two: Any, steps: list[Any]) -> None:
        with rolled_back():
            world, now, shift = World(crowd), NOW, 0
            build(one, code="first")
            build(two, "Other", code="second")
            segments.follow_changes(now=now)
            segments.rebuild_due(now=now)
            for step, whom, told in steps:
                if step == "sleep":
                    now, shift = now + timedelta(days=whom), shift + whom
                    segments.rebuild_due(now=now)
                else:
                    _take(world, step, list(world.people)[whom % len(world.people)], told, shift)
                segments.follow_changes(now=now)
                _agree(world, one, two, shift)
            kept = {code: members_of(code) for code in ("first", "second")}
            segments.request_rebuild(now=now)
            for outcome in segments.rebuild_due(now=now):
                assert (outcome.error, outcome.entered, outcome.left) == ("", 0, 0)
            assert kept == {code: members_of(code) for code in ("first", "second")}

    law()


def _take(world: World, step: str, member_id: int, told: Any, shift: int) -> None:
    if step == "buy":
        world.buy(member_id, told[0] - shift if told[0] >= shift else 0, *told[1:])
    elif step == "do":
        world.do(member_id, *told)
    elif step == "balance":
        world.set_balance(member_id, told)
    elif step == "join":
        world.add(told)
    elif world.people[member_id].orders:
        world.give_back(member_id, 0, told)


def _agree(world: World, one: Any, two: Any, shift: int) -> None:
    uids = {row.code: str(row.uid) for row in Segment.objects.all()}
    first = expected(one, world, uids["first"], {}, shift)
    assert members_of("first") == first
    assert members_of("second") == expected(two, world, uids["second"], {"first": first}, shift)
    for code in ("first", "second"):
        assert segments.get_segment(code).members_count == len(members_of(code))


def test_replaying_the_history_gives_the_membership() -> None:
    publish()
    world = World([Person(orders=[(40, 10, 0, "north", ())]), Person()])
    made = build({"count": "orders", "within": {"last_days": 30}, "at_least": 1})
    segments.follow_changes(now=NOW)
    for member_id in world.people:
        world.buy(member_id, 0, 10, 0, "north", ())
    segments.follow_changes(now=NOW)
    segments.rebuild_due(now=NOW + timedelta(days=31))
    replayed: set[int] = set()
    for change in reversed(segments.list_history(code=made.code, size=100).items):
        replayed = replayed | {change.member_id} if change.entered else replayed - {change.member_id}
    assert replayed == members_of(made.code) == set()
    assert len(segments.list_history(code=made.code).items) == 4


def test_a_created_segment_is_not_built_yet() -> None:
    publish()
    assert create({"count": "orders", "at_least": 1}).state.value == "building"
