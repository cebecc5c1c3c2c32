"""Products as cards on shelves: what the components `product.html` and `shelf.html` show."""

from dataclasses import dataclass

from regulars.design.goods import GoodsSign


@dataclass(frozen=True, slots=True)
class ProductCard:
    """A product on a shelf. `kind`: its narrowest category; `price`: as it is written; empty where unknown.

    `reasons` are sentences: why it is there, the weightiest first. `href`: its page in the shop, or empty.
    """

    sku: str
    name: str
    brand: str
    kind: str
    price: str
    sign: GoodsSign
    reasons: tuple[str, ...] = ()
    is_hidden: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True)
class ProductShelf:
    """A row of cards under a title. `name` is its anchor, `note` a sentence on what it holds."""

    name: str
    title: str
    note: str
    cards: tuple[ProductCard, ...]
