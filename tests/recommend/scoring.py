"""A small shop whose two stages serve, and all rows that scoring writes of it."""

import datetime as dt
from typing import Any

import pyarrow as pa

from regulars.facts.facade import Facts
from regulars.recommend.codes import Task
from regulars.recommend.learning.datasets import choose_buyers_min
from regulars.recommend.learning.models.first import FirstStage
from regulars.recommend.learning.models.twostage.ranker import train_rankers
from regulars.recommend.learning.splits import place_look
from regulars.recommend.learning.trial import place_lessons
from regulars.recommend.models import Candidates, Popular, Similar, Taste, TrainedModel
from regulars.recommend.operations.artefacts import Artefact, write_artefact
from regulars.recommend.operations.purchases import read_shop
from tests.recommend.test_learning_training import FIRST, NOW, hold, make_rows

TABLES = (Candidates, Taste, Similar, Popular)
WHEN = dt.datetime.combine(FIRST + dt.timedelta(days=120), dt.time(9))


def make_tables() -> tuple[dict[str, Any], dt.date]:
    """The shop of the trainings with two rewards, one of which was taken, and points that were earned."""
    facts = hold(make_rows())
    names = ("orders", "order_lines", "members", "products")
    tables = {name: getattr(facts, name).to_pyarrow() for name in names}
    takers = list(range(1, 40, 3))
    tables["rewards"] = pa.table(
        {
            "reward_id": [4, 9],
            "code": ["mug", "shelf"],
            "name": ["Thing to drink from", "A shelf"],
            "kind": ["goods", "goods"],
            "category": ["Shelf 1", "North"],
            "price_points": [10, 20],
            "price_money": [0, 0],
            "taken": [len(takers), 0],
            "created_at": [WHEN, WHEN],
            "published": [True, True],
        }
    )
    tables["redemptions"] = pa.table(
        {
            "redemption_id": takers,
            "member_id": takers,
            "occurred_at": [WHEN] * len(takers),
            "occurred_on": [WHEN.date()] * len(takers),
            "reward_id": [4] * len(takers),
            "state": ["fulfilled"] * len(takers),
            "units": [1] * len(takers),
            "points": [10] * len(takers),
            "money": [0] * len(takers),
            "refunded_points": [0] * len(takers),
        }
    )
    tables["ledger"] = pa.table(
        {
            "member_id": takers,
            "currency": ["points"] * len(takers),
            "seq": [1] * len(takers),
            "occurred_at": [WHEN] * len(takers),
            "occurred_on": [WHEN.date()] * len(takers),
            "recorded_at": [WHEN] * len(takers),
            "kind": ["earn"] * len(takers),
            "debit": ["issued"] * len(takers),
            "credit": ["active"] * len(takers),
            "amount": [90 + taker for taker in takers],
            "balance_after": [90 + taker for taker in takers],
            "rule": [""] * len(takers),
        }
    )
    return tables, facts.as_of


def serve_two_stages(facts: Facts, first: FirstStage) -> None:
    """Have rankers serve that learnt of three looks; `ROUNDS` may be few."""
    dataset = read_shop(facts, NOW).dataset
    look = place_look(dataset)
    assert look is not None
    first = first.settle(30)
    lessons = place_lessons(dataset, look.split, look.known_min)
    rankers = train_rankers(dataset, lessons, buyers_min=choose_buyers_min(dataset), first=first)
    for task in Task:
        TrainedModel.objects.create(
            task=task.value,
            kind="two_stage",
            figures={},
            artefact=write_artefact(Artefact(first.name(30), rankers[task], rankers[task])),
            as_of=facts.as_of,
            trained_at=NOW,
            seconds=0,
            served_from=NOW,
            verdict="first",
        )


def read_written() -> dict[str, list[dict[str, Any]]]:
    """Every row that scoring wrote."""
    return {
        table.__name__: sorted(table.objects.values(), key=lambda row: str(list(row.values())[:2]))
        for table in TABLES
    }
