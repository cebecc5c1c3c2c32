"""Precomputing what every member would be shown: candidates with reasons, what goes with what, what is
popular, and tastes.

Everything is made first and written in one transaction: whoever reads sees all of the old or all of the new.
"""

import json
import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from django.db import connection, transaction
from psycopg import sql

from regulars.facts.facade import Facts
from regulars.kit.ids import MemberId
from regulars.members.facade import list_erased
from regulars.recommend.errors import ModelUnreadable
from regulars.recommend.learning.content import find_alike
from regulars.recommend.learning.datasets import NOBODY, Dataset, History, choose_buyers_min
from regulars.recommend.learning.models.twostage.ranker import Rankers
from regulars.recommend.learning.trial import TWO_STAGE
from regulars.recommend.models import Candidates, Choice, Taste, TrainedModel
from regulars.recommend.operations.artefacts import read_artefact
from regulars.recommend.operations.counting import list_popular, read_paces
from regulars.recommend.operations.lists import Lists, Serving, list_recent, write_likings
from regulars.recommend.operations.locking import await_forgetting, learn_alone
from regulars.recommend.operations.purchases import ShopData, read_shop
from regulars.recommend.operations.reward_scoring import write_reward_scores
from regulars.recommend.types import Task

logger = logging.getLogger(__name__)
RECENT = 20
CONTENT_RELATED, CONTENT_KNOWN_MAX = 20, 5_000
"""Lists by content are of so many of the most bought products: everything else would take minutes."""
FAILED = "failed"
Rows = Iterable[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Scored:
    """What was written."""

    as_of: date
    members: int
    similar: int
    scopes: int
    seconds: float


def score_members(*, facts: Facts, now: datetime) -> Scored | None:
    """Make everybody's candidates and tastes anew with the models that serve; None: others learn just now, or
    no model serves yet.

    Holds the lock of learning, and at the end that of forgetting; one transaction replaces the rows of
    Candidates, Similar and Popular, and of Taste what is learnt here. Raises ModelUnreadable where a model's
    file is gone or damaged: what was precomputed stays, and the model serves no more, so that the next
    training replaces it.
    """
    with learn_alone() as alone:
        rows = {Task(row.task): row for row in _list_serving()} if alone else {}
        if not rows:
            return None
        begun = time.monotonic()
        rankers = _read_rankers(rows, now)
        shop = read_shop(facts, now)
        cut = shop.dataset.after if len(shop.dataset.purchases) else 1
        history = History(shop.dataset, cut, buyers_min=choose_buyers_min(shop.dataset))
        serving = {task: Serving(row.pk, row.kind) for task, row in rows.items()}
        lists = Lists(history, serving, rankers)
        lists.prepare()
        # Asks the database, which cannot answer while rows stream into it.
        popular = list(list_popular(shop.dataset))
        found = _write(shop, lists, popular)
        _forget_erased()
        return Scored(shop.as_of, *found, time.monotonic() - begun)


def _list_serving() -> Iterator[TrainedModel]:
    yield from TrainedModel.objects.filter(served_from__isnull=False, served_to__isnull=True)


def _read_rankers(rows: dict[Task, TrainedModel], now: datetime) -> Rankers:
    found = {}
    for task, row in rows.items():
        if row.kind == TWO_STAGE:
            try:
                found[task] = read_artefact(row.artefact).final
            except ModelUnreadable as error:
                TrainedModel.objects.filter(pk=row.pk).update(served_to=now, verdict=FAILED)
                logger.error("%s What was precomputed stays; a new model is learnt.", error.detail)
                raise
    return found


@transaction.atomic(durable=True)
def _forget_erased() -> None:
    """Forget once more whoever was erased since the facts were copied, or has switched personal
    recommendations off since they were read: what was written knew them still.
    """
    await_forgetting()
    impersonal = Choice.objects.filter(personal=False).values_list("member_id", flat=True)
    gone = [*list_erased(), *impersonal]
    for table in (Candidates, Taste):
        table.objects.filter(member_id__in=gone).delete()


@transaction.atomic(durable=True)
def _write(shop: ShopData, lists: Lists, popular: Rows) -> tuple[int, int, int]:
    """Replace all rows. Gives how many members, items with similar ones, and scopes of popular ones."""
    as_of = shop.as_of
    candidates = ((*row[:6], json.dumps(row[6], ensure_ascii=False)) for row in lists.list_rows(as_of))
    columns = ("member_id", "shelf", "model_id", "as_of", "skus", "scores", "reasons")
    _replace("recommend_candidates", columns, candidates)
    similar = _replace("recommend_similar", ("sku", "skus", "weights", "by_content"), _list_similar(lists))
    scopes = _replace("recommend_popular", ("scope", "days", "skus", "buyers"), popular)
    members = _write_tastes(shop, lists)
    write_reward_scores(facts=shop.facts, dataset=shop.dataset, as_of=shop.as_of)
    return members, similar, scopes


def _replace(table: str, columns: tuple[str, ...], rows: Rows) -> int:
    """Empty a table and fill it, within the caller's transaction. Gives how many rows there are."""
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    count = 0
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)) as copy:
            for row in rows:
                copy.write_row(row)
                count += 1
    return count


