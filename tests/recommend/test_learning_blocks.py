"""Members are scored block by block: nobody's lists depend on who is scored beside them."""

import ast
from dataclasses import replace
from pathlib import Path

import ibis
import numpy as np
import pytest
from scipy.sparse import csr_matrix

from regulars.facts.facade import SparkUnreachable, facts_from_arrow
from regulars.recommend import facade as recommend
from regulars.recommend import learning
from regulars.recommend.errors import ModelUnreadable
from regulars.recommend.learning.blocks import PRIME, choose_teachers, count_blocks, mix
from regulars.recommend.learning.models.als import CONFIDENCE, PENALTY, AlsFactors, learn_factors
from regulars.recommend.learning.models.ease import learn_ease
from regulars.recommend.learning.models.first import IN_PROCESS
from regulars.recommend.learning.models.twostage import ranker
from regulars.recommend.models import Candidates, Taste, TrainedModel
from regulars.recommend.operations import scoring, training
from regulars.recommend.operations.running.there import read_job, write_job
from regulars.recommend.types import Task
from tests.facts.worlds import open_shop, sync
from tests.recommend.scoring import make_tables, read_written, serve_two_stages
from tests.recommend.test_learning_training import MEMBERS, NOW, hold, make_rows

FEW = replace(IN_PROCESS, items_max=5)


