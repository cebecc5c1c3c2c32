"""Members in blocks, and the rows of one block as a dataset.

A block is a fixed hash of the member's number: whoever runs it, wherever, has the same members before them.
What belongs to a member comes as rows of one shape, whatever it is (`Kind`): one shuffle brings it together.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from regulars.recommend.learning.datasets import NOBODY, Dataset, Items, order_purchases

PRIME, FACTOR = 2**31 - 1, 1_103_515_245
"""Numbers times one modulo the other: engines and numpy agree on it, as nothing overflows 64 bits."""
BLOCK_MEMBERS = 5_000
"""First pages are laid out within a block, so that it is not to be much smaller; docs say what it takes."""
EPOCH = date(1970, 1, 1).toordinal()
COMPRESSED = pa.ipc.IpcWriteOptions(compression="zstd")
"""How rows wait, and travel: a tenth of their size."""


class Kind(IntEnum):
    """What a row says of its member, and what its `number` is."""

    LINE = 0
    """Bought `sku` on `day`; the order's number."""
    TAKEN = 1
    """Took a reward on `day`; its number."""
    MOVED = 2
    """Points came or went on `day`; how many."""
    EARNED = 3
    """Points earned lately, less what was reversed."""
    BASKET = 4
    """Twice what a usual basket costs, minor units: the median of an even number of them is a half."""


ROWS = pa.schema(
    [
        pa.field("member_id", pa.int64()),
        pa.field("kind", pa.int64()),
        pa.field("day", pa.date32()),
        pa.field("number", pa.int64()),
        pa.field("sku", pa.string()),
    ]
)


class Job(Protocol):
    """What is done with each block: pure, so that it may run anywhere, and run again."""

    @property
    def schema(self) -> Any:
        """Of what comes of it, a pyarrow.Schema."""
        ...

    def run(self, rows: Any) -> Iterator[Any]:
        """Record batches out of the rows of one block, a pyarrow.Table of `ROWS` in any order."""
        ...


def mix(member_ids: Any) -> Any:
    """The hash of members' numbers, 0 to `PRIME` − 1: of an array, or of a column of an engine."""
    return ((member_ids % PRIME) * FACTOR) % PRIME


def count_blocks(members: int) -> int:
    """Into how many blocks so many members are cut."""
    return max(1, -(-members // BLOCK_MEMBERS))


def choose_teachers(member_ids: NDArray[np.int64], most: int) -> int | None:
    """Whoever's hash is below it teaches, `most` of all who are scored; None: everybody does."""
    return None if len(member_ids) <= most else int(np.partition(mix(member_ids), most)[most])


@dataclass(frozen=True, slots=True)
class Shop:
    """What makes a dataset of rows. `left_out` are members' numbers, and `taken_out` pairs of a member and an
    item (number × (items + 1) + place), which nothing is concluded from.
    """

    items: Items
    left_out: NDArray[np.int64]
    taken_out: NDArray[np.int64]

    def pair(self, members: NDArray[np.int64], places: NDArray[Any]) -> NDArray[np.int64]:
        """Pairs as `taken_out` has them."""
        pairs: NDArray[np.int64] = members * (len(self.items.skus) + 1) + places
        return pairs


@dataclass(frozen=True, slots=True)
class Column:
    """Rows of one kind: members' numbers, days as ordinals, numbers."""

    members: NDArray[np.int64]
    days: NDArray[np.int64]
    numbers: NDArray[np.int64]


def read_dataset(shop: Shop, parts: Iterable[Any]) -> Dataset:
    """Who bought what when, out of tables of rows, of which one at a time is held."""
    place = {sku: number for number, sku in enumerate(shop.items.skus)}
    nothing = (np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.int64))
    found = [nothing, *(_read_lines(shop, place, rows) for rows in parts)]
    numbers, what, days, orders = (np.concatenate(column) for column in zip(*found, strict=True))
    found.clear()
    members, who = np.unique(numbers, return_inverse=True)
    purchases = order_purchases(who.astype(np.int32), what, days, orders)
    return Dataset(members.astype(np.int64), shop.items, purchases)


def _read_lines(shop: Shop, place: dict[str, int], rows: Any) -> tuple[NDArray[Any], ...]:
    """Members' numbers, items as places, days and orders of what may be learnt from."""
    lines = rows.filter(pc.equal(rows.column("kind"), Kind.LINE.value))
    column = _read_column(lines)
    skus = lines.column("sku").combine_chunks().dictionary_encode()
    known = np.array([place.get(sku, NOBODY) for sku in skus.dictionary.to_pylist()] or [NOBODY])
    what = known[skus.indices.to_numpy(zero_copy_only=False)]
    kept = (what != NOBODY) & ~np.isin(column.members, shop.left_out)
    kept &= ~np.isin(shop.pair(column.members, what), shop.taken_out)
    days = column.days[kept].astype(np.int32)
    return column.members[kept], what[kept].astype(np.int32), days, column.numbers[kept]


def read_column(rows: Any, kind: Kind) -> Column:
    """Rows of a kind, in order of member, then day, then number."""
    found = _read_column(rows.filter(pc.equal(rows.column("kind"), kind.value)))
    order = np.lexsort((found.numbers, found.days, found.members))
    return Column(found.members[order], found.days[order], found.numbers[order])


def _read_column(rows: Any) -> Column:
    days = pc.fill_null(rows.column("day").cast(pa.int32()), 0).to_numpy().astype(np.int64) + EPOCH
    members, numbers = (rows.column(name).to_numpy() for name in ("member_id", "number"))
    return Column(members, days, numbers)