def _list_similar(lists: Lists) -> Iterator[tuple[Any, ...]]:
    """What goes with each item by what is bought; of what too few bought, by what is written on it."""
    items, kept = lists.dataset.items, lists.history.kept
    related = lists.related
    told = np.zeros(len(items.skus), dtype=bool)
    for place in range(len(kept)):
        there = related.items[place] != NOBODY
        if there.any():
            told[kept[place]] = True
            skus = [items.skus[kept[one]] for one in related.items[place][there].tolist()]
            yield items.skus[kept[place]], skus, _round(related.weights[place][there]), False
    if not len(kept):
        return
    # Cosines are brought to the size of weights: both are added up when something has just happened.
    firsts = related.weights[:, 0] if related.weights.shape[1] else np.zeros(1)
    strength = float(np.median(firsts[firsts > 0])) if (firsts > 0).any() else 1.0
    best = np.sort(np.argsort(-lists.history.buyers(), kind="stable")[:CONTENT_KNOWN_MAX])
    for block, found, cosines in find_alike(items, np.flatnonzero(~told), kept[best], CONTENT_RELATED):
        for place, others, alike in zip(block.tolist(), found, cosines, strict=True):
            there = others != NOBODY
            if there.any():
                skus = [items.skus[one] for one in others[there].tolist()]
                yield items.skus[place], skus, _round(alike[there] * strength), True


def _round(values: Any) -> list[float]:
    return [round(float(value), 6) for value in values]


_TASTE = (
    "member_id",
    "as_of",
    "orders_count",
    "brands",
    "categories",
    "recent_skus",
    "points_a_day",
    "basket_minor",
)
_STAGE = """
CREATE TEMPORARY TABLE recommend_fresh_taste (
    member_id bigint PRIMARY KEY, as_of date, orders_count integer, brands jsonb, categories jsonb,
    recent_skus varchar(64)[], points_a_day float8, basket_minor bigint
) ON COMMIT DROP
"""
# What others learn of a member (rewards) stays; who is not here any more goes altogether.
_KEEP = """
INSERT INTO recommend_taste AS t (member_id, as_of, orders_count, brands, categories, recent_skus,
    points_a_day, basket_minor, reward_interest)
SELECT member_id, as_of, orders_count, brands, categories, recent_skus, points_a_day, basket_minor, '{}'
FROM recommend_fresh_taste
ON CONFLICT (member_id) DO UPDATE SET
    as_of = EXCLUDED.as_of, orders_count = EXCLUDED.orders_count, brands = EXCLUDED.brands,
    categories = EXCLUDED.categories, recent_skus = EXCLUDED.recent_skus,
    points_a_day = EXCLUDED.points_a_day, basket_minor = EXCLUDED.basket_minor
"""
_FORGET = """
DELETE FROM recommend_taste t
WHERE NOT EXISTS (SELECT 1 FROM recommend_fresh_taste f WHERE f.member_id = t.member_id)
"""


def _write_tastes(shop: ShopData, lists: Lists) -> int:
    count = 0
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy(f"COPY recommend_fresh_taste ({', '.join(_TASTE)}) FROM STDIN") as copy:
            for row in _list_tastes(shop, lists):
                copy.write_row(row)
                count += 1
        cursor.execute(_KEEP)
        cursor.execute(_FORGET)
        cursor.execute("DROP TABLE recommend_fresh_taste")
    return count


def _list_tastes(shop: ShopData, lists: Lists) -> Iterator[tuple[Any, ...]]:
    dataset = shop.dataset
    paces = read_paces(shop.facts)
    recent = list_recent(dataset, RECENT)
    orders = _count_orders(dataset)
    leaves = [path[-1] for path in dataset.items.paths]
    for member, number in enumerate(dataset.member_ids.tolist()):
        pace = paces.get(number)
        yield (
            MemberId(number),
            shop.as_of,
            int(orders[member]),
            json.dumps(write_likings(lists.brands[member], dataset.items.brand_names), ensure_ascii=False),
            json.dumps(write_likings(lists.categories[member], leaves), ensure_ascii=False),
            recent[member],
            pace.points_a_day if pace else None,
            pace.basket_minor if pace else None,
        )


def _count_orders(dataset: Dataset) -> Any:
    rows = dataset.purchases
    pairs = np.unique(np.stack([rows.members.astype(np.int64), rows.orders]), axis=1)
    return np.bincount(pairs[0], minlength=len(dataset.member_ids))
