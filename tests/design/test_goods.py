"""Signs of goods: a fitting icon where the words tell, the basket where not, and each of them built."""

import json

import pytest

from regulars.design import facade as design
from regulars.design.assets import DIST
from regulars.design.goods import ICONS


@pytest.mark.parametrize(
    ("categories", "icon"),
    [
        (("Grocery", "Fluid Milk Products"), "milk"),
        (("Grocery", "Frozen Pizza"), "pizza"),
        (("Packaged Meat", "Hot Dogs"), "sandwich"),
        (("Health & Home", "Personal Care"), "pill"),
        (("Automotive", "Motor oil"), "car"),
        (("Продукты", "Хлеб и выпечка"), "croissant"),
        (("食品", "咖啡"), "coffee"),
        (("Bakery", "2231"), "croissant"),
        (("Alemania",), "shopping-basket"),
        ((), "shopping-basket"),
    ],
)
def test_the_narrowest_category_that_tells_wins(categories: tuple[str, ...], icon: str) -> None:
    assert design.find_sign(categories).icon == icon


def test_every_sign_is_drawn() -> None:
    assert set(ICONS) <= json.loads((DIST / "icons.json").read_text(encoding="utf-8")).keys()
