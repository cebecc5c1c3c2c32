"""Laws of serving, whatever is marked, dismissed, learnt and sold."""

from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.recommend import facade as recommend
from regulars.recommend.facade import MarkKind, MarkSubject, Placement, ShelfCode
from regulars.recommend.models import Dismissal, Mark
from tests.recommend.shop import NOW, buy, join, learn, popularise, relate, stock, taste

pytestmark = pytest.mark.django_db

SKUS = [f"p{number:02}" for number in range(24)]
BRANDS = ("Alm", "Lux", "Ora")
some = st.lists(st.sampled_from(SKUS), unique=True, max_size=8)
pins = st.lists(
    st.tuples(st.sampled_from(SKUS), st.integers(1, 8), st.sampled_from([None, *ShelfCode])),
    min_size=1,
    max_size=4,
)


def lay(draw: st.DataObject) -> tuple[int, set[str], list[str], list[tuple[str, int, ShelfCode | None]]]:
    """A shop of any kind; the member, what may be served, the basket, and the pins.

    What is decided is drawn before what was learnt: the last that is drawn is often little.
    """
    member, brand_of = join("lawful"), {sku: BRANDS[number % 3] for number, sku in enumerate(SKUS)}
    pinned = draw.draw(pins, "pins")
    dismissed, banned = set(draw.draw(some, "dismissed")), set(draw.draw(some, "banned"))
    inactive, basket = set(draw.draw(some, "inactive")), draw.draw(some, "basket")
    brands = draw.draw(st.sets(st.sampled_from(BRANDS[1:]), max_size=1), "unsuitable brands")
    for sku, place, shelf in pinned:
        mark(MarkKind.PIN, MarkSubject.PRODUCT, sku, place=place, shelf=shelf.value if shelf else "")
    for sku in dismissed:
        Dismissal.objects.create(member_id=member, kind="show", sku=sku, dismissed_at=NOW)
    for sku in banned:
        mark(MarkKind.BAN, MarkSubject.PRODUCT, sku)
    for brand in brands:
        mark(MarkKind.UNSUITABLE, MarkSubject.BRAND, brand)
    for sku in SKUS:
        categories = ("Wine",) if sku in ("p03", "p04") else ("Food", f"Aisle {int(sku[1:]) % 4}")
        stock(sku, brand=brand_of[sku], categories=categories, active=sku not in inactive)
    _learn(draw, member)
    gone = inactive | dismissed | banned | set(basket) | {sku for sku in SKUS if brand_of[sku] in brands}
    return member, set(SKUS) - gone, basket, pinned


def _learn(draw: st.DataObject, member: int) -> None:
    for shelf in draw.draw(st.sets(st.sampled_from(list(ShelfCode))), "learnt"):
        learn(member, shelf, *draw.draw(some, f"candidates of {shelf}"))
    for sku in draw.draw(some, "related"):
        relate(sku, *draw.draw(some, f"beside {sku}"))
    if draw.draw(st.booleans(), "popular"):
        popularise("shop", *draw.draw(some, "popular in the shop"))
    taste(member, brands=[["Alm", 0.5, 1.2, 3]], recent_skus=draw.draw(some, "recent"))
    if bought := draw.draw(some, "bought"):
        buy(member, *bought, ago=timedelta(hours=draw.draw(st.integers(1, 100), "hours ago")))
    for sku in draw.draw(some, "boosted"):
        mark(MarkKind.BOOST, MarkSubject.PRODUCT, sku, factor=3.0)


def mark(kind: MarkKind, subject: MarkSubject, value: str, **more: object) -> None:
    Mark.objects.create(kind=kind, subject=subject, value=value, starts_at=NOW, actor="test", **more)


# Each example lays a shop and asks for seven pages of it.
@pytest.mark.slow
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_nothing_is_served_that_must_not_be_and_no_shelf_is_empty(data: st.DataObject) -> None:
    with_savepoint(lambda: _hold_the_laws(data))


def _hold_the_laws(data: st.DataObject) -> None:
    count = data.draw(st.integers(2, 12), "count")
    member, servable, basket, pinned = lay(data)
    # Nothing is inferred of wine: it is there where somebody pinned it.
    inferable = servable - {"p03", "p04"}
    shelves = recommend.list_shelves(
        member_id=member, now=NOW, placement=Placement.HOME, count=count, basket=basket
    )
    shown = [item.sku for shelf in shelves for item in shelf.items]
    assert set(shown) <= servable
    assert len(shown) == len(set(shown))
    assert all(len(shelf.items) <= count for shelf in shelves)
    assert shown or not inferable
    for code in ShelfCode:
        shelf = recommend.get_shelf(
            member_id=member, shelf=code, now=NOW, placement=Placement.API, count=count, basket=basket
        )
        skus = [item.sku for item in shelf.items]
        assert set(skus) <= servable
        assert len(skus) == len(set(skus))
        assert skus or not inferable
        wanted = {sku for sku, place, where in pinned if where in (None, shelf.code) and place <= count}
        assert {item.sku for item in shelf.items if item.served_by == "pin"} <= wanted
        for sku, place, where in pinned:
            alone = sum(1 for other in pinned if other[2] in (None, shelf.code)) == 1
            if alone and where in (None, shelf.code) and sku in servable and place <= len(skus):
                assert skus[place - 1] == sku


def with_savepoint(run: object) -> None:
    """Examples share a test: what one writes is gone before the next."""
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT example")
        try:
            run()  # type: ignore[operator]
        finally:
            cursor.execute("ROLLBACK TO SAVEPOINT example")
