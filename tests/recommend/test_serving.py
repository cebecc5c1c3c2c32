"""Shelves of members: their ways, their order, what is never on them."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.analytics.models import MemberMeasure
from regulars.catalogue.models import Product
from regulars.kit.actor import SYSTEM
from regulars.members.facade import MemberErased, MemberUnknown, erase_member
from regulars.members.models import Member
from regulars.recommend import facade as recommend
from regulars.recommend.facade import Placement, ReasonCode, ServedBy, ServedShelf, ShelfCode
from regulars.recommend.models import Candidates, Choice, Shown, Similar
from regulars.redemption.facade import redeem_reward
from tests.recommend.shop import AS_OF, NOW, buy, join, learn, popularise, relate, stock, taste, view
from tests.redemption.examples import NOW as TAKEN_AT
from tests.redemption.examples import make_member, make_reward, member_of, publish

pytestmark = pytest.mark.django_db

SKUS = [f"p{number:02}" for number in range(30)]


def skus_of(shelf: ServedShelf) -> list[str]:
    return [item.sku for item in shelf.items]


def ask(member_id: int, **more: Any) -> list[ServedShelf]:
    asked = {"now": NOW, "placement": Placement.HOME} | more
    return recommend.list_shelves(member_id=member_id, **asked)  # type: ignore[arg-type]


def get(member_id: int, shelf: ShelfCode, **more: Any) -> ServedShelf:
    asked = {"now": NOW, "placement": Placement.API, "count": 10} | more
    return recommend.get_shelf(member_id=member_id, shelf=shelf, **asked)  # type: ignore[arg-type]


def test_shelves_stand_in_order_and_share_nothing() -> None:
    stock(*SKUS)
    member = join()
    learn(member, ShelfCode.AGAIN, *SKUS[:6])
    learn(member, ShelfCode.NEW, *SKUS[6:20])
    learn(member, ShelfCode.ALIKE, *SKUS[10:26])
    shelves = ask(member, count=5)
    assert [shelf.code for shelf in shelves] == [ShelfCode.AGAIN, ShelfCode.NEW, ShelfCode.ALIKE]
    assert [skus_of(shelf) for shelf in shelves] == [SKUS[:5], SKUS[6:11], SKUS[11:16]]
    assert {shelf.served_by for shelf in shelves} == {ServedBy.MODEL}
    assert all(shelf.model_id == 7 and shelf.as_of == AS_OF and shelf.shown_id for shelf in shelves)


def test_a_page_asks_as_often_at_thirty_items_as_at_one() -> None:
    many = [f"q{number:03}" for number in range(200)]
    stock(*SKUS, *many)
    member = join()
    for place, shelf in enumerate((ShelfCode.AGAIN, ShelfCode.NEW, ShelfCode.BRANDS)):
        learn(member, shelf, *many[place * 40 : place * 40 + 40])
    popularise("segment:champions", *many[150:190])
    MemberMeasure.objects.create(member_id=member, as_of=AS_OF, segment="champions")
    taste(member, recent_skus=["p28", "p29"])
    relate("p28", "p09", "p08", "p07")
    relate("p29", "p19", "p18", "p17")
    buy(member, "p29")
    asked_for = {}
    for count in (1, 30):
        with CaptureQueriesContext(connection) as asked:
            shelves = ask(member, count=count, basket=["p00"])
        assert [len(shelf.items) for shelf in shelves if shelf.code is not ShelfCode.BECAUSE] == [count] * 4
        asked_for[count] = len(asked)
    assert asked_for == {1: 5, 30: 5}
    # Where nothing was learnt, each way of the fall-backs is asked once for the whole page.
    with CaptureQueriesContext(connection) as asked:
        ask(join("m2"), count=30)
    assert len(asked) <= 10


def test_what_just_happened_weighs() -> None:
    stock(*SKUS)
    member = join()
    learn(member, ShelfCode.NEW, *SKUS[:20])
    relate("p29", "p19", "p18", "p17")
    before = skus_of(get(member, ShelfCode.NEW, count=20)).index("p19")
    buy(member, "p29")
    shelf = get(member, ShelfCode.NEW, count=20)
    assert skus_of(shelf).index("p19") < before
    moved = shelf.items[skus_of(shelf).index("p19")].reasons[0]
    assert (moved.code, moved.values["name"]) == (ReasonCode.BOUGHT_WITH, "The p29")
    because = get(member, ShelfCode.BECAUSE)
    assert (because.subject, skus_of(because)) == ("The p29", ["p19", "p18", "p17"])


def test_views_and_baskets_weigh_and_what_is_in_the_basket_is_not_offered() -> None:
    stock(*SKUS)
    member = join()
    learn(member, ShelfCode.NEW, *SKUS[:20])
    relate("p00", "p19")
    relate("p01", "p18")
    view(member, "p01")
    shelf = get(member, ShelfCode.NEW, basket=["p00", "p00", "unknown"])
    assert "p00" not in skus_of(shelf)
    assert shelf.items[0].sku == "p01"
    by_sku = {item.sku: item for item in get(member, ShelfCode.NEW, count=20, basket=["p00"]).items}
    assert by_sku["p19"].reasons[0].values["sku"] == "p00"
    assert by_sku["p18"].reasons[0].code is ReasonCode.SEEN


def test_a_reward_just_taken_warms_its_category() -> None:
    publish()
    member = make_member("m1", points=1_000)
    stock(*SKUS)
    stock("cup", categories=("Kitchen",))
    learn(member, ShelfCode.NEW, *SKUS[:20], "cup")
    make_reward(category="Kitchen")
    later = TAKEN_AT + timedelta(minutes=5)
    before = skus_of(get(member, ShelfCode.NEW, count=21, now=later)).index("cup")
    redeem_reward(
        actor=member_of(member), member_id=member, reward_code="mug", idempotency_key="k", now=TAKEN_AT
    )
    assert skus_of(get(member, ShelfCode.NEW, count=21, now=later)).index("cup") < before


def test_what_was_bought_is_not_new_and_what_was_just_bought_is_not_due() -> None:
    stock(*SKUS)
    member = join()
    learn(member, ShelfCode.NEW, *SKUS[:10])
    learn(member, ShelfCode.AGAIN, *SKUS[10:20])
    buy(member, "p00", "p10")
    new, again = skus_of(get(member, ShelfCode.NEW)), skus_of(get(member, ShelfCode.AGAIN))
    assert "p00" not in new
    assert again == SKUS[11:20]
    # Filled up by other ways, it holds nothing that was ever bought, however long before the model looked.
    buy(member, "p29", ago=timedelta(days=200))
    popularise("shop", "p29", "p28")
    assert "p29" not in skus_of(get(member, ShelfCode.NEW, count=30))


def test_without_a_model_history_then_content_then_the_shop_serve() -> None:
    stock(*SKUS[:15])
    stock(*SKUS[15:], brand="Lux", categories=("Care",))
    member = join(attributes={"interests": "Care"})
    shelf = get(member, ShelfCode.NEW)
    assert (shelf.code, shelf.served_by) == (ShelfCode.NEW, ServedBy.CONTENT)
    assert shelf.items[0].reasons[0].values == {"interest": "Care"}
    popularise("category:Care", "p20", "p21", "p22", "p23")
    shelf = get(member, ShelfCode.NEW, count=4)
    assert (shelf.served_by, skus_of(shelf)) == (ServedBy.CONTENT, ["p20", "p21", "p22", "p23"])
    for _ in range(2):
        buy(member, "p00", "p01", "p02", ago=timedelta(days=9))
    again = get(member, ShelfCode.AGAIN)
    assert (again.served_by, set(skus_of(again))) == (ServedBy.HISTORY, {"p00", "p01", "p02"})
    assert again.items[0].reasons[0].values == {"orders": 2, "last_on": "2026-06-06"}


def test_segment_and_brands_serve_where_no_model_does() -> None:
    stock(*SKUS)
    member = join()
    popularise("segment:champions", *SKUS[:5])
    popularise("brand:Alm", *SKUS[5:10])
    taste(member, brands=[["Alm", 0.5, 1.4, 3]])
    MemberMeasure.objects.create(member_id=member, as_of=AS_OF, segment="champions")
    alike, brands = get(member, ShelfCode.ALIKE), get(member, ShelfCode.BRANDS)
    assert (alike.served_by, skus_of(alike)) == (ServedBy.SEGMENT, SKUS[:5])
    assert (brands.served_by, skus_of(brands), brands.subject) == (ServedBy.CONTENT, SKUS[5:10], "Alm")


def test_nobody_known_gets_what_is_popular_then_what_is_new() -> None:
    stock(*SKUS)
    member = join()
    (shelf,) = ask(member, count=5)
    assert (shelf.code, shelf.served_by) == (ShelfCode.POPULAR, ServedBy.NEWEST)
    popularise("shop", *SKUS[:4])
    (shelf,) = ask(member, count=5)
    assert (shelf.served_by, skus_of(shelf)) == (ServedBy.SHOP, [*SKUS[:4], "p29"])
    nobody = recommend.list_for_nobody(now=NOW, count=4)
    assert (skus_of(nobody), nobody.shown_id) == (SKUS[:4], None)


def test_who_wants_nothing_personal_is_not_read() -> None:
    stock(*SKUS)
    member = join(attributes={"interests": "Food"})
    popularise("shop", *SKUS[10:14])
    recommend.set_personal(actor=SYSTEM, member_id=member, personal=False, now=NOW)
    # Even where something is left of what was learnt.
    learn(member, ShelfCode.AGAIN, *SKUS[:6])
    with CaptureQueriesContext(connection) as asked:
        (shelf,) = ask(member, count=4)
    assert (shelf.code, skus_of(shelf)) == (ShelfCode.POPULAR, SKUS[10:14])
    assert not any("activity_" in one["sql"] or "recommend_similar" in one["sql"] for one in asked)
    assert get(member, ShelfCode.AGAIN, count=4).code is ShelfCode.POPULAR
    recommend.set_personal(actor=SYSTEM, member_id=member, personal=True, now=NOW)
    assert ask(member, count=4)[0].code is ShelfCode.AGAIN


@pytest.mark.parametrize(
    "reasons", [{"a": 1}, [], "prose", [[["no_such_code", {}]], 7, None, [["brand"]], [[1, {}]], ["x"]]]
)
def test_candidates_that_cannot_be_read_are_no_failure(
    reasons: Any, caplog: pytest.LogCaptureFixture
) -> None:
    stock(*SKUS)
    member = join()
    learn(member, ShelfCode.NEW, *SKUS[:6], reasons=reasons)
    popularise("shop", *SKUS[20:])
    with caplog.at_level(logging.WARNING, logger="regulars.recommend"):
        shelf = get(member, ShelfCode.NEW, count=6)
    assert len(shelf.items) == 6
    if isinstance(reasons, list) and len(reasons) == 6:
        assert (shelf.served_by, shelf.items[0].reasons) == (ServedBy.MODEL, ())
    else:
        assert shelf.served_by is ServedBy.SHOP
        assert "cannot be read" in caplog.text


def test_weights_that_are_no_numbers_weigh_nothing(caplog: pytest.LogCaptureFixture) -> None:
    stock(*SKUS)
    member = join()
    learn(member, ShelfCode.NEW, *SKUS[:6])
    Similar.objects.create(sku="p29", skus=["p05", "p04"], weights=[float("inf"), float("nan")])
    buy(member, "p29")
    assert skus_of(get(member, ShelfCode.NEW, count=6)) == SKUS[:6]
    assert recommend.find_similar(sku="p29", count=3, now=NOW) == ()
    assert "cannot be read" in caplog.text


def test_products_that_went_and_sensitive_ones_are_left_out() -> None:
    stock(*SKUS)
    stock("red", categories=("Drinks", "Wine"))
    member = join()
    learn(member, ShelfCode.NEW, "deleted", "red", *SKUS[:6])
    Product.objects.filter(sku="p00").update(active=False)
    assert skus_of(get(member, ShelfCode.NEW, count=5)) == SKUS[1:6]


def test_a_stranger_is_refused_the_erased_too_and_the_merged_are_their_survivor() -> None:
    stock(*SKUS)
    gone, survivor = join("gone"), join("stays")
    learn(survivor, ShelfCode.NEW, *SKUS[:6])
    learn(gone, ShelfCode.AGAIN, *SKUS[6:12])
    Choice.objects.create(member_id=gone, personal=True, changed_at=NOW)
    Member.objects.filter(pk=gone).update(merged_into=survivor)
    shelves = ask(gone, count=4)
    assert [shelf.code for shelf in shelves] == [ShelfCode.AGAIN, ShelfCode.NEW]
    assert set(Shown.objects.values_list("member_id", flat=True)) == {survivor}
    shown = Shown.objects.count()
    with pytest.raises(MemberUnknown):
        ask(99_999_999)
    Member.objects.filter(pk=survivor).update(anonymised_at=NOW)
    for member_id in (gone, survivor):
        with pytest.raises(MemberErased):
            ask(member_id)
        with pytest.raises(MemberErased):
            recommend.dismiss_product(actor=SYSTEM, member_id=member_id, sku="p00", now=NOW)
    assert Shown.objects.count() == shown


def test_similar_products_are_those_that_can_be_sold() -> None:
    stock("p1", "p2", "p3")
    stock("p4", active=False)
    stock("red", categories=("Wine",))
    relate("p1", "p4", "red", "p3", "p2", "p1")
    found = recommend.find_similar(sku="p1", count=5, now=NOW)
    assert [item.sku for item in found] == ["p3", "p2"]
    assert recommend.find_similar(sku="p2", count=5, now=NOW) == ()
    with pytest.raises(recommend.ProductUnknown):
        recommend.find_similar(sku="nope", count=5, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_the_log_does_not_wait_and_what_else_is_written_does() -> None:
    stock(*SKUS)
    member = join()
    learn(member, ShelfCode.NEW, *SKUS[:6])
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")
    (shelf, *_rest) = ask(member, count=4)
    assert Shown.objects.get(pk=shelf.shown_id).skus == SKUS[:4]
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == ("on",)
    erase_member(actor=SYSTEM, now=NOW, member_id=member, reason="they asked")
    assert not Shown.objects.exists()
    assert not Candidates.objects.exists()
