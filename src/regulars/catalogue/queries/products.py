"""Reads of products."""

import json
from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import Q

from regulars.catalogue.models import Product
from regulars.catalogue.types import ProductInfo
from regulars.kit.ids import ProductId
from regulars.kit.statements import fetch_rows

_FIND = """
SELECT id, sku, name, brand, categories::text[], price, active, url FROM catalogue_product
WHERE sku = ANY (ARRAY(SELECT json_array_elements_text(%s::json)))
"""
_FIND_TRAITS = """
SELECT sku, brand, array_to_json(categories)::text FROM catalogue_product
WHERE sku = ANY (ARRAY(SELECT json_array_elements_text(%s)))
"""
_CATEGORIES = """
SELECT category FROM (
    SELECT categories FROM catalogue_product WHERE active ORDER BY id DESC LIMIT 5000
) newest, unnest(categories) WITH ORDINALITY AS every (category, depth)
GROUP BY category
ORDER BY bool_or(depth = cardinality(categories)) DESC, count(*) DESC, category LIMIT %s
"""


def find_products(skus: Iterable[str]) -> dict[str, ProductInfo]:
    """The products that exist among `skus`, by sku; one query, none where there are no skus."""
    wanted = list(set(skus))
    if not wanted:
        return {}
    # One parameter for all: an import asks for thousands at a time, a page of the store for two hundred.
    return {
        sku: ProductInfo(ProductId(id_), sku, name, brand, tuple(categories), price, active, url)
        for id_, sku, name, brand, categories, price, active, url in fetch_rows(_FIND, (json.dumps(wanted),))
    }


def search_products(text: str, size: int = 8) -> list[ProductInfo]:
    """Active products whose name holds `text`, or whose sku begins so, by name; at most `size`. One query.

    No text finds nothing.
    """
    wanted = " ".join(text.replace("\0", "").split())[:100]
    if not wanted:
        return []
    rows = Product.objects.filter(Q(name__icontains=wanted) | Q(sku__istartswith=wanted), active=True)
    return [_to_info(row) for row in rows.order_by("name", "id")[:size]]


def list_newest_products(size: int, categories: Sequence[str] = ()) -> list[ProductInfo]:
    """The active products that came into the catalogue last, latest first; of these categories. One query."""
    rows = Product.objects.filter(active=True).order_by("-id")
    if categories:
        rows = rows.filter(categories__overlap=list(categories))
    return [_to_info(row) for row in rows[:size]]


def _to_info(row: Product) -> ProductInfo:
    return ProductInfo(
        ProductId(row.id),
        row.sku,
        row.name,
        row.brand,
        tuple(row.categories),
        row.price,
        row.active,
        row.url,
    )


def list_categories_of_newest(size: int) -> list[str]:
    """Of the newest thousands of active products the categories that hold most of them, departments last.

    One query.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CATEGORIES, [size])
        return [name for (name,) in cursor]


def has_brand(name: str) -> bool:
    """Whether a product is of that brand. One query."""
    return Product.objects.filter(brand=name).exists()


def has_category(name: str) -> bool:
    """Whether a product is in that category. One query."""
    return Product.objects.filter(categories__contains=[name]).exists()


def find_traits(skus: Iterable[str]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Brand and categories of the products that exist among `skus`, by sku: what rules look at, and no more.

    One query, none where there are no skus. Equal categories are one tuple, whatever number of products.
    """
    wanted = json.dumps(list(set(skus)))
    if wanted == "[]":
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_FIND_TRAITS, [wanted])
        rows = cursor.fetchall()
    paths = {path: tuple(json.loads(path)) for path in {path for _, _, path in rows}}
    return {sku: (brand, paths[path]) for sku, brand, path in rows}


def count_products() -> int:
    """How many products there are."""
    return Product.objects.count()
