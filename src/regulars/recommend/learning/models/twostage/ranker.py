"""The second stage: LambdaRank over the features, learnt from several past looks.

LambdaRank: Burges (2010), "From RankNet to LambdaRank to LambdaMART: an overview"; trees: Ke et al. (2017),
"LightGBM". One ranker for each task: what brings somebody back to an item says little of a new one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from regulars.recommend.codes import Task
from regulars.recommend.learning.datasets import NOBODY, Dataset, History, Numbers, find_truth
from regulars.recommend.learning.models.first import IN_PROCESS, FirstStage
from regulars.recommend.learning.models.twostage.features import FEATURES, Knowledge, Taught, teach
from regulars.recommend.learning.models.twostage.gathering import NEW_MAX, Pairs, gather_pairs
from regulars.recommend.learning.models.twostage.pairs import look_up
from regulars.recommend.learning.splits import Split

SEED = 20_260_101
ROUNDS = 100
KEPT_SHARE = 0.3
"""Of pairs that were not bought, what is learnt from: the rest would say the same again."""
MEMBERS_MAX = 10_000
"""Members a look is learnt from."""
POSITIVES_MIN = 200
"""Purchases among the pairs of a task; with fewer it is not learnt."""
TREES = {
    "objective": "lambdarank",
    "learning_rate": 0.05,
    "num_leaves": 31,
    "min_data_in_leaf": 100,
    "lambdarank_truncation_level": 20,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "seed": SEED,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}
"""Truncation at twice the page. One thread: threads that wait for one another on a busy machine cost ten
times what they gain here."""
Rankers = Mapping[Task, lightgbm.Booster]


class TooLittleLearnt(ValueError):
    """There are too few past purchases to learn an order from."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """Pairs of one look with whether they were bought; `sizes` are how many pairs each member has."""

    features: Numbers
    bought: NDArray[np.float32]
    sizes: NDArray[np.int64]


def train_rankers(
    dataset: Dataset,
    lessons: Iterable[Split],
    *,
    buyers_min: int,
    allowed: NDArray[np.bool_] | None = None,
    first: FirstStage = IN_PROCESS,
) -> dict[Task, lightgbm.Booster]:
    """A ranker for each task from past looks. Fixed seeds: the same purchases give the same rankers.

    Raises TooLittleLearnt where no task has enough purchases among its pairs; a task that has too few is left
    out.
    """
    taught: dict[Task, list[Lesson]] = {Task.ANY: [], Task.NEW: []}
    for number, split in enumerate(lessons):
        history = History(dataset, split.cut, buyers_min=buyers_min, allowed=allowed)
        for task, lesson in _teach(history, split, SEED + number, first).items():
            taught[task].append(lesson)
    found = {}
    for task, several in taught.items():
        if sum(float(lesson.bought.sum()) for lesson in several) >= POSITIVES_MIN:
            found[task] = _train(several)
        several.clear()
    if not found:
        raise TooLittleLearnt("There are too few past purchases to learn an order from.")
    return found


def _train(lessons: list[Lesson]) -> lightgbm.Booster:
    data = lightgbm.Dataset(
        np.concatenate([lesson.features for lesson in lessons]),
        np.concatenate([lesson.bought for lesson in lessons]),
        group=np.concatenate([lesson.sizes for lesson in lessons]),
        feature_name=list(FEATURES),
    )
    return lightgbm.train(TREES, data, num_boost_round=ROUNDS)


def _teach(history: History, split: Split, seed: int, first: FirstStage) -> dict[Task, Lesson]:
    if not history.shape[1]:
        return {}
    truth = find_truth(history, split.after)
    rng = np.random.default_rng(seed)
    members = truth.members
    if len(members) > MEMBERS_MAX:
        members = np.sort(rng.choice(members, MEMBERS_MAX, replace=False))
    parts: dict[Task, list[Lesson]] = {Task.ANY: [], Task.NEW: []}
    for pairs in gather_pairs(Knowledge(history, teach(history, first)), members):
        bought = look_up(truth.bought[pairs.members], pairs.rows, pairs.items)
        kept = (bought > 0) | (rng.random(len(bought)) < KEPT_SHARE)
        for task, chosen in ((Task.ANY, kept), (Task.NEW, kept & pairs.is_new)):
            parts[task].append(_pick(pairs, bought, chosen))
    return {task: _join(several) for task, several in parts.items() if several}


def _pick(pairs: Pairs, bought: NDArray[np.float32], chosen: NDArray[np.bool_]) -> Lesson:
    """The chosen pairs of members who bought any of them: the others teach no order."""
    count = len(pairs.members)
    told = np.bincount(pairs.rows[chosen], weights=bought[chosen], minlength=count) > 0
    chosen = chosen & told[pairs.rows]
    sizes = np.bincount(pairs.rows[chosen], minlength=count)
    return Lesson(pairs.features[chosen], bought[chosen], sizes[sizes > 0])


def _join(lessons: list[Lesson]) -> Lesson:
    return Lesson(
        np.concatenate([one.features for one in lessons]),
        np.concatenate([one.bought for one in lessons]),
        np.concatenate([one.sizes for one in lessons]),
    )


@dataclass(frozen=True, slots=True)
class Listed:
    """Lists of members: kept items, best first, `NOBODY` where a list is shorter, with their scores."""

    items: NDArray[np.int32]
    scores: Numbers


class TwoStage:
    """Rankers over what is known of the members of a history."""

    def __init__(self, history: History, rankers: Rankers, taught: Taught) -> None:
        self.history, self.rankers = history, rankers
        self.knowledge = Knowledge(history, taught)

    def list_both(
        self, members: NDArray[Any], counts: Mapping[Task, int], new_max: int = NEW_MAX
    ) -> dict[Task, Listed]:
        """The best items of each member for each task that was learnt."""
        found: dict[Task, list[Listed]] = {task: [] for task in counts if task in self.rankers}
        for pairs in gather_pairs(self.knowledge, members, new_max):
            for task, several in found.items():
                chosen = pairs.is_new if task is Task.NEW else np.ones(len(pairs.rows), dtype=bool)
                several.append(self._order(pairs, chosen, task, counts[task]))
        return {
            task: Listed(
                np.concatenate([one.items for one in several]),
                np.concatenate([one.scores for one in several]),
            )
            for task, several in found.items()
            if several
        }

    def _order(self, pairs: Pairs, chosen: NDArray[np.bool_], task: Task, count: int) -> Listed:
        rows, items = pairs.rows[chosen], pairs.items[chosen]
        lists = np.full((len(pairs.members), count), NOBODY, dtype=np.int32)
        told = np.full(lists.shape, -np.inf, dtype=np.float32)
        if len(rows):
            told_by = self.rankers[task].predict(pairs.features[chosen], num_threads=1)
            scores = np.asarray(told_by, dtype=np.float32)
            order = np.lexsort((items, -scores, rows))
            begins = np.searchsorted(rows, np.arange(len(pairs.members)))
            place = np.arange(len(rows)) - begins[rows[order]]
            within = place < count
            lists[rows[order][within], place[within]] = items[order][within]
            told[rows[order][within], place[within]] = scores[order][within]
        return Listed(lists, told)
