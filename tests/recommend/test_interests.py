"""What a newcomer is asked: what sells, not what says nothing, and never what is nobody's business."""

import pytest

from regulars.kit.actor import SYSTEM
from regulars.recommend import facade as recommend
from regulars.recommend.facade import MarkKind, MarkSubject
from tests.recommend.shop import NOW, popularise, stock

pytestmark = pytest.mark.django_db

SKUS = [f"p{number:02}" for number in range(20)]


def ask(size: int = 12) -> tuple[str, ...]:
    return recommend.list_interests(now=NOW, size=size)


def test_what_sells_comes_first_without_what_is_broad_sensitive_or_banned() -> None:
    stock("f1", categories=["Fuel"])
    popularise("shop", *SKUS)
    popularise("category:Food", *SKUS[:15])
    popularise("category:Bread", *SKUS[:2])
    popularise("category:Coffee", *SKUS[:5])
    popularise("category:Wine & Spirits", *SKUS[:4])
    popularise("category:Fuel", *SKUS[:3])
    popularise("brand:Alm", *SKUS[:6])
    assert ask() == ("Coffee", "Fuel", "Bread")
    recommend.set_mark(
        actor=SYSTEM, now=NOW, kind=MarkKind.UNSUITABLE, subject=MarkSubject.CATEGORY, value="Fuel"
    )
    assert ask() == ("Coffee", "Bread")
    assert ask(1) == ("Coffee",)
    # A department is asked for after the kinds of goods that it holds.
    stock("p00", categories=["Coffee", "Beans"])
    assert ask() == ("Bread", "Coffee")


def test_before_anything_is_learnt_the_shelves_of_the_shop_are_asked() -> None:
    assert ask() == ()
    stock("a", "b", categories=["Pantry", "Tea"])
    stock("c", categories=["Pantry", "Beer"])
    stock("d", categories=["Toys"], active=False)
    assert ask() == ("Tea", "Pantry")
