"""Reads of products."""

from collections.abc import Iterable

from django.db import connection

from regulars.catalogue.models import Product
from regulars.catalogue.types import ProductInfo
from regulars.kit.ids import ProductId

_FIND = """
SELECT id, sku, name, brand, categories, price, active FROM catalogue_product WHERE sku = ANY(%s)
"""


def find_products(skus: Iterable[str]) -> dict[str, ProductInfo]:
    """The products that exist among `skus`, by sku; one query, none where there are no skus."""
    wanted = list(set(skus))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        # One array instead of as many parameters as skus: an import asks for thousands at a time.
        cursor.execute(_FIND, [wanted])
        return {
            sku: ProductInfo(ProductId(id_), sku, name, brand, tuple(categories), price, active)
            for id_, sku, name, brand, categories, price, active in cursor
        }


def count_products() -> int:
    """How many products there are."""
    return Product.objects.count()
