"""What a tree may say, what is refused and how, circles, sentences."""

from typing import Any

import pytest
from django.utils import translation

from regulars.kit.actor import SYSTEM
from regulars.segments import facade as segments
from regulars.segments.facade import TreeInvalid
from regulars.segments.models import Segment, SegmentVersion
from tests.segments.world import NOW, create, publish, tree

pytestmark = pytest.mark.django_db
GOOD = {"count": "orders", "at_least": 1}


@pytest.fixture(autouse=True)
def programme(db: None) -> None:
    publish()


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ([], ""),
        ({"version": 2, "match": GOOD}, "version"),
        ({"version": 1}, "match"),
        ({"version": 1, "match": GOOD, "more": 1}, "more"),
        (tree({}), "match"),
        (tree({"all": []}), "match.all"),
        (tree({"all": [GOOD, {"count": "orders"}]}), "match.all.1"),
        (tree({"not": {"any": [{"count": "comets", "at_least": 1}]}}), "match.not.any.0.count"),
        (tree({"count": "orders", "at_least": "3"}), "match.at_least"),
        (tree({"count": "orders", "at_least": True}), "match.at_least"),
        (tree({"count": "orders", "at_least": float("nan")}), "match.at_least"),
        (tree({"count": "orders", "at_least": 1, "is": 1}), "match"),
        (tree({"count": "orders", "at_least": 1, "within": {"last_days": 0}}), "match.within.last_days"),
        (tree({"count": "orders", "at_least": 1, "within": {"next_days": 3}}), "match.within"),
        (tree({"count": "orders", "at_least": 1, "where": {"colour": {"is": "x"}}}), "match.where.colour"),
        (tree({"count": "orders.amount", "at_least": 1}), "match.count"),
        (tree({"sum": "orders.store", "at_least": 1}), "match.sum"),
        (tree({"sum": "orders.amount", "at_least": {"shop": "luck"}}), "match.at_least.shop"),
        (tree({"trait": "member.shoe", "is": "x"}), "match.trait"),
        (tree({"trait": "member.language", "at_least": 3}), "match.at_least"),
        (tree({"trait": "member.attribute.city", "is": "a\0b"}), "match.is"),
        (tree({"bucket": {"from": 10, "before": 10}}), "match.bucket"),
        (tree({"segment": ""}), "match.segment"),
        (tree({"segment": "nobody"}), "match"),
        (tree({"all": [GOOD] * 41}), "match"),
    ],
)
def test_a_mistake_names_its_place_and_changes_nothing(raw: Any, path: str) -> None:
    with pytest.raises(TreeInvalid) as caught:
        segments.create_segment(actor=SYSTEM, now=NOW, told=segments.SegmentInput("Some", raw))
    assert caught.value.extra["path"] == path
    assert not Segment.objects.exists()


def test_circles_are_refused_and_nothing_changes() -> None:
    one = create(GOOD, "One")
    two = create({"segment": one.code}, "Two")
    three = create({"not": {"segment": two.code}}, "Three")
    for named in (one.code, two.code, three.code):
        with pytest.raises(segments.SegmentsInCircle):
            segments.update_segment(actor=SYSTEM, now=NOW, code=one.code, tree=tree({"segment": named}))
    assert segments.get_segment(one.code).tree == one.tree
    assert SegmentVersion.objects.count() == 3


def test_two_who_change_it_at_once_do_not_overwrite_each_other() -> None:
    made = create(GOOD)
    segments.update_segment(
        actor=SYSTEM, now=NOW, code=made.code, tree=tree({"bucket": {"from": 0, "before": 9}})
    )
    with pytest.raises(segments.SegmentChanged):
        segments.update_segment(
            actor=SYSTEM, now=NOW, code=made.code, tree=tree(GOOD), expected_version=made.version
        )
    assert segments.get_segment(made.code).version == 2


def test_a_random_share_is_salted_by_the_segment_and_stays() -> None:
    from tests.segments.world import Person, World, members_of

    World([Person() for _ in range(60)])
    half = {"bucket": {"from": 0, "before": 50}}
    one, two = create(half, "One"), create(half, "Two")
    for code in (one.code, two.code):
        segments.rebuild_segment(code=code, now=NOW)
    assert members_of(one.code) != members_of(two.code)
    seen = segments.preview(tree=tree(half), now=NOW, code=one.code)
    assert seen.count == len(members_of(one.code))


@pytest.mark.parametrize("language", ["en", "ru", "zh-hans"])
def test_any_tree_is_said_in_a_sentence(language: str) -> None:
    match = {
        "any": [
            {"all": [GOOD, {"sum": "orders.amount", "within": {"last_days": 30}, "at_least": 5000}]},
            {"not": {"days_since": "orders", "at_least": {"times": 2, "shop": "usual_gap_days"}}},
            {
                "count": "purchases",
                "where": {"category": {"one_of": ["Dairy"]}},
                "is": 2,
                "new_members": True,
            },
            {"trait": "member.attribute.city", "one_of": ["Kyiv", "Riga"]},
            {"bucket": {"from": 0, "before": 10}},
        ]
    }
    with translation.override(language):
        said = segments.describe_tree(tree=tree(match), now=NOW)
        assert all(part in said for part in ("Dairy", "Kyiv", "30", "10"))
        assert "%(" not in said
        for built_in in segments.BUILT_IN:
            assert str(built_in.sentence)
            assert segments.describe_tree(tree=built_in.tree, now=NOW)
