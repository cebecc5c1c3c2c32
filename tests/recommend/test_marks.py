"""Marks of the marketer: set, ended, refused, and what they do to shelves."""

from datetime import timedelta
from typing import Any

import pytest

from regulars.kit.actor import Actor, ActorKind
from regulars.recommend import facade as recommend
from regulars.recommend.facade import MarkKind, MarkSubject, MarkView, ServedBy, ServedShelf, ShelfCode
from regulars.recommend.models import Mark
from regulars.trail.facade import list_audit
from tests.recommend.shop import NOW, join, learn, stock
from tests.redemption.examples import make_reward

pytestmark = pytest.mark.django_db

MARKETER = Actor(ActorKind.OPERATOR, "7")
SKUS = [f"p{number:02}" for number in range(12)]
DAY = timedelta(days=1)


@pytest.fixture
def member() -> int:
    stock(*SKUS[:6])
    stock(*SKUS[6:], brand="Lux", categories=("Care", "Soap"))
    member_id = join()
    learn(member_id, ShelfCode.NEW, *SKUS[:9])
    learn(member_id, ShelfCode.ALIKE, *SKUS[6:])
    return member_id


def mark(kind: MarkKind, value: str, subject: MarkSubject = MarkSubject.PRODUCT, **more: Any) -> MarkView:
    return recommend.set_mark(actor=MARKETER, now=NOW, kind=kind, subject=subject, value=value, **more)


def preview(member: int, **more: Any) -> ServedShelf:
    asked = {"shelf": ShelfCode.NEW, "now": NOW, "count": 5, "placement": recommend.Placement.HOME} | more
    return recommend.get_shelf(member_id=member, log=False, **asked)  # type: ignore[arg-type]


def skus_of(shelf: ServedShelf) -> list[str]:
    return [item.sku for item in shelf.items]


def test_pins_stand_at_their_places_and_say_so(member: int) -> None:
    mark(MarkKind.PIN, "p11", place=2, shelf=ShelfCode.NEW)
    mark(MarkKind.PIN, "p10", place=2)
    mark(MarkKind.PIN, "p09", place=40)
    shelf = preview(member)
    # Of two at one place the newer stands there, the other beside it.
    assert skus_of(shelf) == ["p00", "p10", "p11", "p01", "p02"]
    assert [item.served_by for item in shelf.items[1:3]] == [ServedBy.PIN] * 2
    assert shelf.items[1].reasons[0].code == "pinned"
    assert shelf.served_by is ServedBy.MODEL
    pages = recommend.list_shelves(
        member_id=member, now=NOW, placement=recommend.Placement.HOME, count=5, log=False
    )
    assert [skus_of(one) for one in pages] == [skus_of(shelf), ["p06", "p07", "p08", "p09"]]


def test_bans_boosts_and_what_is_unsuitable(member: int) -> None:
    mark(MarkKind.BAN, "p00", ends_at=NOW + DAY)
    mark(MarkKind.BOOST, "Soap", MarkSubject.CATEGORY, factor=5.0, shelf=ShelfCode.NEW)
    assert skus_of(preview(member)) == ["p06", "p07", "p08", "p01", "p02"]
    mark(MarkKind.UNSUITABLE, "Lux", MarkSubject.BRAND, note="cosmetics need advice")
    assert skus_of(preview(member)) == ["p01", "p02", "p03", "p04", "p05"]
    assert "p00" in skus_of(preview(member, now=NOW + DAY))
    assert recommend.find_similar(sku="p00", count=3, now=NOW) == ()


