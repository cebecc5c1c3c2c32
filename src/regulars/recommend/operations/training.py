"""Learning which model serves: back-tested on the shop's past, and swapped in only where it does not lose.

Kinds and their parameters are compared by what they foresee of the last weeks. A ranker is trained twice: for
the comparison without those weeks, and with them to serve; its file holds both, so that the next training can
ask the served one, too, what it would have said without having seen the answer.
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from regulars.facts.facade import Facts
from regulars.recommend.errors import ModelUnreadable
from regulars.recommend.learning.datasets import Dataset, History, choose_buyers_min, count_kept
from regulars.recommend.learning.metrics import Mean
from regulars.recommend.learning.models.als import CONFIDENCE, FACTORS, ITERATIONS, PENALTY
from regulars.recommend.learning.models.ease import LAMBDA
from regulars.recommend.learning.models.first import FirstStage
from regulars.recommend.learning.models.simple import HALF_LIFE_DAYS, RECENT_DAYS
from regulars.recommend.learning.models.twostage.features import teach
from regulars.recommend.learning.models.twostage.ranker import Rankers, TooLittleLearnt, train_rankers
from regulars.recommend.learning.selection import choose_model, compare, loses
from regulars.recommend.learning.splits import Split, place_look
from regulars.recommend.learning.trial import (
    TWO_STAGE,
    Trial,
    Tried,
    find_truths,
    place_lessons,
    run_trial,
    try_rankers,
)
from regulars.recommend.models import TrainedModel
from regulars.recommend.operations.artefacts import Artefact, drop_artefacts, read_artefact, write_artefact
from regulars.recommend.operations.locking import learn_alone
from regulars.recommend.operations.purchases import read_shop
from regulars.recommend.operations.running.blocks import choose_first
from regulars.recommend.types import Task

logger = logging.getLogger(__name__)
PLAIN = "personal"
"""What serves where nothing can be compared yet: habit, and below it what is popular lately."""
PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "popular": {},
    "recent": {"days": RECENT_DAYS},
    "personal": {"half_life_days": HALF_LIFE_DAYS},
    "ease": {"penalty": LAMBDA},
    "als": {"factors": FACTORS, "iterations": ITERATIONS, "confidence": CONFIDENCE, "penalty": PENALTY},
    "blend": {"half_life_days": HALF_LIFE_DAYS, "penalty": LAMBDA, "share": 0.5},
}
FIRST, WON, LOST, FAILED = "first", "won", "lost", "failed"


@dataclass(frozen=True, slots=True)
class Training:
    """What came of a training: for each task the kind, its verdict, and seconds of all."""

    verdicts: Mapping[Task, tuple[str, str]]
    as_of: date
    seconds: float


@dataclass(frozen=True, slots=True)
class _Fresh:
    """A model that could serve a task."""

    kind: str
    figures: dict[str, Any]
    verdict: str
    artefact: str = ""


def train_models(*, facts: Facts, now: datetime) -> Training | None:
    """Choose a model for each task, train it, and have it serve unless it loses against the one that does.

    Holds the lock of learning (None: it is taken). Files are written first; then one transaction ends the old
    models and begins the new ones, so that whoever is killed before it leaves the old ones serving.
    """
    with learn_alone() as alone:
        if not alone:
            return None
        begun = time.monotonic()
        shop = read_shop(facts, now)
        fresh = _choose_all(shop.dataset, choose_first(facts))
        seconds = time.monotonic() - begun
        with transaction.atomic(durable=True):
            for task, found in fresh.items():
                _keep(task, found, as_of=shop.as_of, now=now, seconds=seconds)
        drop_artefacts(kept=set(_list_serving().values_list("artefact", flat=True)))
        return Training({task: (one.kind, one.verdict) for task, one in fresh.items()}, shop.as_of, seconds)


def begin_plain(*, facts: Facts, now: datetime) -> bool:
    """Have habit serve where nothing does yet, so that the first shelves need not wait for a comparison;
    whether it was needed. Holds the lock of learning.
    """
    with learn_alone() as alone, transaction.atomic(durable=True):
        if not alone or _list_serving().exists():
            return False
        for task in Task:
            _keep(task, _Fresh(PLAIN, {}, FIRST), as_of=facts.as_of, now=now, seconds=0.0)
        return True


def _list_serving() -> Any:
    return TrainedModel.objects.filter(served_from__isnull=False, served_to__isnull=True)


def _keep(task: Task, found: _Fresh, *, as_of: date, now: datetime, seconds: float) -> None:
    serves = found.verdict != LOST
    if serves:
        _list_serving().filter(task=task.value).update(served_to=now)
    TrainedModel.objects.create(
        task=task.value,
        kind=found.kind,
        parameters=dict(PARAMETERS.get(found.kind, {})),
        figures=found.figures,
        artefact=found.artefact,
        as_of=as_of,
        trained_at=now,
        seconds=seconds,
        served_from=now if serves else None,
        verdict=found.verdict,
    )


def _choose_all(dataset: Dataset, first: FirstStage) -> dict[Task, _Fresh]:
    served = {Task(row.task): row for row in _list_serving()}
    look = place_look(dataset)
    buyers_min = choose_buyers_min(dataset)
    first = first.settle(count_kept(dataset, buyers_min))
    trial = (
        run_trial(dataset, look.split, known_min=look.known_min, buyers_min=buyers_min, first=first)
        if look is not None
        else None
    )
    asked = () if trial is None else trial.list_asked()
    # Of whom nobody could be asked about nothing is known: habit begins, and what serves stays.
    fresh = {task: _Fresh(PLAIN, {}, FIRST) for task in Task if task not in asked and task not in served}
    if trial is None or not asked:
        return fresh
    winners = {task: choose_model(list(trial.of(task).values())) for task in asked}
    final: Rankers = {}
    if any(choice.winner == TWO_STAGE for choice in winners.values()):
        final = _train_final(dataset, trial.split, look.known_min if look is not None else 0, first)
    for task, choice in winners.items():
        kind = choice.winner
        if kind == TWO_STAGE and task not in final:
            kind = PLAIN
        tried = trial.of(task)[kind]
        verdict, gap = _judge(tried, task, served.get(task), dataset=dataset, trial=trial, first=first)
        artefact = ""
        if kind == TWO_STAGE and verdict != LOST:
            artefact = write_artefact(Artefact(trial.source, trial.rankers[task], final[task]))
        fresh[task] = _Fresh(kind, write_figures(tried, gap), verdict, artefact)
    return fresh


def _train_final(dataset: Dataset, split: Split, known_min: int, first: FirstStage) -> Rankers:
    """Rankers that have learnt of the last weeks, too."""
    end = Split(split.after, split.after + split.days)
    try:
        return train_rankers(
            dataset,
            place_lessons(dataset, end, known_min),
            buyers_min=choose_buyers_min(dataset),
            first=first,
        )
    except TooLittleLearnt:
        return {}


def _judge(
    tried: Tried,
    task: Task,
    row: TrainedModel | None,
    *,
    dataset: Dataset,
    trial: Trial,
    first: FirstStage,
) -> tuple[str, Mean | None]:
    """Whether a fresh model may serve, and by how much it is better than the served one."""
    if row is None:
        return FIRST, None
    try:
        served = _try_served(row, task, dataset, trial, first)
    except ModelUnreadable as error:
        logger.warning("%s It is replaced by the one just learnt.", error.detail)
        TrainedModel.objects.filter(pk=row.pk).update(verdict=FAILED)
        return FIRST, None
    if served is None:
        return FIRST, None
    return (LOST if loses(tried, served) else WON), compare(tried, served)


def _try_served(
    row: TrainedModel, task: Task, dataset: Dataset, trial: Trial, first: FirstStage
) -> Tried | None:
    """How the served model does on the same look, by what it knew without having seen its answers."""
    if row.kind != TWO_STAGE:
        return trial.of(task).get(row.kind)
    artefact = read_artefact(row.artefact, source=trial.source)
    history = History(dataset, trial.split.cut, buyers_min=choose_buyers_min(dataset))
    truths = {task: find_truths(history, trial.split.after)[task]}
    found = try_rankers({task: artefact.tested}, history, truths, teach(history, first))
    return found[0] if found else None


def write_figures(tried: Tried, gap: Mean | None = None) -> dict[str, Any]:
    """Metrics as stored: {name: [value, standard error]}; `gap`: the difference to the served one."""
    means = {
        "ndcg": tried.ndcg,
        "recall": tried.recall,
        "novelty": tried.novelty,
        "diversity": tried.diversity,
        "calibration": tried.calibration,
    }
    if gap is not None:
        means["gap"] = gap
    told: dict[str, Any] = {name: [round(one.value, 5), round(one.error, 5)] for name, one in means.items()}
    return told | {"coverage": [round(tried.coverage, 5), 0.0], "members": [tried.ndcg.members, 0]}
