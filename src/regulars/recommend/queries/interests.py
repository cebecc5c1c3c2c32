"""Categories to choose interests from: what a newcomer is asked before their purchases can tell."""

from datetime import datetime

from regulars.catalogue.facade import list_categories_of_newest
from regulars.kit.statements import fetch_rows
from regulars.recommend.policies import take_apart
from regulars.recommend.queries.loading import load_shop
from regulars.recommend.queries.similar import SHOP, judge_sensitive

BROAD_SHARE = 0.5
"""A category that sells half of what the whole shop does tells nothing of who likes it."""
_SOLD = """
SELECT scope, (SELECT sum(b) FROM unnest(buyers) AS b)::bigint FROM recommend_popular
WHERE scope = %s::text OR scope LIKE 'category:%%'
"""


def list_interests(*, now: datetime, size: int) -> tuple[str, ...]:
    """The categories that most members buy from, best first; where nothing was learnt, those of new products.

    Without what is sensitive, banned or unsuitable, and what is too broad. Two queries, or three.
    """
    settings, marks = load_shop(now)
    sold = {scope.removeprefix("category:"): buyers or 0 for scope, buyers in fetch_rows(_SOLD, (SHOP,))}
    most = sold.pop(SHOP, 0)
    if sold:
        names = [
            name
            for name in sorted(sold, key=lambda name: (-sold[name], name))
            if sold[name] < BROAD_SHARE * most
        ]
    else:
        names = list_categories_of_newest(4 * size)
    is_sensitive, hidden = judge_sensitive(settings), take_apart(marks).hidden_categories
    return tuple(name for name in names if name and name not in hidden and not is_sensitive((name,)))[:size]
