"""Writing what was precomputed: rows that wait on the disk, in one transaction."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import numpy as np
import pyarrow as pa
from django.db import connection, transaction
from psycopg import sql

from regulars.recommend.learning.blocks import COMPRESSED
from regulars.recommend.learning.content import find_alike
from regulars.recommend.learning.datasets import NOBODY, History, Items
from regulars.recommend.learning.evidence import relate
from regulars.recommend.learning.jobs import LISTS
from regulars.recommend.learning.models.als import AlsFactors
from regulars.recommend.learning.models.ease import EaseWeights

RELATED = 40
CONTENT_RELATED, CONTENT_KNOWN_MAX = 20, 5_000
"""Lists by content are of so many of the most bought products: everything else would take minutes."""
TASTE = {
    "member_id": "member_id",
    "as_of": "as_of",
    "orders_count": "orders_count",
    "brands": "brands",
    "categories": "categories",
    "skus": "recent_skus",
    "points_a_day": "points_a_day",
    "basket_minor": "basket_minor",
    "interest": "reward_interest",
    "probability": "take_probability",
}
"""Columns of what comes of a block, and of the table."""
Rows = Iterable[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Fresh:
    """What is written beside the lists of members: rows of Similar and of Popular."""

    as_of: date
    similar: Sequence[tuple[Any, ...]]
    popular: Sequence[tuple[Any, ...]]


@contextmanager
def keep_fresh(batches: Iterable[Any], folder: Path) -> Iterator[IO[bytes]]:
    """Keep lists and tastes as they come in a nameless file, while the block runs: it may be read again."""
    with TemporaryFile(dir=folder) as file:
        with pa.ipc.new_stream(file, LISTS, options=COMPRESSED) as stream:
            for batch in batches:
                stream.write_batch(batch)
        yield file


@transaction.atomic(durable=True)
def write_fresh(file: IO[bytes], fresh: Fresh) -> tuple[int, int, int]:
    """Replace all rows. Gives how many members, items with similar ones, and scopes of popular ones."""
    columns = ("member_id", "shelf", "model_id", "as_of", "skus", "scores", "reasons")
    _replace("recommend_candidates", columns, _list_candidates(file, fresh.as_of))
    similar = _replace("recommend_similar", ("sku", "skus", "weights", "by_content"), fresh.similar)
    scopes = _replace("recommend_popular", ("scope", "days", "skus", "buyers"), fresh.popular)
    tastes = _list_tastes(file, fresh.as_of)
    return _replace("recommend_taste", tuple(TASTE.values()), tastes), similar, scopes


def _list_candidates(file: IO[bytes], as_of: date) -> Iterator[tuple[Any, ...]]:
    for row in _read(file, ["member_id", "shelf", "model_id", "skus", "scores", "reasons"]):
        if row["shelf"]:
            head = (row["member_id"], row["shelf"], row["model_id"])
            yield *head, as_of, row["skus"], row["scores"], row["reasons"]


def _list_tastes(file: IO[bytes], as_of: date) -> Iterator[tuple[Any, ...]]:
    for row in _read(file, ["shelf", *(name for name in TASTE if name != "as_of")]):
        if not row["shelf"]:
            yield tuple(as_of if name == "as_of" else row[name] for name in TASTE)


def _read(file: IO[bytes], names: Sequence[str]) -> Iterator[dict[str, Any]]:
    file.seek(0)
    for batch in pa.ipc.open_stream(file):
        yield from batch.select(names).to_pylist()


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


def list_similar(
    items: Items, history: History, weights: EaseWeights | AlsFactors
) -> Iterator[tuple[Any, ...]]:
    """What goes with each item by what is bought; of what too few bought, by what is written on it."""
    kept, related = history.kept, relate(weights, RELATED)
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
    best = np.sort(np.argsort(-history.buyers(), kind="stable")[:CONTENT_KNOWN_MAX])
    for block, found, cosines in find_alike(items, np.flatnonzero(~told), kept[best], CONTENT_RELATED):
        for place, others, alike in zip(block.tolist(), found, cosines, strict=True):
            there = others != NOBODY
            if there.any():
                skus = [items.skus[one] for one in others[there].tolist()]
                yield items.skus[place], skus, _round(alike[there] * strength), True


def _round(values: Any) -> list[float]:
    return [round(float(value), 6) for value in values]
