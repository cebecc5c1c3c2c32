"""Reads of products."""

from collections.abc import Iterable

from regulars.catalogue.models import Product
from regulars.catalogue.types import ProductInfo
from regulars.kit.ids import ProductId


def find_products(skus: Iterable[str]) -> dict[str, ProductInfo]:
    """The products that exist among `skus`, by sku; one query, none where there are no skus."""
    wanted = list(set(skus))
    if not wanted:
        return {}
    rows = Product.objects.filter(sku__in=wanted).values_list(
        "id", "sku", "name", "brand", "categories", "price", "active"
    )
    return {
        sku: ProductInfo(ProductId(id_), sku, name, brand, tuple(categories), price, active)
        for id_, sku, name, brand, categories, price, active in rows
    }


def count_products() -> int:
    """How many products there are."""
    return Product.objects.count()