def test_a_mark_begins_ends_and_stays_readable(member: int) -> None:
    later = mark(MarkKind.BAN, "p01", starts_at=NOW + DAY, ends_at=NOW + 2 * DAY)
    now = mark(MarkKind.BAN, "p00", note="recall")
    assert skus_of(preview(member))[:2] == ["p01", "p02"]
    assert skus_of(preview(member, now=NOW + DAY))[:2] == ["p02", "p03"]
    assert [one.id for one in recommend.list_marks(at=NOW).items] == [now.id, later.id]
    ended = recommend.end_mark(actor=MARKETER, now=NOW + timedelta(hours=1), mark_id=now.id)
    assert ended.ends_at == NOW + timedelta(hours=1)
    assert [one.id for one in recommend.list_marks(at=NOW + 3 * DAY).items] == []
    first = recommend.list_marks(size=1)
    rest = recommend.list_marks(size=1, cursor=first.next_cursor)
    assert [one.id for one in (*first.items, *rest.items)] == [now.id, later.id]
    assert recommend.list_marks(size=1, cursor=rest.previous_cursor, backwards=True) == first
    with pytest.raises(recommend.MarkNotFound):
        recommend.end_mark(actor=MARKETER, now=NOW + 2 * DAY, mark_id=now.id)
    # What never began has explained nothing, and is gone.
    recommend.end_mark(actor=MARKETER, now=NOW, mark_id=later.id)
    assert [one.id for one in recommend.list_marks().items] == [now.id]
    told = [(one.action, one.subject) for one in list_audit(subject=f"mark:{now.id}").items]
    assert told == [("recommend.mark_ended", f"mark:{now.id}"), ("recommend.mark_set", f"mark:{now.id}")]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": MarkKind.PIN}, "place"),
        ({"kind": MarkKind.PIN, "place": 0}, "place"),
        ({"kind": MarkKind.PIN, "place": 1, "subject": MarkSubject.BRAND, "value": "Lux"}, "subject"),
        ({"kind": MarkKind.BAN, "place": 1}, "place"),
        ({"kind": MarkKind.BOOST}, "factor"),
        ({"kind": MarkKind.BOOST, "factor": float("nan")}, "factor"),
        ({"kind": MarkKind.BOOST, "factor": -1.0}, "factor"),
        ({"kind": MarkKind.BAN, "factor": 2.0}, "factor"),
        ({"kind": MarkKind.BAN, "shelf": ShelfCode.NEW}, "shelf"),
        ({"kind": MarkKind.BAN, "ends_at": NOW - DAY}, "ends_at"),
        ({"kind": MarkKind.BAN, "starts_at": NOW + DAY, "ends_at": NOW + DAY}, "ends_at"),
        ({"kind": MarkKind.BAN, "starts_at": NOW - 2 * DAY, "ends_at": NOW - DAY}, "ends_at"),
        ({"kind": MarkKind.BAN, "value": " "}, "value"),
        ({"kind": MarkKind.BAN, "value": "nothing"}, "value"),
        ({"kind": MarkKind.BAN, "value": "p00\0"}, "value"),
        ({"kind": MarkKind.BAN, "value": "Nobody", "subject": MarkSubject.BRAND}, "value"),
        ({"kind": MarkKind.BAN, "value": "Nowhere", "subject": MarkSubject.CATEGORY}, "value"),
        ({"kind": MarkKind.BAN, "value": "mug", "subject": MarkSubject.REWARD}, "value"),
        ({"kind": MarkKind.BAN, "note": "x" * 301}, "note"),
    ],
)
def test_a_mark_that_makes_no_sense_is_refused_and_changes_nothing(
    member: int, wrong: dict[str, Any], field: str
) -> None:
    before = skus_of(preview(member))
    with pytest.raises(recommend.MarkInvalid) as refusal:
        mark(**({"value": "p00"} | wrong))
    assert refusal.value.extra["field"] == field
    assert not Mark.objects.exists()
    assert list_audit().items == ()
    assert skus_of(preview(member)) == before


def test_a_reward_can_be_marked_and_no_product_minds(member: int) -> None:
    make_reward()
    stock("mug")
    learn(join("m2"), ShelfCode.NEW, "mug", *SKUS)
    mark(MarkKind.BAN, "mug", MarkSubject.REWARD)
    assert recommend.list_marks_in_force(NOW)[0].subject is MarkSubject.REWARD
    assert skus_of(preview(member + 1))[0] == "mug"
