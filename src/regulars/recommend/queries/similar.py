"""What goes with a product, and what is popular: lists that are of nobody."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from regulars.analytics.facade import LearningSettings, is_kept_out
from regulars.catalogue.facade import ProductInfo, find_products, list_newest_products
from regulars.recommend.errors import ProductUnknown
from regulars.recommend.policies import (
    Entry,
    Sieve,
    fill,
    leave_out_twins,
    read_reasons,
    score_by_place,
    take_apart,
)
from regulars.recommend.queries.loading import PopularList, load_popular, load_shop, load_similar
from regulars.recommend.types import ReasonCode, ServedBy, ShelfCode, ShelfItem

NEWEST = 200
PATHS_MAX = 20_000
SHOP = "shop"


class Products:
    """The products that a request has asked for: each is asked for once."""

    def __init__(self) -> None:
        self.known: dict[str, ProductInfo | None] = {}

    def load(self, skus: "set[str] | list[str]") -> None:
        """Have these at hand. One query, none where all are."""
        wanted = [sku for sku in dict.fromkeys(skus) if sku not in self.known and "\0" not in sku]
        if wanted:
            found = find_products(wanted)
            for sku in wanted:
                self.known[sku] = found.get(sku)

    def add_newest(self, categories: Sequence[str] = ()) -> list[str]:
        """Have the newest of the catalogue at hand, or of some categories; which they are."""
        found = list_newest_products(NEWEST, categories)
        self.known.update({one.sku: one for one in found})
        return [one.sku for one in found]

    def name_of(self, sku: str) -> str:
        """The name of a product, or its number where it has gone."""
        product = self.known.get(sku)
        return sku if product is None else product.name


@lru_cache(maxsize=8)
def judge_sensitive(settings: LearningSettings) -> Callable[[tuple[str, ...]], bool]:
    """Whether a path of categories is to be kept out; judged once for a process while the settings stay."""
    judged: dict[tuple[str, ...], bool] = {}

    def is_sensitive(categories: tuple[str, ...]) -> bool:
        found = judged.get(categories)
        if found is None:
            if len(judged) >= PATHS_MAX:
                judged.clear()
            found = judged[categories] = is_kept_out(categories, settings)
        return found

    return is_sensitive


def list_popular(products: Products, scope: str, way: ServedBy, code: ReasonCode) -> list[Entry]:
    """What is popular in a scope, each with how many bought it. Two queries."""
    found = load_popular([scope]).get(scope)
    if found is None:
        return []
    products.load(list(found.skus))
    return to_entries(found, way, code)


def to_entries(popular: PopularList, way: ServedBy, code: ReasonCode, **values: str) -> list[Entry]:
    """A list of popular products as entries."""
    told = [{**values, "buyers": buyers, "days": popular.days} for buyers in popular.buyers]
    skus = popular.skus[: len(told)]
    return score_by_place(skus, way, [[[code.value, one]] for one in told[: len(skus)]])


def list_newest(products: Products) -> list[Entry]:
    """The newest products. One query."""
    skus = products.add_newest()
    return score_by_place(skus, ServedBy.NEWEST, [[] for _ in skus])


def list_newest_of(products: Products, interests: Sequence[str]) -> list[Entry]:
    """The newest products of categories that a member ticked. One query."""
    skus = products.add_newest(interests)
    reasons = []
    for sku in skus:
        product = products.known[sku]
        named = (one for one in interests if product is not None and one in product.categories)
        reasons.append([[ReasonCode.INTEREST.value, {"interest": next(named, "")}]])
    return score_by_place(skus, ServedBy.CONTENT, reasons)


def find_similar(*, sku: str, count: int, now: datetime) -> tuple[ShelfItem, ...]:
    """What goes with a product, best first, less what is not sold, banned, unsuitable or sensitive.

    Empty where nothing is known to. Three queries. Raises ProductUnknown.
    """
    settings, marks = load_shop(now)
    products = Products()
    similar = load_similar([sku])
    others, _weights = similar.get(sku, ((), ()))
    products.load([sku, *others])
    subject = products.known.get(sku)
    if subject is None:
        raise ProductUnknown(f"There is no product “{sku}”.", sku=sku)
    reasons = [[[ReasonCode.SEEN.value, {"sku": sku, "name": subject.name}]] for _ in others]
    entries = score_by_place(others, ServedBy.SIMILAR, reasons)
    sieve = Sieve(products.known, take_apart(marks), judge_sensitive(settings), hidden={sku})
    shelf = fill([lambda: entries], sieve=sieve, shelf=ShelfCode.BECAUSE, count=count)
    return tuple(to_item(entry, products.known) for entry in shelf)


def to_item(entry: Entry, products: Mapping[str, ProductInfo | None]) -> ShelfItem:
    """An entry that passed, as it crosses the door."""
    product = products[entry.sku]
    if product is None:
        raise KeyError(entry.sku)
    return ShelfItem(
        sku=entry.sku,
        name=product.name,
        brand=product.brand,
        categories=product.categories,
        price=product.price,
        score=entry.score,
        served_by=entry.way,
        reasons=leave_out_twins(read_reasons(entry.reasons), product.name),
        url=product.url,
    )
