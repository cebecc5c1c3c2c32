"""What the shop sells."""

from dataclasses import dataclass
from enum import StrEnum

from regulars.kit.ids import ProductId


class SaveStatus(StrEnum):
    """What became of one row of a batch."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ProductInput:
    """One product as a shop states it. `categories` is the path from the broadest to the narrowest."""

    sku: str
    name: str
    brand: str = ""
    categories: tuple[str, ...] = ()
    price: int | None = None
    active: bool = True
    cost: int | None = None
    """What a unit costs the shop, in minor units; no member ever sees it."""
    url: str = ""
    """Its page in the shop, http or https; empty for none."""


@dataclass(frozen=True, slots=True)
class ProductInfo:
    """A product as stored."""

    id: ProductId
    sku: str
    name: str
    brand: str
    categories: tuple[str, ...]
    price: int | None
    active: bool
    url: str = ""


@dataclass(frozen=True, slots=True)
class ProductOutcome:
    """What became of one row, in the order given. `refusal` says why a row was refused."""

    sku: str
    status: SaveStatus
    refusal: str = ""
