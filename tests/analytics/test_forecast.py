"""Liability and breakage: what the ledger's lots say, known truths, and the coverage promised."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
import pyarrow as pa
import pytest

from regulars.analytics.codes import Measure, Unknown
from regulars.analytics.forecast.backtest import Quantity, run_backtest, sum_up
from regulars.analytics.forecast.calibrating import find_factor, learn_correction
from regulars.analytics.forecast.estimating import forecast_points
from regulars.analytics.forecast.flows import NEVER, Cause, read_flows
from regulars.analytics.forecast.hazards import fit_rates
from regulars.analytics.forecast.paths import foresee
from regulars.facts.facade import Facts, facts_from_arrow
from tests.analytics.shops import FIRST, simulate_flows

MONDAY = FIRST


def hold_entries(entries: list[dict[str, object]], as_of: date) -> Facts:
    """A ledger of entries, each given by what matters of it."""
    rows = []
    for entry in entries:
        day = entry["day"]
        assert isinstance(day, date)
        at = datetime.combine(day, time(12))
        row = {"member_id": 1, "currency": "points", "balance_after": 0, "rule": "", "lots": None}
        row |= {"lot_amounts": None, "refers_to": None, "expires_at": None, "activates_at": None}
        row |= {"programme_version": None, "occurred_at": at, "occurred_on": day, "recorded_at": at}
        rows.append(row | {name: value for name, value in entry.items() if name != "day"})
    lists, instant = pa.list_(pa.int64()), pa.timestamp("us")
    types = {"lots": lists, "lot_amounts": lists, "expires_at": instant, "activates_at": instant}
    types |= {"refers_to": pa.int64(), "programme_version": pa.int64()}
    columns = {name: pa.array([row[name] for row in rows], types.get(name)) for name in rows[0]}
    return facts_from_arrow({"ledger": pa.table(columns)}, as_of)


def entry(seq: int, day: int, kind: str, sides: str, amount: int, **more: object) -> dict[str, object]:
    debit, credit = sides.split(">")
    on = MONDAY + timedelta(days=day)
    return {"seq": seq, "day": on, "kind": kind, "debit": debit, "credit": credit, "amount": amount} | more


def at(day: int) -> datetime:
    return datetime.combine(MONDAY + timedelta(days=day), time(12))


@pytest.mark.slow  # the engine starts with the first test that needs it
def test_every_movement_finds_its_lot() -> None:
    entries = [
        entry(1, 0, "earn", "issued>active", 100, expires_at=at(365)),
        entry(2, 1, "earn", "issued>pending", 50, expires_at=at(99)),
        entry(3, 8, "activate", "pending>active", 50, refers_to=2, expires_at=at(28)),
        entry(4, 9, "spend", "active>spent", 60, lots=[1], lot_amounts=[60]),
        entry(5, 15, "refund", "spent>active", 20, lots=[1], lot_amounts=[20]),
        entry(6, 16, "hold", "active>held", 10, lots=[1], lot_amounts=[10]),
        entry(7, 17, "capture", "held>spent", 10, lots=[1], lot_amounts=[10], refers_to=6),
        entry(8, 28, "expire", "active>expired", 50, lots=[2], lot_amounts=[50]),
        entry(9, 29, "reverse", "active>reversed", 5, lots=[1], lot_amounts=[5], refers_to=1),
        entry(10, 30, "adjust", "adjusted>active", 7),
        entry(11, 30, "earn", "issued>active", 999, currency="qualifying_points"),
    ]
    flows = read_flows(hold_entries(entries, MONDAY + timedelta(days=34)))
    assert flows is not None
    assert (flows.weeks, flows.origin, flows.outstanding) == (5, MONDAY, 100 + 50 - 60 + 20 - 10 - 50 - 5 + 7)
    given = dict(
        zip(zip(flows.opened_week, flows.opened_expiry, strict=True), flows.opened_amount, strict=True)
    )
    assert given == {(0, 52): 100, (0, 4): 50, (4, NEVER): 7}
    assert flows.sum_gone(Cause.SPENT)[0].tolist() == [0, 60, -10, 0, 0]
    assert flows.sum_gone(Cause.EXPIRED)[0].tolist() == [0, 0, 0, 0, 50]
    assert flows.sum_gone(Cause.WITHDRAWN)[0].tolist() == [0, 0, 0, 0, 5]


def test_rates_and_breakage_that_are_known() -> None:
    flows = simulate_flows(1, weeks=60)
    rates = fit_rates(flows, 30)
    assert rates.spent[:20].mean() == pytest.approx(0.02, rel=0.1)
    never = foresee(flows).never
    # What is left after the half week of the gift and nineteen more: the expiry comes with the twentieth.
    truth = (1 - 0.02) ** 19.5
    assert np.quantile(never, 0.025) < truth < np.quantile(never, 0.975)
    assert np.median(never) == pytest.approx(truth, abs=0.03)


@pytest.mark.slow  # 200 forecasts of 400 paths
def test_intervals_cover_what_they_promise() -> None:
    """Over 40 shops that have nothing to do with one another, two windows each; `bench.bench_models`
    takes 100. The bounds leave room for the chance that is in 80 windows.
    """
    checks = [
        check
        for seed in range(40)
        for check in run_backtest(simulate_flows(seed, weeks=36), cut_offs_max=5)
        if check.cut_off + check.horizon == 36
    ]
    for quantity in Quantity:
        low, high = sum_up(tuple(checks), quantity)
        assert (low.nominal, high.nominal) == (0.80, 0.95)
        assert low.covered / low.windows >= 0.72
        assert high.covered / high.windows >= 0.89
        assert low.width < 0.6


@dataclass(frozen=True)
class Window:
    """A window that came so far from the middle of both intervals, in their halves."""

    cut_off: int
    horizon: int
    came: float

    def score(self, _number: int) -> float:
        return self.came


def test_long_intervals_are_corrected_by_as_much_as_is_known() -> None:
    def find(horizon: int, came: list[float]) -> float:
        return find_factor([Window(13 + n, horizon, one) for n, one in enumerate(came)], 0, 0.8)

    assert find(8, [0.1] * 30) == 1, "short ones are as they are"
    assert find(26, [0.5] * 2) == 1, "two windows say nothing"
    few, many = find(26, [0.5] * 4), find(26, [0.5] * 200)
    assert 0.5 < many < 0.65 < few < 1, "what overlaps witnesses little"
    assert find(26, [1.5] * 40) > 1, "too narrow ones are widened"


def test_corrected_intervals_lie_in_one_another() -> None:
    windows = [Window(13 + n, horizon, 0.2) for horizon in (4, 13, 26) for n in range(30)]
    correction = learn_correction(windows, (0.8, 0.95))
    assert correction.weeks == (13, 26)
    assert correction.at(4) == correction.at(8) == (1.0, 1.0)
    assert 1 > correction.at(10)[0] > correction.at(13)[0]
    assert correction.at(26) == correction.at(52)
    (low, lower), (high, higher) = correction.stretch(52, 100.0, (90.0, 89.0), (110.0, 150.0))
    assert lower <= low < 100 < high <= higher
    assert learn_correction([], (0.8, 0.95)).stretch(52, 5.0, (4.0, 3.0), (6.0, 7.0)) == (
        (4.0, 3.0),
        (6.0, 7.0),
    )


def test_a_back_test_knows_only_what_was_over_by_then() -> None:
    """The windows of the first weeks ahead have nothing to be corrected by, however many there are later."""
    checks = run_backtest(simulate_flows(5, weeks=36, rate=0.03))
    for number, coverage in enumerate(sum_up(checks, Quantity.LIABILITY, 13)):
        mine = [check for check in checks if check.quantity is Quantity.LIABILITY and check.horizon == 13]
        assert [check.cut_off for check in mine] == list(range(13, 24)), "none is over before another begins"
        assert coverage.covered == coverage.uncorrected == sum(check.score(number) <= 1 for check in mine)


def test_what_comes_later_changes_no_forecast() -> None:
    """The back-test would praise itself for knowing what it is asked."""
    flows = simulate_flows(3)
    early = flows.until(20)
    np.testing.assert_array_equal(
        foresee(early, weeks=8, whole_life=False).outstanding,
        foresee(flows.until(30).until(20), weeks=8, whole_life=False).outstanding,
    )
    assert early.gone_week.max() < 20
    assert early.outstanding > 0


def test_forecasts_of_a_ledger() -> None:
    rng = np.random.default_rng(4)
    entries, seq, balance = [], 0, []
    for week in range(30):
        for _ in range(20):
            seq += 1
            entries.append(entry(seq, 7 * week, "earn", "issued>active", 100, expires_at=at(7 * week + 84)))
            balance.append(seq)
        for _ in range(int(rng.integers(2, 5))):
            seq += 1
            lot = balance.pop(0)
            entries.append(
                entry(seq, 7 * week + 3, "spend", "active>spent", 100, lots=[lot], lot_amounts=[100])
            )
        lapsed = [lot for lot in balance if lot < seq - 12 * 23]
        if lapsed:
            seq += 1
            sides, amounts = "active>expired", [100] * len(lapsed)
            entries.append(
                entry(seq, 7 * week + 5, "expire", sides, sum(amounts), lots=lapsed, lot_amounts=amounts)
            )
            balance = balance[len(lapsed) :]
    outlook = forecast_points(hold_entries(entries, MONDAY + timedelta(days=209)))
    assert outlook.unknown is None
    assert outlook.outstanding == 100 * len(balance)
    assert [(f.measure, f.nominal) for f in outlook.forecasts] == [
        (Measure.LIABILITY, 0.80),
        (Measure.LIABILITY, 0.95),
        (Measure.BREAKAGE, 0.80),
        (Measure.BREAKAGE, 0.95),
    ]
    liability, wide, breakage, _ = outlook.forecasts
    assert len(liability.points) == 12
    assert liability.points[0].period.first == MONDAY + timedelta(days=210)
    for narrow, broad in zip(liability.points, wide.points, strict=True):
        assert broad.low <= narrow.low <= narrow.middle <= narrow.high <= broad.high
    assert 0 < breakage.points[0].low < breakage.points[0].high < 1
    assert 0 < liability.covered <= liability.backtests


def test_too_little_says_what_is_missing() -> None:
    assert forecast_points(facts_from_arrow({}, MONDAY)).unknown is Unknown.NO_DATA
    young = [entry(1, 0, "earn", "issued>active", 100)]
    assert forecast_points(hold_entries(young, MONDAY)).unknown is Unknown.HISTORY_TOO_SHORT
    unspent = [entry(week, 7 * week, "earn", "issued>active", 100) for week in range(1, 30)]
    answer = forecast_points(hold_entries(unspent, MONDAY + timedelta(days=210)))
    assert answer.unknown is Unknown.TOO_FEW
    assert all(forecast.unknown and not forecast.points for forecast in answer.forecasts)
