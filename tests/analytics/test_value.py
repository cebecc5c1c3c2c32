"""Customer lifetime value: the published figures, known parameters, and shops on which models break."""

from datetime import date, timedelta

import numpy as np
import pytest
from scipy.special import hyp2f1

from regulars.analytics.codes import Unknown
from regulars.analytics.value.bgnbd import BgNbd, fit_bgnbd
from regulars.analytics.value.estimating import Method, Why, estimate_values
from regulars.analytics.value.gamma_gamma import fit_gamma_gamma
from regulars.analytics.value.history import Grouped, Histories, group
from tests.analytics.shops import FIRST, find_cdnow, hold_orders, simulate_shop


@pytest.fixture(scope="module")
def cdnow() -> Histories:
    path = find_cdnow("cdnow_customers_summary_with_transactions.csv")
    rows = np.loadtxt(path, delimiter=",", skiprows=1)
    return Histories(rows[:, 0].astype(np.int64), rows[:, 1], rows[:, 2], rows[:, 3], rows[:, 4])


def test_cdnow_gives_the_published_bg_nbd(cdnow: Histories) -> None:
    model = fit_bgnbd(group(cdnow))
    found = (model.r, model.alpha, model.a, model.b)
    assert found == pytest.approx((0.243, 4.414, 0.793, 2.426), rel=0.005)
    assert model.log_likelihood == pytest.approx(-9582.4, abs=0.1)
    assert not model.at_bound
    # The worked example of the paper: x = 2, t_x = 30.43, T = 38.86, the next 39 weeks.
    one = group(Histories(*(np.array([value]) for value in (1, 2.0, 30.43, 38.86, 0.0))))
    assert model.expect_purchases(one, np.array([39.0]))[0, 0] == pytest.approx(1.226, abs=0.001)


def test_cdnow_gives_the_published_gamma_gamma(cdnow: Histories) -> None:
    again = cdnow.repeats > 0
    model = fit_gamma_gamma(cdnow.repeats[again], cdnow.average[again])
    assert (model.p, model.q, model.gamma) == pytest.approx((6.25, 3.74, 15.44), rel=0.005)


def test_purchases_agree_with_the_closed_formula(cdnow: Histories) -> None:
    of, model = group(cdnow), BgNbd(0.243, 4.414, 0.793, 2.426, 0.0)
    x, now, then = of.repeats, model.alpha + of.age, model.alpha + of.last_at
    for weeks in (1.0, 52.0):
        series = hyp2f1(model.r + x, model.b + x, model.a + model.b + x - 1, weeks / (now + weeks))
        top = (
            (model.a + model.b + x - 1)
            / (model.a - 1)
            * (1 - (now / (now + weeks)) ** (model.r + x) * series)
        )
        odds = np.where(
            x > 0, model.a / (model.b + np.maximum(x, 1) - 1) * (now / then) ** (model.r + x), 0.0
        )
        found = model.expect_purchases(of, np.array([weeks]))[:, 0]
        np.testing.assert_allclose(found, top / (1 + odds), rtol=1e-9)


def test_known_parameters_are_found_again() -> None:
    rng = np.random.default_rng(7)
    r, alpha, a, b, members = 0.8, 6.0, 0.9, 3.0, 6000
    rates, leaves = rng.gamma(r, 1 / alpha, members), rng.beta(a, b, members)
    age = rng.uniform(30, 60, members)
    repeats, last_at = np.zeros(members), np.zeros(members)
    for row in range(members):
        at = rng.exponential(1 / rates[row])
        while at < age[row]:
            repeats[row], last_at[row] = repeats[row] + 1, at
            if rng.random() < leaves[row]:
                break
            at += rng.exponential(1 / rates[row])
    model = fit_bgnbd(group(Histories(np.arange(members), repeats, last_at, age, repeats)))
    assert (model.r, model.alpha) == pytest.approx((r, alpha), rel=0.15)
    assert model.a / (model.a + model.b) == pytest.approx(a / (a + b), rel=0.15)


