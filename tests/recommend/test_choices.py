"""What a member decides, what is kept of what they were shown, and how it is forgotten."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings

from regulars.kit.actor import SYSTEM, Actor, ActorKind
from regulars.members.copies import collect_copy
from regulars.members.facade import MemberUnknown, NotThem, erase_member
from regulars.members.models import Member
from regulars.recommend import facade as recommend
from regulars.recommend.facade import (
    DismissalKind,
    FeedbackKind,
    MarkKind,
    MarkSubject,
    Placement,
    ServedBy,
    ServedShelf,
    ShelfCode,
)
from regulars.recommend.models import Candidates, Choice, Dismissal, Feedback, Shown, Taste, TrainedModel
from regulars.trail.facade import list_audit
from tests.recommend.shop import AS_OF, NOW, buy, join, learn, relate, stock, taste

pytestmark = pytest.mark.django_db

SKUS = [f"p{number:02}" for number in range(10)]
DAY = timedelta(days=1)


@pytest.fixture
def member() -> int:
    stock(*SKUS, "a2", "a3")
    member_id = join()
    because = [[["bought_with", {"sku": "p00", "name": "The p00"}]], *([[["brand", {"brand": "Alm"}]]] * 7)]
    learn(member_id, ShelfCode.NEW, *SKUS[2:], reasons=because)
    learn(member_id, ShelfCode.AGAIN, "p00", "p01", "a2", "a3")
    return member_id


def themselves(member_id: int) -> Actor:
    return Actor(ActorKind.MEMBER, str(member_id))


def get(member_id: int, shelf: ShelfCode = ShelfCode.NEW, **more: Any) -> ServedShelf:
    asked = {"now": NOW, "placement": Placement.HOME, "count": 4} | more
    return recommend.get_shelf(member_id=member_id, shelf=shelf, **asked)  # type: ignore[arg-type]


def skus_of(shelf: ServedShelf) -> list[str]:
    return [item.sku for item in shelf.items]


def test_what_is_not_for_them_stays_away_until_they_take_it_back(member: int) -> None:
    said = {"actor": themselves(member), "member_id": member, "sku": "p02"}
    for _ in range(2):
        recommend.dismiss_product(**said, now=NOW)  # type: ignore[arg-type]
    assert "p02" not in skus_of(get(member))
    (dismissal,) = recommend.list_dismissals(member)  # type: ignore[arg-type]
    assert (dismissal.kind, dismissal.sku, dismissal.name) == (DismissalKind.SHOW, "p02", "The p02")
    recommend.restore_product(**said)  # type: ignore[arg-type]
    assert skus_of(get(member))[0] == "p02"


def test_a_purchase_to_forget_takes_along_what_followed_from_it(member: int) -> None:
    relate("p00", "p05", "p06", "p07")
    buy(member, "p00", ago=3 * DAY)
    said = {"actor": themselves(member), "member_id": member, "sku": "p00"}
    recommend.forget_purchase(**said, now=NOW)  # type: ignore[arg-type]
    # p02 stood on that purchase alone; nothing is lifted by it, and it is not offered again.
    assert skus_of(get(member)) == ["p03", "p04", "p05", "p06"]
    assert skus_of(get(member, ShelfCode.AGAIN)) == ["p01", "a2", "a3"]
    assert get(member, ShelfCode.BECAUSE).code is ShelfCode.POPULAR
    recommend.remember_purchase(**said)  # type: ignore[arg-type]
    assert skus_of(get(member, ShelfCode.AGAIN))[0] == "p00"


def test_taste_shows_what_is_known_with_its_evidence(member: int) -> None:
    taste(member, brands=[["Alm", 0.4, 1.5, 7], "broken"], recent_skus=["p00", "gone"])
    recommend.forget_purchase(actor=SYSTEM, member_id=member, sku="p00", now=NOW)  # type: ignore[arg-type]
    known = recommend.get_taste(member)  # type: ignore[arg-type]
    assert (known.is_personal, known.as_of, known.orders_count) == (True, AS_OF, 9)
    assert [(one.name, one.share, one.lift, one.orders) for one in known.brands] == [("Alm", 0.4, 1.5, 7)]
    assert [(one.sku, one.name, one.is_forgotten) for one in known.recent] == [
        ("p00", "The p00", True),
        ("gone", "gone", False),
    ]
    assert [one.kind for one in known.dismissals] == [DismissalKind.LEARN]


def test_only_oneself_and_the_shop_decide_and_refusals_change_nothing(member: int) -> None:
    stranger = themselves(join("m2"))
    told: dict[str, Any] = {"member_id": member, "now": NOW}
    for refused in (
        lambda: recommend.set_personal(actor=stranger, personal=False, **told),
        lambda: recommend.dismiss_product(actor=stranger, sku="p00", **told),
        lambda: recommend.forget_purchase(actor=stranger, sku="p00", **told),
    ):
        with pytest.raises(NotThem):
            refused()
    with pytest.raises(recommend.ProductUnknown):
        recommend.dismiss_product(actor=SYSTEM, sku="nothing", **told)
    with pytest.raises(MemberUnknown):
        recommend.set_personal(actor=SYSTEM, personal=False, member_id=10**9, now=NOW)  # type: ignore[arg-type]
    assert not Choice.objects.exists()
    assert not Dismissal.objects.exists()
    recommend.set_personal(actor=themselves(member), personal=False, **told)
    assert list_audit().items == ()
    recommend.set_personal(actor=Actor(ActorKind.OPERATOR, "3"), personal=True, **told)
    assert [one.action for one in list_audit().items] == ["recommend.made_personal"]


def test_switched_off_nothing_that_was_learnt_stays(member: int) -> None:
    taste(member, brands=[["Alm", 0.5, 2.0, 3]])
    other = join("other")
    taste(other)
    learn(other, ShelfCode.NEW, "p03")
    recommend.set_personal(actor=themselves(member), member_id=member, personal=False, now=NOW)  # type: ignore[arg-type]
    known = recommend.get_taste(member)  # type: ignore[arg-type]
    assert (known.is_personal, known.as_of, known.brands, known.recent) == (False, None, (), ())
    assert not Candidates.objects.filter(member_id=member).exists()
    assert {row.member_id for row in (*Candidates.objects.all(), *Taste.objects.all())} == {other}


def test_merged_members_share_what_they_said(member: int) -> None:
    gone = join("gone")
    recommend.set_personal(actor=SYSTEM, member_id=gone, personal=False, now=NOW)
    recommend.dismiss_product(actor=SYSTEM, member_id=gone, sku="p02", now=NOW)
    Member.objects.filter(pk=gone).update(merged_into=member)
    # Neither said yes: the no of one of them counts until the survivor says otherwise.
    assert not recommend.is_personal(member)  # type: ignore[arg-type]
    recommend.set_personal(actor=SYSTEM, member_id=gone, personal=True, now=NOW)
    assert recommend.is_personal(gone)
    assert "p02" not in skus_of(get(member))
    recommend.restore_product(actor=SYSTEM, member_id=member, sku="p02")  # type: ignore[arg-type]
    assert "p02" in skus_of(get(gone))


def test_support_learns_why_something_was_shown(member: int) -> None:
    model = TrainedModel.objects.create(
        task="new", kind="two_stage", as_of=AS_OF, trained_at=NOW, seconds=1, served_from=NOW
    )
    learn(join("m2"), ShelfCode.NEW, *SKUS, model_id=model.pk)
    pin = recommend.set_mark(
        actor=SYSTEM, now=NOW, kind=MarkKind.PIN, subject=MarkSubject.PRODUCT, value="p09", place=1
    )
    shelf = get(member + 1, now=NOW + DAY)
    recommend.end_mark(actor=SYSTEM, now=NOW + 2 * DAY, mark_id=pin.id)
    assert shelf.shown_id is not None
    pinned = recommend.explain_shown(shelf.shown_id, "p09")
    assert (pinned.place, pinned.served_by, pinned.marks[0].id) == (1, ServedBy.PIN, pin.id)
    told = recommend.explain_shown(shelf.shown_id, "p00")
    assert (told.place, told.model_kind, told.as_of, told.name) == (2, "two_stage", AS_OF, "The p00")
    assert told.reasons[0].values == {"category": "Food", "orders": 3}
    for shown_id, sku in ((shelf.shown_id, "p08"), (shelf.shown_id + 1, "p00")):
        with pytest.raises(recommend.ShownNotFound):
            recommend.explain_shown(shown_id, sku)


def test_what_is_written_down_is_what_was_shown(member: int) -> None:
    twin = ["bought_with", {"sku": "a2", "name": "The p03"}]
    brand = ["brand", {"brand": "Alm", "percent": 40, "lift_percent": 10}]
    told = [[twin, brand], [brand, ["no_longer_known", {}]], [brand]]
    other = join("m3")
    learn(other, ShelfCode.NEW, "p03", "p04", "p05", reasons=told)
    shelf = get(other, count=3)
    shown = recommend.get_shown(other, shelf.shown_id or 0)
    assert shown.skus == tuple(item.sku for item in shelf.items) == ("p03", "p04", "p05")
    assert shown.reasons == tuple(item.reasons for item in shelf.items)
    (row,) = Shown.objects.filter(member_id=other)
    assert row.reasons == [[brand], [brand], [brand]]


def test_the_log_is_paged_and_forgotten_after_its_time(member: int) -> None:
    for days in (200, 100, 0):
        get(member, now=NOW - days * DAY)
    page = recommend.list_shown(member, size=2)  # type: ignore[arg-type]
    assert [one.shown_at for one in page.items] == [NOW, NOW - 100 * DAY]
    rest = recommend.list_shown(member, size=2, cursor=page.next_cursor)  # type: ignore[arg-type]
    assert ([one.shown_at for one in rest.items], rest.next_cursor) == ([NOW - 200 * DAY], None)
    back = recommend.list_shown(member, size=2, cursor=rest.previous_cursor, backwards=True)  # type: ignore[arg-type]
    assert (back.items, back.previous_cursor) == (page.items, None)
    told = {"actor": SYSTEM, "member_id": member, "kind": FeedbackKind.SEEN, "now": NOW}
    for one in (*page.items, *rest.items):
        recommend.note_feedback(shown_id=one.id, skus=one.skus[:1], **told)  # type: ignore[arg-type]
    assert recommend.purge_shown(now=NOW) == 1
    assert recommend.purge_shown(now=NOW) == 0
    assert (Shown.objects.count(), Feedback.objects.count()) == (2, 2)
    with override_settings(RECOMMEND_SHOWN_DAYS=30):
        assert recommend.purge_shown(now=NOW, limit=1) == 1
    assert Shown.objects.get().shown_at == NOW


def test_a_copy_holds_it_all_and_erasing_forgets_it_all(member: int) -> None:
    taste(member, recent_skus=["p00"], points_a_day=2.5, reward_interest={"7": [0.8, "Food", 3]})
    shelf = get(member)
    assert shelf.shown_id is not None
    told = {"actor": SYSTEM, "member_id": member, "now": NOW}
    recommend.note_feedback(
        shown_id=shelf.shown_id,
        skus=["p02"],
        kind=FeedbackKind.DISMISSED,
        **told,  # type: ignore[arg-type]
    )
    recommend.set_personal(personal=True, **told)  # type: ignore[arg-type]
    other = join("m2")
    get(other)
    copy = collect_copy(member, NOW)["recommendations"]  # type: ignore[arg-type]
    assert [one["kind"] for one in copy] == [
        "choice", "dismissal.show", "taste", "candidates", "candidates", "shown", "feedback.dismissed",
    ]  # fmt: skip
    assert (copy[2]["points_a_day"], copy[2]["reward_interest"]) == (2.5, {"7": [0.8, "Food", 3]})
    assert copy[4]["skus"] == SKUS[2:] and copy[4]["reasons"]
    erase_member(actor=SYSTEM, now=NOW, member_id=member, reason="they asked")  # type: ignore[arg-type]
    for table in (Choice, Dismissal, Feedback):
        assert not table.objects.exists()
    assert set(Shown.objects.values_list("member_id", flat=True)) == {other}
