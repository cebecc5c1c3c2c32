"""What is popular: sums over the blocks of all members, and in whose name they are told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.analytics.facade import list_measures
from regulars.recommend.learning.datasets import Items
from regulars.recommend.learning.jobs import BOUGHT, SHOP, TAKEN, Count, Groups
from regulars.recommend.learning.lists import POPULAR_DAYS
from regulars.recommend.operations.running.blocks import Runner

POPULAR_MAX = 60
BUYERS_MIN = 2
"""What a single member bought is popular with nobody."""
MEMBERS_AT_ONCE = 5_000
Popular = Iterator[tuple[str, int, list[str], list[int]]]


@dataclass(frozen=True, slots=True)
class Counted:
    """Sums over all members: how often each item was bought and each reward taken, and by scope how many
    members bought each item lately.
    """

    bought: NDArray[np.int64]
    taken: NDArray[np.int64]
    buyers: dict[str, NDArray[np.int64]]


def count_all(runner: Runner, job: Count, scopes: Sequence[str]) -> Counted:
    """Run the job and add up what comes of its blocks. `scopes` name the codes of groups, from 1."""
    items = len(job.shop.items.skus)
    names = {SHOP: "shop"} | dict(enumerate(scopes, 1))
    bought, taken = np.zeros(items, dtype=np.int64), np.zeros(len(job.reward_ids), dtype=np.int64)
    buyers = {code: np.zeros(items, dtype=np.int64) for code in names}
    sums = buyers | {BOUGHT: bought, TAKEN: taken}
    for batch in runner.run(job):
        codes, places, counts = (column.to_numpy() for column in batch.columns)
        for code in np.unique(codes).tolist():
            chosen = codes == code
            sums[code][places[chosen]] += counts[chosen]
    return Counted(bought, taken, {names[code]: counts for code, counts in buyers.items()})


def list_popular(items: Items, buyers: dict[str, NDArray[np.int64]]) -> Popular:
    """Scopes with their days, SKUs and buyers, the most bought first: the shop, each segment, lifestyle,
    category of any level, and brand.
    """
    everything = np.ones(len(items.skus), dtype=bool)
    for scope, counts in buyers.items():
        yield from _write_items(items, scope, counts, everything)
    shop = buyers["shop"]
    levels: dict[str, list[int]] = {}
    for code, path in enumerate(items.paths):
        for name in dict.fromkeys(path):
            levels.setdefault(name, []).append(code)
    for name, codes in levels.items():
        yield from _write_items(items, f"category:{name}", shop, np.isin(items.categories, codes))
    for code, name in enumerate(items.brand_names):
        yield from _write_items(items, f"brand:{name}", shop, items.brands == code)


def list_groups(members: NDArray[np.int64]) -> tuple[Groups, list[str]]:
    """Members' named segment and first lifestyle as codes, and the scopes that these name, from 1."""
    scopes: dict[str, int] = {}
    codes = np.zeros((len(members), 2), dtype=np.int32)
    for start in range(0, len(members), MEMBERS_AT_ONCE):
        some = members[start : start + MEMBERS_AT_ONCE].tolist()
        told = list_measures(some)
        for row, number in enumerate(some, start):
            measures = told.get(number)
            if measures is None:
                continue
            if measures.segment:
                name = f"segment:{measures.segment.value}"
                codes[row, 0] = scopes.setdefault(name, len(scopes) + 1)
            for one in measures.lifestyles[:1]:
                codes[row, 1] = scopes.setdefault(f"lifestyle:{one.code}", len(scopes) + 1)
    return Groups(members, codes), list(scopes)


def _write_items(items: Items, scope: str, buyers: NDArray[np.int64], chosen: NDArray[np.bool_]) -> Popular:
    places = np.flatnonzero(chosen & (buyers >= BUYERS_MIN))
    best = places[np.argsort(-buyers[places], kind="stable")][:POPULAR_MAX]
    if len(best):
        skus = [items.skus[place] for place in best.tolist()]
        yield scope[:160], POPULAR_DAYS, skus, buyers[best].tolist()
