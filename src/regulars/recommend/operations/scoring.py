"""Precomputing what every member would be shown: candidates with reasons, what goes with what, what is
popular, and tastes.

What all share is learnt first, in this process; then members are scored block by block, here or on Spark.
All of it is made before anything is written, and waits on the disk; one transaction then replaces the rows:
whoever reads sees all of the old or all of the new.
"""

import logging
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pyarrow as pa
from django.conf import settings
from django.db import transaction

from regulars.facts.facade import Facts
from regulars.members.facade import list_erased
from regulars.recommend.errors import ModelUnreadable
from regulars.recommend.learning.blocks import ROWS, Kind, count_blocks, read_column
from regulars.recommend.learning.datasets import History, choose_buyers_min
from regulars.recommend.learning.jobs import Count, Score
from regulars.recommend.learning.lists import Known, Serving, list_brands
from regulars.recommend.learning.models.als import AlsFactors
from regulars.recommend.learning.models.base import Learnt
from regulars.recommend.learning.models.ease import LAMBDA, EaseWeights, log_counts
from regulars.recommend.learning.models.first import FirstStage
from regulars.recommend.learning.models.twostage.features import Taught, teach
from regulars.recommend.learning.rewards import HORIZON_DAYS, RewardHistory, RewardsTaught, learn_rewards
from regulars.recommend.learning.tastes import find_usual
from regulars.recommend.learning.trial import TWO_STAGE
from regulars.recommend.models import Candidates, Choice, Taste, TrainedModel
from regulars.recommend.operations.artefacts import read_artefact
from regulars.recommend.operations.counting import Counted, count_all, list_groups, list_popular
from regulars.recommend.operations.locking import await_forgetting, learn_alone
from regulars.recommend.operations.purchases import ShopData, read_shop
from regulars.recommend.operations.rows import list_demand, list_sources, read_rewards, stream_rows
from regulars.recommend.operations.running.blocks import Runner, choose_first, hold_blocks
from regulars.recommend.operations.writing import Fresh, keep_fresh, list_similar, write_fresh
from regulars.recommend.types import REWARDS_SHELF, Task

logger = logging.getLogger(__name__)
FAILED = "failed"
Rankers = dict[Task, lightgbm.Booster]


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
    training replaces it. Raises EngineFailed where Spark fails: what was precomputed stays.
    """
    with learn_alone() as alone:
        rows = {Task(row.task): row for row in _list_serving()} if alone else {}
        if not rows:
            return None
        begun = time.monotonic()
        shop = read_shop(facts, now)
        sources = list_sources(shop.facts, shop.as_of)
        with hold_blocks(facts, sources, count_blocks(len(shop.members))) as runner:
            learning = Learning(shop, rows, choose_first(facts), now)
            counted = learning.count(runner)
            similar = list(list_similar(shop.shop.items, learning.history, learning.weights))
            popular = [*list_popular(shop.shop.items, counted.buyers), *_list_demand(shop)]
            job = learning.make_job(counted)
            as_of = shop.as_of
            # Its arrays over those who teach are let go of before the blocks come.
            del shop, learning
            with keep_fresh(runner.run(job), Path(settings.DATA_DIR)) as fresh:
                found = write_fresh(fresh, Fresh(as_of, similar, popular))
        _forget_erased()
        return Scored(as_of, *found, time.monotonic() - begun)


class Learning:
    """What all members share: learnt of those who teach, and of sums over all."""

    def __init__(
        self, shop: ShopData, rows: dict[Task, TrainedModel], first: FirstStage, now: datetime
    ) -> None:
        dataset = shop.dataset
        self.shop, self.rows = shop, rows
        self.cut = dataset.after if len(dataset.purchases) else 1
        self.history = History(dataset, self.cut, buyers_min=choose_buyers_min(dataset))
        items = self.history.shape[1]
        self.first = replace(first.settle(items), everybody=shop.taught_below is None)
        self.models = self.first.list_models(items)
        self.rankers = _read_rankers(rows, self.first.name(items), self.models, now)
        self.reward_ids, self.wordings = read_rewards(shop.facts)
        self.taught: Taught | None = teach(self.history, self.first) if self.rankers else None
        # The weights that reasons come from are those of the first stage, or of the like without one.
        self.weights = self.taught.ease if self.taught else self._learn_weights()

    def count(self, runner: Runner) -> Counted:
        """Sums over everybody."""
        groups, scopes = list_groups(self.shop.members)
        reward_ids = np.array(self.reward_ids, dtype=np.int64)
        return count_all(runner, Count(self.shop.shop, self.cut, reward_ids, groups), scopes)

    def make_job(self, counted: Counted) -> Score:
        """What is done with each block."""
        items, kept = self.shop.shop.items, self.history.kept
        buyers = counted.buyers["shop"][kept]
        known = Known(
            serving={
                task: Serving(row.pk, row.kind, self._learn(row.kind)) for task, row in self.rows.items()
            },
            weights=self.weights,
            taught=self.taught,
            usual=find_usual(items, counted.bought),
            buyers=buyers,
            popular=list_brands(items, kept, buyers),
        )
        trees = {task: ranker.model_to_string() for task, ranker in self.rankers.items()}
        return Score(self.shop.shop, self.cut, kept, known, trees, self._learn_rewards(counted))

    def _learn_weights(self) -> EaseWeights | AlsFactors:
        inputs = log_counts(self.history.counts)
        return self.first.learn(inputs, self.shop.dataset.member_ids, LAMBDA)

    def _learn(self, kind: str) -> Learnt | None:
        return None if kind == TWO_STAGE else self.models[kind].learn(self.history)

    def _learn_rewards(self, counted: Counted) -> RewardsTaught:
        shop = self.shop
        sources = list_sources(shop.facts, shop.as_of, [Kind.TAKEN, Kind.MOVED])
        rows = pa.concat_tables([ROWS.empty_table(), *stream_rows(sources, shop.taught_below)])
        taken, moved = (read_column(rows, kind) for kind in (Kind.TAKEN, Kind.MOVED))
        history = RewardHistory.of(self.reward_ids, taken, moved, self.wordings)
        return learn_rewards(
            shop.dataset,
            history,
            bought=counted.bought,
            taken=counted.taken.astype(np.float64),
            cut=shop.as_of.toordinal() + 1,
        )


def _list_demand(shop: ShopData) -> Iterator[tuple[Any, ...]]:
    """What is popular of the rewards."""
    demand = list_demand(shop.facts, shop.as_of, HORIZON_DAYS)
    if demand:
        rewards, takers = zip(*demand, strict=True)
        yield REWARDS_SHELF, HORIZON_DAYS, [str(reward) for reward in rewards], list(takers)


def _list_serving() -> Iterator[TrainedModel]:
    yield from TrainedModel.objects.filter(served_from__isnull=False, served_to__isnull=True)


def _read_rankers(
    rows: dict[Task, TrainedModel], source: str, kinds: Collection[str], now: datetime
) -> Rankers:
    """Rankers of those of two stages. Raises ModelUnreadable where one cannot be read, or serves no more."""
    found: Rankers = {}
    for task, row in rows.items():
        try:
            if row.kind == TWO_STAGE:
                found[task] = read_artefact(row.artefact, source=source).final
            elif row.kind not in kinds:
                raise ModelUnreadable(f"The items are too many for {row.kind}, which serves.")
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
