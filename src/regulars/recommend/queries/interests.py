"""Categories to choose interests from: what a newcomer is asked before their purchases can tell."""

from datetime import datetime

from regulars.catalogue.facade import find_products, list_categories_of_newest
from regulars.kit.statements import fetch_rows
from regulars.recommend.policies import take_apart
from regulars.recommend.queries.loading import load_shop
from regulars.recommend.queries.similar import SHOP, judge_sensitive

BROAD_SHARE = 0.5
"""A category that sells half of what the whole shop does tells nothing of who likes it."""
_SOLD = """
SELECT scope, (SELECT sum(b) FROM unnest(buyers) AS b)::bigint, skus[1] FROM recommend_popular
WHERE scope = %s::text OR scope LIKE 'category:%%'
"""


def list_interests(*, now: datetime, size: int) -> tuple[str, ...]:
    """The categories that most members buy from, best first; where nothing was learnt, those of new products.

    Without what is sensitive, banned or unsuitable, and what is too broad; kinds of goods before the
    departments that hold them. Three queries.
    """
    settings, marks = load_shop(now)
    rows = fetch_rows(_SOLD, (SHOP,))
    sold = {scope.removeprefix("category:"): buyers or 0 for scope, buyers, _sku in rows}
    most = sold.pop(SHOP, 0)
    if sold:
        names = [
            name
            for name in sorted(sold, key=lambda name: (-sold[name], name))
            if sold[name] < BROAD_SHARE * most
        ]
        first = {scope.removeprefix("category:"): sku for scope, _buyers, sku in rows}
        products = find_products(first[name] for name in names)
        paths = {name: products[sku].categories for name, sku in first.items() if sku in products}
        names.sort(key=lambda name: name in paths.get(name, ())[:-1])
    else:
        names = list_categories_of_newest(4 * size)
    is_sensitive, hidden = judge_sensitive(settings), take_apart(marks).hidden_categories
    return tuple(name for name in names if name and name not in hidden and not is_sensitive((name,)))[:size]
