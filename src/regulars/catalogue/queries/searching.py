"""Brands and categories by a part of their names."""

from django.db import connection

_BRANDS = """
SELECT DISTINCT brand FROM catalogue_product
WHERE active AND brand <> '' AND position(lower(%s) IN lower(brand)) > 0 ORDER BY brand LIMIT %s
"""
_CATEGORIES = """
SELECT DISTINCT category FROM catalogue_product, unnest(categories) AS category
WHERE active AND position(lower(%s) IN lower(category)) > 0 ORDER BY category LIMIT %s
"""


def search_brands(text: str, size: int = 8) -> list[str]:
    """Brands of active products that hold `text`, by name. One query; no text finds nothing."""
    return _search(_BRANDS, text, size)


def search_categories(text: str, size: int = 8) -> list[str]:
    """Categories of any level that hold `text`, by name. One query; no text finds nothing."""
    return _search(_CATEGORIES, text, size)


def _search(query: str, text: str, size: int) -> list[str]:
    wanted = " ".join(text.replace("\0", "").split())[:100]
    if not wanted:
        return []
    with connection.cursor() as cursor:
        cursor.execute(query, [wanted, size])
        return [name for (name,) in cursor]
