"""Writing what members would like of the rewards and who will take one: a step of the scoring of members."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db import connection

from regulars.facts.facade import Facts
from regulars.recommend.learning.datasets import Dataset
from regulars.recommend.learning.rewards import (
    HORIZON_DAYS,
    RewardScores,
    read_reward_history,
    score_rewards,
)
from regulars.recommend.models import Popular
from regulars.recommend.types import REWARDS_SHELF

_STAGE = """
CREATE TEMPORARY TABLE recommend_fresh_interest (
    member_id bigint PRIMARY KEY, reward_interest jsonb, take_probability float8
) ON COMMIT DROP
"""
_COPY = "COPY recommend_fresh_interest (member_id, reward_interest, take_probability) FROM STDIN"
# Whoever is not learnt from any more keeps nothing of what was learnt.
_WRITE = """
UPDATE recommend_taste t SET
    reward_interest = coalesce(f.reward_interest, '{}'), take_probability = f.take_probability
FROM recommend_taste known LEFT JOIN recommend_fresh_interest f ON f.member_id = known.member_id
WHERE known.member_id = t.member_id
"""


def write_reward_scores(*, facts: Facts, dataset: Dataset, as_of: date) -> int:
    """Learn and write, within the caller's transaction and after it has written tastes and popular lists.

    `facts` are settled and `dataset` is made of them; what is known on the evening of `as_of` counts. Three
    queries of the engine. Gives of how many members an interest is known.
    """
    scores = score_rewards(dataset, read_reward_history(facts), cut=as_of.toordinal() + 1)
    Popular.objects.filter(scope=REWARDS_SHELF).delete()
    if scores.demand:
        rewards, takers = zip(*scores.demand, strict=True)
        skus = [str(reward) for reward in rewards]
        Popular.objects.create(scope=REWARDS_SHELF, days=HORIZON_DAYS, skus=skus, buyers=list(takers))
    count = 0
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy(_COPY) as copy:
            for row in _list_rows(scores):
                copy.write_row(row)
                count += row[1] != "{}"
        cursor.execute(_WRITE)
        cursor.execute("DROP TABLE recommend_fresh_interest")
    return count


def _list_rows(scores: RewardScores) -> Iterator[tuple[Any, ...]]:
    for member_id in scores.places:
        interest = json.dumps(scores.interest_of(member_id), ensure_ascii=False)
        yield member_id, interest, scores.probability_of(member_id)
