"""Training, scoring and the swap of models in a small shop; whoever is killed leaves the old one serving."""

import datetime as dt
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import psycopg
import pyarrow as pa
import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from regulars.facts.facade import Facts, facts_from_arrow
from regulars.recommend.errors import ModelUnreadable
from regulars.recommend.learning.models.twostage.features import FEATURES
from regulars.recommend.models import (
    Backtest,
    Candidates,
    Choice,
    Dismissal,
    Mark,
    Popular,
    Similar,
    Taste,
    TrainedModel,
)
from regulars.recommend.operations import backtests, scoring, training
from regulars.recommend.operations.artefacts import FORMAT, SUFFIX, get_folder, read_artefact
from regulars.recommend.operations.locking import learn_alone
from regulars.recommend.queries.backtests import find_backtest, list_models
from regulars.recommend.types import Task

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 6, 20, 12, tzinfo=dt.UTC)
FIRST = dt.date(2026, 1, 1)
DAYS, MEMBERS, ITEMS = 150, 45, 30


@pytest.fixture(autouse=True)
def data_dir(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path


def make_rows(days: int = DAYS) -> list[tuple[int, int, int]]:
    """(member, item, day): three items each that they come back for, and what comes their way."""
    rng = np.random.default_rng(4)
    rows = []
    for member in range(1, MEMBERS + 1):
        own = rng.choice(ITEMS, 3, replace=False).tolist()
        for day in range(int(rng.integers(5)), days, 5):
            rows += [(member, item, day) for item in own if rng.random() < 0.7]
            rows.append((member, int(rng.integers(ITEMS)), day))
    return rows


def count_known(rows: list[tuple[int, int, int]]) -> int:
    """Members with anything that may be learnt from."""
    return len({member for member, item, _ in rows if item < ITEMS - 2})


def hold(rows: list[tuple[int, int, int]], *, erased: int = 0, merged: dict[int, int] | None = None) -> Facts:
    """Facts of a shop: two categories, one of them sensitive for the last items; two brands."""
    merged = merged or {}
    orders = sorted({(member, day) for member, _, day in rows})
    number = {key: place + 1 for place, key in enumerate(orders)}
    at = {day: dt.datetime.combine(FIRST + dt.timedelta(day), dt.time(12)) for _, _, day in rows}

    def when(days):
        return {
            "occurred_at": [at[day] for day in days],
            "occurred_on": [at[day].date() for day in days],
        }

    lines = {
        "order_id": [number[member, day] for member, _, day in rows],
        "line_no": list(range(1, len(rows) + 1)),
        "member_id": [member for member, *_ in rows],
        **when([day for *_, day in rows]),
        "sku": [f"sku-{item}" for _, item, _ in rows],
        "kind": ["product"] * len(rows),
        "quantity": [1] * len(rows),
        "amount": [100] * len(rows),
        "discount": [0] * len(rows),
    }
    table = {
        "order_id": list(number.values()),
        "member_id": [member for member, _ in orders],
        **when([day for _, day in orders]),
        "currency": ["EUR"] * len(orders),
        "amount": [250] * len(orders),
        "lines_count": [2] * len(orders),
        "store": [""] * len(orders),
        "channel": [""] * len(orders),
    }
    everybody = range(1, MEMBERS + 1)
    members = {
        "member_id": list(everybody),
        "joined_at": [dt.datetime.combine(FIRST, dt.time(0))] * MEMBERS,
        "joined_on": [FIRST] * MEMBERS,
        "erased": [member == erased for member in everybody],
        "merged_into": pa.array([merged.get(member) for member in everybody], pa.int64()),
        "tier": [""] * MEMBERS,
        "language": [""] * MEMBERS,
    }
    products = {
        "sku": [f"sku-{item}" for item in range(ITEMS)] + ["never-bought"],
        "name": [f"Thing {item}" for item in range(ITEMS)] + ["Thing that is new"],
        "brand": [("North", "South")[item % 2] for item in range(ITEMS)] + ["North"],
        "categories": [
            ["Food", "Beer" if item >= ITEMS - 2 else f"Shelf {item % 3}"] for item in range(ITEMS)
        ]
        + [["Food", "Shelf 0"]],
    }
    held = {"orders": table, "order_lines": lines, "members": members, "products": products}
    last = FIRST + dt.timedelta(max(day for *_, day in rows))
    return facts_from_arrow({name: pa.table(columns) for name, columns in held.items()}, last)


def train_and_score(facts: Facts, now: dt.datetime = NOW):
    return training.train_models(facts=facts, now=now), scoring.score_members(facts=facts, now=now)


@pytest.mark.slow  # trees of six looks, twice
def test_the_first_training_serves_and_everybody_gets_candidates_with_their_evidence():
    rows = make_rows()
    facts = hold(rows, erased=2, merged={3: 4})
    Choice.objects.create(member_id=5, personal=False, changed_at=NOW)
    Dismissal.objects.create(member_id=6, kind="learn", sku="sku-1", dismissed_at=NOW)
    Mark.objects.create(kind="unsuitable", subject="product", value="sku-2", starts_at=NOW, actor="test")
    trained, scored = train_and_score(facts)
    assert {verdict for _, verdict in trained.verdicts.values()} == {"first"}
    assert {row.task for row in TrainedModel.objects.filter(served_to=None)} == {"any", "new"}
    assert set(list_models()[0].figures) >= {"ndcg", "recall", "coverage", "members"}
    told = set(Taste.objects.values_list("member_id", flat=True))
    assert told == set(range(1, MEMBERS + 1)) - {2, 3, 5} and scored.members == len(told)
    assert set(Candidates.objects.values_list("member_id", flat=True)) == told
    shown = {sku for row in Candidates.objects.all() for sku in row.skus}
    kept_out = {"sku-2", f"sku-{ITEMS - 1}", f"sku-{ITEMS - 2}"}
    assert shown and not shown & kept_out
    everywhere = {sku for row in Popular.objects.all() for sku in row.skus}
    assert not everywhere & kept_out
    assert Popular.objects.get(pk="shop").skus
    assert Similar.objects.get(pk="never-bought").by_content
    check_evidence(rows)


def check_evidence(rows) -> None:
    bought = {}
    for member, item, day in rows:
        who = 4 if member == 3 else member
        bought.setdefault((who, f"sku-{item}"), set()).add(day)
    again = Candidates.objects.get(member_id=7, shelf="again")
    for sku, ((code, values),) in zip(again.skus, again.reasons, strict=True):
        days = bought[7, sku]
        assert code == "bought_often" and values["orders"] == len(days)
        assert values["last_on"] == (FIRST + dt.timedelta(max(days))).isoformat()
    fresh = Candidates.objects.get(member_id=7, shelf="new")
    assert not any((7, sku) in bought for sku in fresh.skus)
    named = [values["sku"] for reasons in fresh.reasons for code, values in reasons if code == "bought_with"]
    assert named and all((7, sku) in bought for sku in named)
    # What was taken out is as if it had not been bought.
    assert "sku-1" not in Candidates.objects.get(member_id=6, shelf="again").skus
    merged = Taste.objects.get(pk=4)
    assert merged.orders_count == len({day for (who, _), days in bought.items() if who == 4 for day in days})
    assert merged.basket_minor == 250


@pytest.mark.slow  # see above
def test_a_model_that_loses_is_not_swapped_in_and_what_serves_goes_on(monkeypatch):
    facts = hold(make_rows())
    training.train_models(facts=facts, now=NOW)
    before = list(TrainedModel.objects.order_by("pk").values_list("pk", "served_from", "served_to"))
    honest = training.run_trial

    def run_worse(*arguments, **named):
        """The same trial, in which every fresh model forgets what it was good at."""
        trial = honest(*arguments, **named)
        return replace(trial, tried=tuple(replace(one, values=one.values * 0.5) for one in trial.tried))

    def find_strong(row, task, dataset, trial, first):
        """The served model, as good as it was."""
        tried = trial.of(task)["personal"]
        return replace(tried, values=tried.values * 4)

    monkeypatch.setattr(training, "run_trial", run_worse)
    monkeypatch.setattr(training, "_try_served", find_strong)
    again = training.train_models(facts=facts, now=NOW + dt.timedelta(days=7))
    assert {verdict for _, verdict in again.verdicts.values()} == {"lost"}
    assert (
        list(TrainedModel.objects.order_by("pk").values_list("pk", "served_from", "served_to"))[:2] == before
    )
    assert TrainedModel.objects.filter(verdict="lost", served_from=None).count() == 2


@pytest.mark.slow  # see above
def test_a_model_that_does_not_lose_takes_over_with_its_difference():
    facts = hold(make_rows())
    training.train_models(facts=facts, now=NOW)
    training.train_models(facts=facts, now=NOW + dt.timedelta(days=7))
    serving = TrainedModel.objects.filter(served_to=None)
    assert {row.verdict for row in serving} == {"won"} and serving.count() == 2
    assert all(row.figures["gap"] == [0.0, 0.0] for row in serving), "the same purchases, the same model"
    assert TrainedModel.objects.filter(served_to=NOW + dt.timedelta(days=7)).count() == 2
    names = {row.artefact for row in serving if row.artefact}
    assert {path.name for path in get_folder().glob("*")} == names


@pytest.mark.slow  # see above
@pytest.mark.parametrize("harm", ["gone", "damaged"])
def test_a_file_that_cannot_be_read_is_said_what_was_precomputed_stays_and_the_next_training_replaces_it(
    harm,
):
    facts = hold(make_rows())
    train_and_score(facts)
    kept = list(Candidates.objects.order_by("member_id", "shelf").values_list("member_id", "shelf", "skus"))
    row = TrainedModel.objects.filter(kind="two_stage", served_to=None).first()
    if row is None:
        row = TrainedModel.objects.filter(served_to=None).first()
        TrainedModel.objects.filter(pk=row.pk).update(kind="two_stage", artefact="0" * 64 + ".model.json")
        row.refresh_from_db()
    path = get_folder() / row.artefact
    path.parent.mkdir(exist_ok=True)
    if harm == "gone":
        path.unlink(missing_ok=True)
    else:
        path.write_bytes(b"half a model")
    with pytest.raises(ModelUnreadable, match="is not in" if harm == "gone" else "is damaged"):
        scoring.score_members(facts=facts, now=NOW)
    row.refresh_from_db()
    assert (row.verdict, row.served_to) == ("failed", NOW)
    now = list(Candidates.objects.order_by("member_id", "shelf").values_list("member_id", "shelf", "skus"))
    assert now == kept
    trained, scored = train_and_score(facts, NOW + dt.timedelta(hours=1))
    assert trained.verdicts[Task(row.task)][1] == "first" and scored.members == MEMBERS


@pytest.mark.parametrize(
    "change", [{"format": 0}, {"features": ["age"]}, {"final": None}, {"final": "tree\nversion=v99\n"}]
)
def test_a_file_of_another_version_is_refused_in_a_sentence(change):
    told = {
        "format": FORMAT,
        "features": list(FEATURES),
        "source": "ease",
        "tested": "x",
        "final": "x",
    } | change
    content = json.dumps({name: value for name, value in told.items() if value is not None}).encode()
    name = hashlib.sha256(content).hexdigest() + SUFFIX
    get_folder().mkdir(exist_ok=True)
    (get_folder() / name).write_bytes(content)
    with pytest.raises(ModelUnreadable, match="written by another version"):
        read_artefact(name, source="ease")


def test_a_shop_that_is_a_week_old_gets_its_habits_and_no_comparison():
    rows = make_rows(days=8)
    facts = hold(rows)
    trained, scored = train_and_score(facts)
    assert trained.verdicts == {Task.ANY: ("personal", "first"), Task.NEW: ("personal", "first")}
    assert scored.members == count_known(rows)
    assert training.train_models(facts=facts, now=NOW).verdicts == {}
    with pytest.raises(Exception, match="too few days"):
        backtests.run_backtest(facts=facts, now=NOW)
    assert "too few days" in find_backtest().failure and find_backtest().made_at is None


@pytest.mark.slow  # every model is tried, twice
def test_where_nobody_could_be_asked_habit_serves_and_stays_and_the_other_question_is_answered():
    facts = hold([(m, 1, d) for d in range(0, DAYS, 3) for m in range(1, 41) if (m + d) % 5 == 0])
    trained = training.train_models(facts=facts, now=NOW)
    assert trained.verdicts[Task.NEW] == ("personal", "first")
    assert trained.verdicts[Task.ANY][1] == "first"
    again = training.train_models(facts=facts, now=NOW + dt.timedelta(days=7))
    assert {task: verdict for task, (_, verdict) in again.verdicts.items()} == {Task.ANY: "won"}
    told = backtests.run_backtest(facts=facts, now=NOW)
    assert set(told.winners) == {line.task for line in told.lines} == {Task.ANY}


def test_habit_serves_until_the_first_comparison_is_done_and_only_then():
    facts = hold(make_rows(days=8))
    assert training.begin_plain(facts=facts, now=NOW)
    assert {(row.kind, row.verdict) for row in TrainedModel.objects.all()} == {("personal", "first")}
    assert scoring.score_members(facts=facts, now=NOW).members > 0
    assert Popular.objects.filter(pk="shop").exists()
    before = list(TrainedModel.objects.order_by("pk").values())
    assert not training.begin_plain(facts=facts, now=NOW)
    assert list(TrainedModel.objects.order_by("pk").values()) == before


@pytest.mark.slow  # see above
def test_a_backtest_is_stored_with_its_winners_and_answers_what_was_asked():
    asked = Backtest.objects.create(asked_at=NOW)
    told = backtests.run_backtest(facts=hold(make_rows()), now=NOW)
    assert Backtest.objects.get().pk == asked.pk
    assert told == find_backtest() and told.made_at == NOW and set(told.winners) == set(Task)
    for task in Task:
        lines = {line.model: line for line in told.lines if line.task is task}
        assert lines[told.winners[task]].difference is None
        assert all(line.difference for name, line in lines.items() if name != told.winners[task])
    assert told.cut == FIRST + dt.timedelta(DAYS) - dt.timedelta(days=(told.after - told.cut).days)


KILLED = """
import sys, django
from pathlib import Path
django.setup()
from django.conf import settings
settings.DATA_DIR = Path(sys.argv[2])
from django.db import connection
connection.settings_dict.update(NAME=sys.argv[1])
from tests.recommend.test_learning_training import NOW, hold, make_rows
from regulars.recommend.operations import training
training.train_models(facts=hold(make_rows()), now=NOW)
"""


@pytest.mark.slow  # a process of its own loads Django, Arrow and LightGBM
@pytest.mark.django_db(transaction=True)
def test_a_training_that_is_killed_before_the_swap_leaves_the_old_model_serving(data_dir):
    facts = hold(make_rows(days=8))
    train_and_score(facts)
    before = list(TrainedModel.objects.order_by("pk").values())
    kept = list(Candidates.objects.order_by("member_id", "shelf").values())
    tastes = Taste.objects.count()
    told = connection.get_connection_params()
    address = make_conninfo(
        **{name: told[name] for name in ("dbname", "user", "host", "port") if name in told}
    )
    with psycopg.connect(address) as holding:
        # It can read which models serve and write its files, and waits where it would swap them.
        holding.execute("LOCK TABLE recommend_model IN SHARE MODE")
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", KILLED, told["dbname"], str(data_dir)],
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "regulars.config.settings"},
        )
        try:
            deadline = time.monotonic() + 120
            while not _is_waiting(holding):
                assert process.poll() is None and time.monotonic() < deadline
                time.sleep(0.05)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
    assert list(TrainedModel.objects.order_by("pk").values()) == before
    assert list(Candidates.objects.order_by("member_id", "shelf").values()) == kept
    deadline = time.monotonic() + 60
    while True:
        with learn_alone() as alone:
            if alone:
                break
        assert time.monotonic() < deadline, "the lock goes with the process that held it"
        time.sleep(0.05)
    assert scoring.score_members(facts=facts, now=NOW).members == tastes


def _is_waiting(holding: psycopg.Connection) -> bool:
    row = holding.execute(
        "SELECT count(*) FROM pg_locks WHERE relation = 'recommend_model'::regclass AND NOT granted"
    ).fetchone()
    return bool(row and row[0])
