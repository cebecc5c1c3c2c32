"""Shelves of members: their ways, their order, what is never on them."""

import pytest

from regulars.recommend import facade as recommend
from regulars.recommend.facade import Placement, ServedBy, ShelfCode
from tests.recommend.shop import NOW, buy, join, learn, popularise, relate, stock

pytestmark = pytest.mark.django_db

SKUS = [f"p{number:02}" for number in range(30)]


def skus_of(shelf: recommend.ServedShelf) -> list[str]:
    return [item.sku for item in shelf.items]


def ask(member_id: int, **more: object) -> list[recommend.ServedShelf]:
    return recommend.list_shelves(member_id=member_id, now=NOW, placement=Placement.HOME, **more)  # type: ignore[arg-type]


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
    assert all(shelf.model_id == 7 and shelf.shown_id for shelf in shelves)


def test_what_just_happened_weighs() -> None:
    stock(*SKUS)
    member = join()
    learn(member, ShelfCode.NEW, *SKUS[:20])
    relate("p29", "p19", "p18", "p17")
    buy(member, "p29")
    shelf = recommend.get_shelf(
        member_id=member, shelf=ShelfCode.NEW, now=NOW, placement=Placement.API, count=20
    )
    assert skus_of(shelf).index("p19") < 12
    because = recommend.get_shelf(
        member_id=member, shelf=ShelfCode.BECAUSE, now=NOW, placement=Placement.API, count=20
    )
    assert because.subject == "The p29"
    assert skus_of(because) == ["p19", "p18", "p17"]


def test_nobody_known_gets_what_is_popular_then_what_is_new() -> None:
    stock(*SKUS)
    member = join()
    (shelf,) = ask(member, count=5)
    assert (shelf.code, shelf.served_by) == (ShelfCode.POPULAR, ServedBy.NEWEST)
    popularise("shop", *SKUS[:4])
    (shelf,) = ask(member, count=5)
    assert shelf.served_by is ServedBy.SHOP
    assert skus_of(shelf) == [*SKUS[:4], "p29"]
    nobody = recommend.list_for_nobody(now=NOW, count=4)
    assert skus_of(nobody) == SKUS[:4]
