"""Lifestyles: planted themes are found and named, and sensitive categories are nowhere."""

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest

from regulars.analytics.codes import Unknown
from regulars.analytics.lifestyles import estimating
from regulars.analytics.lifestyles.estimating import Known, Lifestyles, find_lifestyles
from regulars.analytics.lifestyles.sensitive import DEFAULT_PATTERNS, compile_patterns, is_sensitive
from regulars.analytics.operations.deciding import NAME_MAX, PATTERNS_MAX
from regulars.facts.facade import Facts
from tests.analytics.shops import FIRST, hold_orders

SHELVES = {
    "Garden": ("Bulbs", "Tools", "Seeds", "Pots"),
    "Pets": ("Cat Food", "Dog Food", "Litter", "Leads"),
    "Kitchen": ("Pans", "Knives", "Bowls", "Spices"),
    "Baby": ("Diapers", "Infant Milk", "Wipes", "Rattles"),
    "Music": ("Records", "Strings", "Sheets", "Picks"),
    "Wine & Beer": ("Red Wine", "White Wine", "Beer", "Cider"),
}


def hold_shop(seed: int = 1, members: int = 330) -> Facts:
    """Members with a shelf of their own, from which most of what they buy is."""
    rng = np.random.default_rng(seed)
    names = list(SHELVES)
    rows, skus = [], []
    for member in range(members):
        for order in range(40):
            shelf = names[member % len(names)] if rng.random() < 0.8 else names[int(rng.integers(len(names)))]
            rows.append((member + 1, FIRST + timedelta(days=order), 100))
            skus.append(SHELVES[shelf][int(rng.integers(4))])
    products = [(shelf, sku) for shelf, several in SHELVES.items() for sku in several]
    table = pa.table(
        {
            "sku": [sku for _, sku in products],
            "name": [sku for _, sku in products],
            "brand": [""] * len(products),
            "categories": pa.array([[shelf, sku] for shelf, sku in products], pa.list_(pa.string())),
        }
    )
    return hold_orders(rows, FIRST + timedelta(days=40), skus, products=table)


@pytest.fixture(scope="module")
def shop() -> Facts:
    return hold_shop()


@pytest.fixture(scope="module")
def found(shop: Facts) -> Lifestyles:
    return find_lifestyles(shop, counts=(4,))


@pytest.mark.slow  # seven factorisations, and the engine starts
def test_planted_themes_are_found_and_named(found: Lifestyles) -> None:
    assert {theme.name for theme in found.themes} == {"Garden", "Pets", "Kitchen", "Music"}
    for theme in found.themes:
        assert {name for name, _ in theme.categories[:4]} == set(SHELVES[theme.name])
    first = {theme.name: row for row, theme in enumerate(found.themes)}
    shares = dict(zip(found.members.tolist(), found.shares, strict=True))
    # The second member's shelf is that of pets. The fourth's is a baby's: too little else to say anything.
    assert shares[2].argmax() == first["Pets"]
    assert shares[2].max() > 0.5
    assert 4 not in shares
    assert found.stability[0].themes > 0.95
    np.testing.assert_allclose(found.shares.sum(axis=1), 1.0)


def test_sensitive_categories_are_nowhere(found: Lifestyles) -> None:
    named = {name for theme in found.themes for name, _ in theme.categories}
    hidden = set(SHELVES["Baby"]) | set(SHELVES["Wine & Beer"])
    assert not named & hidden
    assert set(found.kept_out) == hidden


def test_without_the_switch_they_would_be_there(shop: Facts) -> None:
    """The negative control: without patterns the same purchases make themes of babies and wine."""
    open_shop = find_lifestyles(shop, patterns=(), counts=(6,))
    assert {"Baby", "Wine & Beer"} <= {theme.name for theme in open_shop.themes}
    assert open_shop.kept_out == ()


def test_a_theme_keeps_its_code(found: Lifestyles) -> None:
    known = [Known(f"old-{row}", theme.categories) for row, theme in enumerate(reversed(found.themes))]
    carried = estimating._carry_codes([theme.categories for theme in found.themes], known)
    assert carried == ["old-3", "old-2", "old-1", "old-0"]
    strange = [Known("theme-1", (("Anvils", 1.0),))]
    assert estimating._carry_codes([found.themes[0].categories], strange) == ["theme-2"]


@pytest.mark.parametrize(
    ("path", "sensitive"),
    [
        (("Grocery", "Baby Foods"), True),
        (("Wine & Spirits",), True),
        (("GROCERY", "DOMESTIC WINE"), True),
        (("Health & Home", "Pharmacy"), True),
        (("Health & Home", "Candy - Packaged"), False),
        (("Deli", "Smoked Meats"), False),
        (("Kitchen", "Swinegourd"), False),
        (("Продукты", "Детское питание"), True),
        (("Напитки", "Вино"), True),
        (("Вина и шампанское",), True),
        (("Фрукты", "Виноград"), False),
        (("Пелёнки",), True),
        (("Аптека",), True),
        (("Табачные изделия",), True),
        (("Спорт", "Бадминтон"), False),
        (("Мясо", "Копчёности"), False),
        (("母婴用品",), True),
        (("饮料", "进口葡萄酒"), True),
        (("进口香烟",), True),
        (("熟食", "烟熏肉"), False),
        (("家居", "农用工具"), False),
        (("维生素与保健品",), True),
        ((), False),
    ],
)
def test_patterns_begin_words(path: tuple[str, ...], sensitive: bool) -> None:
    assert is_sensitive(path, compile_patterns(DEFAULT_PATTERNS)) is sensitive
    assert not is_sensitive(path, compile_patterns(()))
    assert not is_sensitive(path, compile_patterns((" ", ".")))
    assert all(2 <= len(one) <= NAME_MAX and one == one.casefold() for one in DEFAULT_PATTERNS)
    assert len(DEFAULT_PATTERNS) <= PATTERNS_MAX * 3 / 4, "a shop must have room for its own"


def test_too_little_says_what_is_missing() -> None:
    nothing = find_lifestyles(hold_orders([], FIRST))
    assert nothing.unknown is Unknown.NO_DATA
    few = find_lifestyles(hold_shop(members=30))
    assert (few.unknown, few.themes, len(few.members)) == (Unknown.TOO_FEW, (), 0)
