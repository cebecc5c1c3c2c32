"""Churn risk: no look into the future, honest probabilities, reasons, and too little to learn from."""

import sys
from dataclasses import replace
from datetime import date, timedelta
from importlib.abc import MetaPathFinder

import ibis
import numpy as np
import pytest
from ibis.expr.types import Table
from scipy.special import expit

from regulars.analytics.codes import Unknown
from regulars.analytics.risk.estimating import (
    Learner,
    Risks,
    Yardstick,
    _explain,
    _learn,
    choose_horizon,
    choose_learner,
    estimate_risks,
)
from regulars.analytics.risk.estimating import Lesson as Rows
from regulars.analytics.risk.features import FEATURES, Cause, build_features, read_examples
from regulars.analytics.risk.knowledge import find_leaks
from regulars.analytics.risk.quality import find_auc, judge
from regulars.facts.facade import Facts
from tests.analytics.shops import FIRST, hold_orders, simulate_shop

AS_OF = FIRST + timedelta(days=7 * 40 - 1)


@pytest.fixture(scope="module")
def shop() -> Facts:
    return hold_orders(simulate_shop(400, 40, seed=11, leave_weekly=0.02), AS_OF)


@pytest.fixture(scope="module")
def risks(shop: Facts) -> Risks:
    return estimate_risks(shop)


def test_features_know_nothing_of_the_day_or_later(shop: Facts) -> None:
    assert find_leaks(build_features, shop, AS_OF - timedelta(days=70)) == frozenset()


def test_a_planted_leak_is_found(shop: Facts) -> None:
    """The negative control: how much somebody will buy, beside how much they have bought."""

    def build_leaking(facts: Facts, before: date) -> Table:
        later = facts.orders.filter(facts.orders.occurred_on >= ibis.literal(before))
        bought = later.group_by("member_id").agg(soon=later.count())
        known = build_features(facts, before).left_join(bought, "member_id").drop("member_id_right")
        return known.mutate(soon=known.soon.fill_null(0))

    assert find_leaks(build_leaking, shop, AS_OF - timedelta(days=70)) == {"soon"}


def test_what_happens_later_changes_no_example(shop: Facts) -> None:
    before = AS_OF - timedelta(days=70)
    orders = shop.orders.filter(shop.orders.occurred_on < ibis.literal(before))
    whole, known = read_examples(shop, before), read_examples(replace(shop, orders=orders), before)
    np.testing.assert_array_equal(whole.members, known.members)
    np.testing.assert_allclose(whole.features, known.features, rtol=1e-9)


@pytest.mark.slow  # eight cut-offs of 400 members are read and learnt from
def test_risks_of_a_shop_whose_truth_is_known(risks: Risks) -> None:
    """Members leave at random here: the best that can be told is how long they are silent, for them."""
    assert (risks.learner, risks.tested, risks.unknown) == (Learner.LINE, Yardstick.LATER, None)
    assert risks.everybody is not None
    assert risks.raw is not None
    assert risks.everybody.auc is not None
    assert risks.everybody.auc > 0.85
    assert risks.everybody.ece < 0.08
    assert risks.everybody.brier < 0.6 * risks.everybody.brier_base
    assert len(risks.risk) == len(risks.reasons) == len(risks.members)
    assert ((risks.risk > 0) & (risks.risk < 1)).all()


def test_the_test_was_not_learnt_from(risks: Risks) -> None:
    assert risks.tested_before == AS_OF + timedelta(days=1) - timedelta(days=56)
    assert max(risks.cut_offs) == risks.tested_before
    assert risks.active is not None
    assert risks.everybody is not None
    assert risks.active.members < risks.everybody.members


@pytest.mark.slow  # learns all over again
def test_the_same_facts_give_the_same_risks(shop: Facts, risks: Risks) -> None:
    np.testing.assert_allclose(estimate_risks(shop).risk, risks.risk, rtol=1e-9)


def test_reasons_are_the_members_own(risks: Risks) -> None:
    highest, lowest = int(np.argmax(risks.risk)), int(np.argmin(risks.risk))
    assert max(reason.effect for reason in risks.reasons[highest]) > 0.1
    assert sum(reason.effect for reason in risks.reasons[lowest]) < 0
    for reasons in risks.reasons:
        assert len(reasons) == 3
        assert {reason.code for reason in reasons} <= {cause.value for cause in Cause}
        effects = [abs(reason.effect) for reason in reasons]
        assert effects == sorted(effects, reverse=True)


@pytest.mark.slow  # six models over 6,000 rows
def test_trees_find_a_known_probability_and_say_by_what() -> None:
    rng = np.random.default_rng(2)
    features = rng.uniform(0, 10, (6000, len(FEATURES)))
    truth = expit(features[:, 0] - 6)
    silent = rng.random(6000) < truth
    scorer, calibration, outside = _learn(Rows(np.arange(6000), features, silent), Learner.TREES)
    fresh = rng.uniform(0, 10, (1500, len(FEATURES)))
    risk = calibration.apply(scorer.score(fresh))
    assert np.abs(risk - expit(fresh[:, 0] - 6)).mean() < 0.05
    assert judge(calibration.apply(outside), silent).ece < 0.02
    scores = scorer.score(fresh)
    told = _explain(fresh, scores, scorer.share(fresh), calibration)
    assert np.mean([reasons[0].code == Cause.SILENCE for reasons in told]) > 0.9
    assert told[0][0].value == pytest.approx(fresh[0, 0], abs=0.01)


class NoOpenMp(MetaPathFinder):
    """What importing LightGBM is like where the system has no libgomp, as slim images have none."""

    def find_spec(self, fullname: str, *_where: object) -> None:
        if fullname == "lightgbm":
            raise OSError("libgomp.so.1: cannot open shared object file")


def test_where_trees_cannot_be_grown_a_line_is_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that the system lacks must not cost the shop its measures."""
    assert [choose_learner(members) for members in (999, 1000)] == [Learner.LINE, Learner.TREES]
    monkeypatch.delitem(sys.modules, "lightgbm")
    monkeypatch.setattr(sys, "meta_path", [NoOpenMp(), *sys.meta_path])
    assert choose_learner(1000) is Learner.LINE
    assert "lightgbm" not in sys.modules


def test_auc_counts_pairs() -> None:
    risk, silent = np.array([0.1, 0.4, 0.4, 0.8]), np.array([False, False, True, True])
    assert find_auc(risk, silent) == pytest.approx(3.5 / 4)
    assert find_auc(risk, np.ones(4, dtype=bool)) is None


def test_the_horizon_follows_the_shop() -> None:
    assert [choose_horizon(days) for days in (None, 3, 28, 55, 400)] == [8, 4, 4, 8, 26]


def test_too_little_data_says_what_is_missing() -> None:
    assert estimate_risks(hold_orders([], FIRST)).unknown is Unknown.NO_DATA
    rows = simulate_shop(20, 40, seed=1)
    assert estimate_risks(hold_orders(rows, AS_OF)).unknown is Unknown.TOO_FEW
    young = [row for row in rows if row[1] < FIRST + timedelta(days=70)]
    answer = estimate_risks(hold_orders(young, FIRST + timedelta(days=69)))
    assert (answer.unknown, len(answer.risk)) == (Unknown.HISTORY_TOO_SHORT, 0)
