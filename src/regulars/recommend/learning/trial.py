"""A trial: several models learn from the same past, and each is asked what came after it."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.recommend.codes import Task
from regulars.recommend.learning.datasets import (
    BUYERS_MIN,
    Dataset,
    History,
    Truth,
    count_kept,
    find_truth,
)
from regulars.recommend.learning.metrics import (
    Lists,
    Mean,
    Values,
    average,
    mark_hits,
    measure_calibration,
    measure_coverage,
    measure_diversity,
    measure_ndcg,
    measure_novelty,
    measure_recall,
)
from regulars.recommend.learning.models.base import Model, fit, rank
from regulars.recommend.learning.models.first import IN_PROCESS, SINGLE, FirstStage
from regulars.recommend.learning.models.twostage.features import Taught, teach
from regulars.recommend.learning.models.twostage.ranker import (
    Rankers,
    TooLittleLearnt,
    TwoStage,
    train_rankers,
)
from regulars.recommend.learning.splits import Split, list_lessons

TWO_STAGE = "two_stage"
KINDS = (*SINGLE, TWO_STAGE)
"""The simplest first."""
TOP = 10
LESSONS = 3
"""Looks that a ranker learns from."""


@dataclass(frozen=True, slots=True)
class Tried:
    """How a model did at a task. `members` are those asked about, `ndcg` one value for each."""

    model: str
    task: Task
    ndcg: Mean
    recall: Mean
    coverage: float
    novelty: Mean
    diversity: Mean
    calibration: Mean
    seconds: float
    members: NDArray[np.int64]
    values: Values


@dataclass(frozen=True, slots=True)
class Trial:
    """One look, and how all models did at both tasks. `rankers` are those of the two stages, learnt before
    it; none where too little is known. `source` names what their candidates come from.
    """

    split: Split
    items: int
    tried: tuple[Tried, ...]
    rankers: Rankers = field(default_factory=dict)
    source: str = ""

    def of(self, task: Task) -> dict[str, Tried]:
        """How the models did at a task, by name."""
        return {one.model: one for one in self.tried if one.task is task}

    def list_asked(self) -> tuple[Task, ...]:
        """The tasks with anybody to ask about: of those who have bought all there is, nothing is new."""
        asked = {one.task for one in self.tried if one.ndcg.members}
        return tuple(task for task in Task if task in asked)


OnTried = Callable[[str], None]


def run_trial(
    dataset: Dataset,
    split: Split,
    *,
    kinds: Sequence[str] = KINDS,
    known_min: int,
    buyers_min: int = BUYERS_MIN,
    allowed: NDArray[np.bool_] | None = None,
    on_tried: OnTried | None = None,
    first: FirstStage = IN_PROCESS,
) -> Trial:
    """Let models learn from what was before a look and try them on it. `known_min`: days before a lesson."""
    tell = on_tried or _ignore
    first = first.settle(count_kept(dataset, buyers_min, allowed))
    history = History(dataset, split.cut, buyers_min=buyers_min, allowed=allowed)
    truths = find_truths(history, split.after)
    tried: list[Tried] = []
    for kind, model in first.list_models(history.shape[1]).items():
        if kind in kinds:
            tell(kind)
            tried += _try_model(model, history, truths)
    rankers: Rankers = {}
    if TWO_STAGE in kinds:
        tell(TWO_STAGE)
        begun = time.monotonic()
        try:
            rankers = train_rankers(
                dataset,
                place_lessons(dataset, split, known_min),
                buyers_min=buyers_min,
                allowed=allowed,
                first=first,
            )
            tried += try_rankers(rankers, history, truths, teach(history, first), begun)
        except TooLittleLearnt:
            pass
    return Trial(split, history.shape[1], tuple(tried), rankers, first.name(history.shape[1]))


def place_lessons(dataset: Dataset, split: Split, known_min: int) -> Iterator[Split]:
    """The looks a ranker learns from before a split: as long as it, a third of it apart."""
    return list_lessons(
        split.cut,
        dataset.first_day,
        days=split.days,
        step=max(split.days // 3, 1),
        count=LESSONS,
        known_min=known_min,
    )


def try_rankers(
    rankers: Rankers,
    history: History,
    truths: Mapping[Task, Truth],
    taught: Taught,
    begun: float | None = None,
) -> list[Tried]:
    """How rankers do on a look over what its history taught. `begun`: when their learning began, so that
    seconds tell all of it.
    """
    begun = time.monotonic() if begun is None else begun
    members = np.unique(np.concatenate([truth.members for truth in truths.values()])).astype(np.int64)
    listed = TwoStage(history, rankers, taught).list_both(members, dict.fromkeys(truths, TOP))
    seconds = time.monotonic() - begun
    found = []
    for task, lists in listed.items():
        asked = np.searchsorted(members, truths[task].members)
        found.append(
            judge(TWO_STAGE, task, lists.items[asked], history=history, truth=truths[task], seconds=seconds)
        )
    return found


def _try_model(model: Model, history: History, truths: Mapping[Task, Truth]) -> Iterator[Tried]:
    begun = time.monotonic()
    fitted = fit(model, history)
    learnt = time.monotonic() - begun
    for task, truth in truths.items():
        begun = time.monotonic()
        lists = rank(fitted, history, truth.members, TOP, is_new=task is Task.NEW)
        seconds = learnt + time.monotonic() - begun
        yield judge(model.name, task, lists, history=history, truth=truth, seconds=seconds)


def judge(name: str, task: Task, lists: Lists, *, history: History, truth: Truth, seconds: float) -> Tried:
    """All metrics of the lists of those who are asked about."""
    hits = mark_hits(lists, truth)
    relevant = np.diff(truth.bought.indptr)[truth.members]
    values = measure_ndcg(hits, relevant)
    items, kept = history.dataset.items, history.kept
    return Tried(
        model=name,
        task=task,
        ndcg=average(values),
        recall=average(measure_recall(hits, relevant)),
        coverage=measure_coverage(lists, history.shape[1]),
        novelty=average(measure_novelty(lists, history.buyers(), history.shape[0])),
        diversity=average(measure_diversity(lists, items.categories[kept], items.departments[kept])),
        calibration=average(measure_calibration(lists, history, truth.members)),
        seconds=seconds,
        members=truth.members,
        values=values,
    )


def _ignore(name: str) -> None:
    """Nobody watches."""


def find_truths(history: History, after: int) -> dict[Task, Any]:
    """What came after a history, for each task."""
    return {task: find_truth(history, after, is_new=task is Task.NEW) for task in Task}