@pytest.fixture(autouse=True)
def small(settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(ranker, "ROUNDS", 10)


def hold_shop():
    tables, as_of = make_tables()
    return facts_from_arrow(tables, as_of)


def test_learning_needs_no_django_and_no_room_so_that_it_runs_on_any_machine() -> None:
    own = ("regulars.recommend.learning", "regulars.recommend.codes")
    for path in Path(learning.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [one.name for one in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                assert not name.startswith("django"), path
                assert not name.startswith("regulars") or name.startswith(own), (path, name)


def test_engines_and_numpy_hash_members_alike_and_blocks_are_level() -> None:
    numbers = np.r_[np.arange(1, 20_001), 2**31 + np.arange(5), 2**53 - np.arange(5), 10**7 * np.arange(99)]
    column = ibis.memtable({"member_id": numbers})
    told = column.select(hashed=mix(column.member_id)).to_pyarrow().column("hashed").to_numpy()
    assert told.tolist() == mix(numbers).tolist()
    assert told.min() >= 0 and told.max() < PRIME
    sizes = np.bincount(mix(np.arange(1, 20_001)) % 7)
    assert sizes.min() > 0.95 * 20_000 / 7 and sizes.max() < 1.05 * 20_000 / 7
    assert [count_blocks(members) for members in (0, 1, 5_000, 5_001, 250_000)] == [1, 1, 1, 2, 50]


def test_of_many_members_a_fixed_choice_teaches() -> None:
    numbers = np.arange(1, 1_001)
    assert choose_teachers(numbers, 1_000) is None
    below = choose_teachers(numbers, 100)
    chosen = numbers[mix(numbers) < below]
    assert len(chosen) == 100 and chosen.tolist() == numbers[mix(numbers) < below].tolist()
    with pytest.raises(ValueError, match="no others"):
        dual = learn_ease(csr_matrix(np.eye(3, 9)), np.array([1, 2, 3]), 1.0)
        dual.of(csr_matrix(np.eye(1, 9)), np.array([7])).score(np.array([0]))


@pytest.mark.slow  # learns rankers and scores four times
@pytest.mark.django_db(transaction=True)
def test_blocks_give_what_the_whole_does(monkeypatch) -> None:
    facts = hold_shop()
    serve_two_stages(facts, IN_PROCESS)
    monkeypatch.setattr(scoring, "count_blocks", lambda _: 1)
    assert scoring.score_members(facts=facts, now=NOW).members == MEMBERS
    whole = read_written()
    assert all(whole.values())
    assert any(row["reward_interest"] for row in whole["Taste"])
    assert {row["points_a_day"] is None for row in whole["Taste"]} == {True, False}
    for blocks in (3, 7):
        monkeypatch.setattr(scoring, "count_blocks", lambda _, count=blocks: count)
        scoring.score_members(facts=facts, now=NOW)
        cut = read_written()
        for name in ("Taste", "Similar", "Popular"):
            assert cut[name] == whole[name], name
        assert len(cut["Candidates"]) == len(whole["Candidates"])
        for one, other in zip(cut["Candidates"], whole["Candidates"], strict=True):
            if one["shelf"] == "again":
                assert one == other
            else:
                # First pages are laid out within a block: the same products, another order.
                assert set(one["skus"]) == set(other["skus"])


@pytest.mark.slow  # learns rankers and scores twice
@pytest.mark.django_db(transaction=True)
def test_who_does_not_teach_is_scored_all_the_same(settings, monkeypatch) -> None:
    settings.RECOMMEND_TEACHERS_MAX = 40
    monkeypatch.setattr(scoring, "count_blocks", lambda _: 3)
    facts = hold_shop()
    serve_two_stages(facts, IN_PROCESS)
    assert scoring.score_members(facts=facts, now=NOW).members == MEMBERS
    assert Taste.objects.count() == MEMBERS
    assert Candidates.objects.filter(shelf="new").count() == MEMBERS
    shown = Candidates.objects.filter(shelf="new").values_list("reasons", flat=True)
    assert sum(any(code == "bought_with" for code, _ in told[0]) for told in shown) > MEMBERS / 2


def test_als_scores_are_those_of_the_paper_and_their_reasons_add_up_to_them() -> None:
    rng = np.random.default_rng(5)
    inputs = csr_matrix(
        np.log1p((rng.random((40, 70)) < 0.2) * rng.integers(1, 9, (40, 70))), dtype=np.float32
    )
    learnt = learn_factors(inputs)
    assert learn_factors(inputs).factors.tolist() == learnt.factors.tolist(), "the same purchases, the same"
    fit = learnt.of(inputs, np.arange(40))
    scores = fit.score(np.arange(40))
    factors = learnt.factors.astype(np.float64)
    for member in range(40):
        values = inputs[member].toarray().ravel().astype(np.float64)
        sure = np.diag(1 + CONFIDENCE * values)
        own = np.linalg.solve(
            factors.T @ sure @ factors + PENALTY * np.eye(factors.shape[1]), factors.T @ sure @ (values > 0)
        )
        assert scores[member] == pytest.approx(factors @ own, abs=1e-5)
        bought, terms = fit.explain(member, np.arange(70))
        assert bought.tolist() == np.flatnonzero(values).tolist()
        assert terms.sum(axis=0) == pytest.approx(scores[member], abs=1e-5)
    alone = learnt.of(inputs[7:8], np.arange(1)).score(np.array([0]))
    assert alone[0] == pytest.approx(scores[7], abs=1e-6), "nobody depends on who is scored beside them"


@pytest.mark.slow  # a training of all models
@pytest.mark.django_db(transaction=True)
def test_als_takes_over_where_items_are_too_many_for_ease_and_an_older_ranker_is_learnt_anew(
    settings,
) -> None:
    facts = hold_shop()
    serve_two_stages(facts, IN_PROCESS)
    scoring.score_members(facts=facts, now=NOW)
    kept = read_written()
    settings.RECOMMEND_EASE_ITEMS_MAX = 5
    with pytest.raises(ModelUnreadable, match="reads scores of ease; now it is als:implicit"):
        scoring.score_members(facts=facts, now=NOW)
    TrainedModel.objects.update(kind="ease", served_to=None)
    with pytest.raises(ModelUnreadable, match="too many for ease"):
        scoring.score_members(facts=facts, now=NOW)
    assert read_written() == kept
    assert TrainedModel.objects.filter(verdict="failed").exists()
    TrainedModel.objects.all().delete()
    serve_two_stages(facts, FEW)
    trained = training.train_models(facts=facts, now=NOW)
    # What served was asked, too, over scores of ALS.
    fresh = TrainedModel.objects.exclude(figures={})
    assert len(trained.verdicts) == 2 and all("gap" in row.figures for row in fresh)
    assert scoring.score_members(facts=facts, now=NOW).members == MEMBERS
    fresh = Candidates.objects.filter(shelf="new").first()
    assert fresh.skus and any(code == "bought_with" for told in fresh.reasons for code, _ in told)


def test_models_of_a_shop_are_without_ease_where_its_items_are_too_many() -> None:
    assert list(IN_PROCESS.list_models(9)) == ["popular", "recent", "personal", "ease", "als", "blend"]
    assert list(FEW.list_models(9)) == ["popular", "recent", "personal", "als", "blend"]
    assert learn_ease(csr_matrix((0, 0), dtype=np.float32), np.arange(0), 1.0).size == 0
    assert isinstance(FEW.learn(csr_matrix(np.eye(9)), np.arange(9), 1.0), AlsFactors)
    assert FEW.settle(9).name(3) == "als:implicit" and FEW.settle(5).name(9) == "ease"


def test_a_job_is_read_without_a_copy_of_its_arrays(tmp_path) -> None:
    path = tmp_path / "one.job"
    job = {
        "rising": np.arange(1000.0),
        "other": np.asfortranarray(np.eye(3)),
        "none": np.empty(0),
        "word": "ü",
    }
    write_job(path, job)
    found = read_job(str(path))
    assert found["word"] == "ü" and all(
        (found[name] == job[name]).all() for name in ("rising", "other", "none")
    )
    assert not found["rising"].flags.writeable and found["other"].flags.f_contiguous


@pytest.mark.slow  # copies a shop's facts
@pytest.mark.django_db(transaction=True)
def test_a_master_that_nobody_answers_at_is_said_and_what_was_made_stays(settings) -> None:
    facts = hold(make_rows(days=8))
    training.begin_plain(facts=facts, now=NOW)
    scoring.score_members(facts=facts, now=NOW)
    kept = read_written()
    open_shop()
    sync()
    settings.ENGINE = "spark://127.0.0.1:9"
    with pytest.raises(SparkUnreachable, match="no Spark master answers there"):
        recommend.score_members(now=NOW)
    with pytest.raises(SparkUnreachable, match=r"REGULARS_ENGINE names spark://127\.0\.0\.1:9"):
        recommend.learn_what_is_due(now=NOW)
    assert read_written() == kept and kept["Candidates"]
    assert TrainedModel.objects.filter(served_to=None).count() == len(Task)