def test_equal_histories_are_counted_not_repeated(cdnow: Histories) -> None:
    of = group(cdnow)
    assert of.weight.sum() == len(cdnow)
    assert len(of.weight) < len(cdnow)
    np.testing.assert_array_equal(of.age[of.back], cdnow.age)
    np.testing.assert_array_equal(of.repeats[of.back], cdnow.repeats)


@pytest.mark.parametrize("repeats", [0.0, 1.0, 400.0, 5000.0])
def test_nothing_overflows_for_busy_members(repeats: float) -> None:
    of = Grouped(
        np.array([repeats]),
        np.array([100.0 * (repeats > 0)]),
        np.array([104.0]),
        np.ones(1),
        np.zeros(1, int),
    )
    for model in (BgNbd(0.2, 4.0, 1.0, 2.0, 0.0), BgNbd(1.4, 1.3, 0.01, 9000.0, 0.0)):
        alive, bought = model.find_alive(of), model.expect_purchases(of, np.array([52.0]))
        assert 0 <= alive[0] <= 1
        assert 0 <= bought[0, 0] <= (repeats + 2) * 52


def test_spend_without_a_mean_stays_finite() -> None:
    """So spread that the likeliest q lies below 1, where a search without bounds expects the infinite."""
    rng = np.random.default_rng(3)
    average = np.exp(rng.standard_cauchy(2000).clip(-8, 8)) * 1000
    model = fit_gamma_gamma(np.full(2000, 3.0), average)
    expected = model.expect_spend(np.full(2000, 3.0), average)
    assert model.at_bound
    assert np.isfinite(expected).all()
    assert (expected > 0).all()


@pytest.mark.slow  # 2,357 real members, and the engine starts with the first test that needs it
def test_the_model_is_used_where_it_was_better() -> None:
    """CDNOW's own purchases, of which most members never make a second."""
    rows = []
    for line in find_cdnow("CDNOW_sample.txt").read_text().splitlines():
        _, member, day, _, paid = line.split()
        on = date(int(day[:4]), int(day[4:6]), int(day[6:]))
        rows.append((int(member), on, round(float(paid) * 100)))
    found = estimate_values(hold_orders(rows, date(1998, 6, 30)))
    assert (found.method, found.why) == (Method.MODEL, Why.MODEL_BETTER)
    assert len(found.members) == 2357
    assert all(trial.root_model < trial.root_average for trial in found.trials)
    assert np.isfinite(found.value).all()


@pytest.mark.slow  # a year of 250 members, three times asked for
def test_averages_are_used_where_the_model_was_not_better() -> None:
    """Habits that drift, as a grocery's do: what somebody did lately says more than all they ever did."""
    rng = np.random.default_rng(5)
    rows = []
    for member in range(1, 251):
        level, price = rng.gamma(2.0, 0.5), rng.lognormal(8, 0.5)
        for week in range(52):
            level *= np.exp(rng.normal(0, 0.25))
            days = 7 * week + rng.permutation(7)[: rng.poisson(min(level, 6))]
            rows += [
                (member, FIRST + timedelta(days=int(day)), int(price * rng.lognormal(0, 0.4))) for day in days
            ]
    found = estimate_values(hold_orders(rows, FIRST + timedelta(days=363)))
    assert found.method is Method.AVERAGE
    assert found.why is Why.MODEL_NOT_BETTER
    assert len(found.trials) == 2
    assert found.trials[0].root_average <= found.trials[0].root_model


def test_little_data_says_so() -> None:
    few = estimate_values(hold_orders(simulate_shop(40, 40, seed=1), FIRST + timedelta(days=279)))
    assert (few.method, few.why, few.frequency) == (Method.AVERAGE, Why.TOO_FEW, None)
    assert few.unknown is None
    nothing = estimate_values(hold_orders([], FIRST))
    assert nothing.unknown is Unknown.NO_DATA
    assert not len(nothing.members)
