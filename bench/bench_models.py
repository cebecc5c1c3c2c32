"""How good the models of insights are: on published data, the real year, and shops of known truth.

    .venv/bin/python -m bench.bench_models [--data DIR] [--only cdnow,value,risk,forecast,lifestyles,scale]

DIR is the data directory of a loaded demonstration; without it one is loaded into a temporary directory. The
facts are brought up to date first. Everything is from fixed seeds: a second run prints the same.
"""

import argparse
import dataclasses
import os
import resource
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

PARTS = ("cdnow", "value", "risk", "forecast", "lifestyles", "scale")
PUBLISHED = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
"""Fader, Hardie & Lee (2005), table 2."""
PUBLISHED_SPEND = {"p": 6.25, "q": 3.74, "gamma": 15.44}
"""Fader & Hardie (2013)."""
SHOPS = 100
YEAR = 53
"""Weeks that are known."""
MEMBERS = 1_000_000


def main() -> None:
    """Print table after table, as they stand in README.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="a loaded demonstration")
    parser.add_argument("--only", default=",".join(PARTS))
    options = parser.parse_args()
    chosen = options.only.split(",")
    os.environ["DJANGO_SETTINGS_MODULE"] = "regulars.config.settings"
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as temporary:
        directory = options.data or temporary
        os.environ["REGULARS_DATA"] = directory
        from regulars.postgres import facade as postgres

        with postgres.attach(Path(directory)):
            _measure(chosen)


def _measure(chosen: list[str]) -> None:
    import django

    django.setup()
    without: dict[str, Callable[[], None]] = {"cdnow": show_cdnow, "scale": show_scale}
    for part, show in without.items():
        if part in chosen:
            show()
    withs: dict[str, Callable[[Any], None]] = {
        "value": show_value,
        "risk": show_risk,
        "forecast": show_forecast,
        "lifestyles": show_lifestyles,
    }
    if not set(chosen) & set(withs):
        return
    from regulars.analytics.measures.basis import settle_facts
    from regulars.cli.migrate import install
    from regulars.demo import facade as demo
    from regulars.facts import facade as facts_room
    from regulars.kit.clock import utc_now

    install()
    demo.load_demo(now=utc_now())
    facts_room.sync_facts(now=utc_now())
    with facts_room.open_facts() as facts:
        settled = settle_facts(facts)
        for part, tell in withs.items():
            if part in chosen:
                begun = time.perf_counter()
                tell(settled)
                print(f"({part}: {time.perf_counter() - begun:.1f} s, peak memory so far {_memory()} MB)")


def show_cdnow() -> None:
    """The published parameters beside ours."""
    import numpy as np

    from regulars.analytics.value.bgnbd import fit_bgnbd
    from regulars.analytics.value.gamma_gamma import fit_gamma_gamma
    from regulars.analytics.value.history import Histories, group

    spec = find_spec("lifetimes")
    assert spec is not None and spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0]) / "datasets"
    rows = np.loadtxt(folder / "cdnow_customers_summary_with_transactions.csv", delimiter=",", skiprows=1)
    ids, repeats, last_at, age, average = rows.T
    frequency = fit_bgnbd(group(Histories(ids.astype(np.int64), repeats, last_at, age, average)))
    spend = fit_gamma_gamma(repeats[repeats > 0], average[repeats > 0])
    print("\nCDNOW, 2,357 customers\n\n| parameter | published | found | difference |\n|---|---|---|---|")
    for name, known in (PUBLISHED | PUBLISHED_SPEND).items():
        found = getattr(frequency if name in PUBLISHED else spend, name)
        print(f"| {name} | {known} | {found:.4f} | {found / known - 1:+.2%} |")
    print(f"| log-likelihood | −9582.4 | {frequency.log_likelihood:.1f} | |")


def show_value(facts: Any) -> None:
    """The back-test that chooses the way."""
    from regulars.analytics.value.estimating import estimate_values

    found = estimate_values(facts)
    print(f"\nValue: {found.method.value}, because {found.why.value}; window {found.window} weeks\n")
    print("| foretold | members | mean paid | error (mean absolute) | root mean square | total | better by |")
    print("|---|---|---|---|---|---|---|")
    for trial in found.trials:
        stretch = f"{trial.weeks} weeks from {trial.before}"
        print(
            f"| {stretch}, model | {trial.members} | {trial.mean_paid / 100:.2f} "
            f"| {trial.error_model / 100:.2f} | {trial.root_model / 100:.2f} "
            f"| {trial.total_model:.3f} | {trial.better_by:+.2f} s.e. |"
        )
        print(
            f"| {stretch}, mean of {trial.window} weeks | | | {trial.error_average / 100:.2f} "
            f"| {trial.root_average / 100:.2f} | {trial.total_average:.3f} | |"
        )
    print(
        f"\nExpected purchases of all in the next 52 weeks: {found.value.sum() / 100:,.0f} {found.currency}"
    )
    if len(found.alive):
        print(f"Mean P(alive): {found.alive.mean():.3f}")


def show_risk(facts: Any) -> None:
    """AUC, Brier, calibration, and what 1 − P(alive) would have done."""
    from regulars.analytics.risk.estimating import estimate_risks
    from regulars.analytics.risk.features import FEATURES, read_examples, read_labels
    from regulars.analytics.risk.quality import find_auc
    from regulars.analytics.value.estimating import fit_models
    from regulars.analytics.value.history import group
    from regulars.analytics.value.purchases import find_currency, read_past

    found = estimate_risks(facts, horizon_weeks=8)
    assert found.everybody and found.active and found.raw and found.tested_before
    examples = read_examples(facts, found.tested_before)
    silent = read_labels(facts, examples, 56)
    days = examples.features[:, list(FEATURES).index("silent_days")]
    past = read_past(facts, found.tested_before, (13,), find_currency(facts))
    frequency, _ = fit_models(past.histories)
    grouped = group(past.histories)
    dead = 1 - frequency.find_alive(grouped)[grouped.back]
    known = days <= 56
    print(f"\nRisk: silent from {found.tested_before} for 8 weeks, learnt by {found.learner} before\n")
    print(
        "| | members | silent | AUC | bar | trial | Brier | of the mean alone | ECE |"
        "\n|---|---|---|---|---|---|---|---|---|"
    )
    for name, quality, bar, trial in (
        ("all", found.everybody, 0.875, 0.887),
        ("active: bought in the 8 weeks before", found.active, 0.84, 0.858),
    ):
        print(
            f"| {name} | {quality.members} | {quality.silent} | **{quality.auc:.3f}** | {bar} | {trial} "
            f"| {quality.brier:.4f} | {quality.brier_base:.4f} | {quality.ece:.4f} |"
        )
    print(
        f"| all, before calibration | | | {found.raw.auc:.3f} | | | {found.raw.brier:.4f} "
        f"| | {found.raw.ece:.4f} |"
    )
    for name, score in (("days since the last purchase", days), ("1 − P(alive)", dead)):
        both = find_auc(score, silent), find_auc(score[known], silent[known])
        print(f"| {name} alone | | | {both[0]:.3f} (active {both[1]:.3f}) | | | | | |")
    print("\n| tenth by risk | members | foretold | happened |\n|---|---|---|---|")
    for number, one in enumerate(found.everybody.bins, start=1):
        print(f"| {number} | {one.members} | {one.foretold:.3f} | {one.happened:.3f} |")


def show_forecast(facts: Any) -> None:
    """Coverage on the past of the demonstration, and on shops that have nothing to do with one another."""
    from tests.analytics.shops import simulate_flows

    from regulars.analytics.forecast.backtest import NOMINAL, check_from, run_backtest
    from regulars.analytics.forecast.calibrating import learn_correction
    from regulars.analytics.forecast.estimating import forecast_points

    found = forecast_points(facts)
    print(f"\nForecast: {found.outstanding:,} points outstanding")
    for forecast in found.forecasts:
        for point in (forecast.points[0], forecast.points[-1]):
            print(
                f"  {forecast.measure.value} {forecast.nominal:.0%}, {point.period.first} to "
                f"{point.period.after}: {point.low:,.3f} … {point.middle:,.3f} … {point.high:,.3f}"
            )
    _show_coverage("the real year", found.checks)
    checks: dict[bool, list[Any]] = {False: [], True: []}
    for seed in range(SHOPS):
        shop = simulate_flows(1000 + seed, weeks=YEAR + 26, validity=52, wander=0.03 * (seed % 2))
        past = run_backtest(shop.until(YEAR))
        for check in check_from(shop, YEAR):
            mine = [one for one in past if one.quantity is check.quantity]
            lows, highs = learn_correction(mine, NOMINAL).stretch(
                check.horizon, check.middle, check.low, check.high
            )
            checks[False].append(check)
            checks[True].append(dataclasses.replace(check, low=lows, high=highs))
    for corrected, of in checks.items():
        how = "as forecasts are" if corrected else "uncorrected"
        _show_coverage(f"{SHOPS} simulated shops, 26 weeks that nothing had been learnt of, {how}", tuple(of))


def _show_coverage(title: str, checks: Any) -> None:
    from regulars.analytics.forecast.backtest import HORIZONS, Quantity, sum_up

    print(f"\n{title}\n")
    print(
        "| quantity | weeks ahead | windows | 80 % | 95 % | uncorrected 80 %, 95 % | error | width of 80 % |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for quantity in Quantity:
        for horizon in (*HORIZONS, None):
            both = sum_up(checks, quantity, horizon)
            if both:
                low, high = both
                shares = [low.covered, high.covered, low.uncorrected, high.uncorrected]
                first, second, third, fourth = (f"{share / low.windows:.0%}" for share in shares)
                print(
                    f"| {quantity.value} | {horizon or 'all'} | {low.windows} | {first} | {second} "
                    f"| {third}, {fourth} | {low.error:.1%} | {low.width:.1%} |"
                )


def show_lifestyles(facts: Any) -> None:
    """Themes, and how alike they come back."""
    from regulars.analytics.lifestyles.estimating import find_lifestyles

    found = find_lifestyles(facts)
    print(
        f"\nLifestyles: {len(found.members)} members, {len(found.kept_out)} sensitive categories kept out\n"
    )
    print(
        "| themes | cosine over bootstraps | weakest theme | members' first theme (Rand) "
        "| other seed (Rand) |"
    )
    print("|---|---|---|---|---|")
    for one in found.stability:
        taken = " (taken)" if one.count == len(found.themes) else ""
        print(
            f"| {one.count}{taken} | {one.themes:.3f} | {one.weakest:.3f} | {one.members:.3f} "
            f"| {one.seeds:.3f} |"
        )
    print("\n| theme | members | top categories |\n|---|---|---|")
    for theme in found.themes:
        print(f"| {theme.name} | {theme.members} | {', '.join(name for name, _ in theme.categories[:6])} |")


def show_scale() -> None:
    """BG/NBD and Gamma-Gamma over a million members."""
    import numpy as np

    from regulars.analytics.value.bgnbd import fit_bgnbd
    from regulars.analytics.value.estimating import foresee_by_model
    from regulars.analytics.value.gamma_gamma import fit_gamma_gamma, trim
    from regulars.analytics.value.history import Histories, group

    rng = np.random.default_rng(1)
    age = rng.integers(28, 366, MEMBERS) / 7
    repeats = rng.poisson(rng.gamma(0.6, 1 / 6.0, MEMBERS) * age).astype(np.float64)
    last_at = np.where(repeats > 0, np.round(age * 7 * rng.beta(np.maximum(repeats, 1), 1.5)) / 7, 0.0)
    average = rng.lognormal(8, 0.6, MEMBERS)
    histories = Histories(np.arange(MEMBERS), repeats, last_at, age, average)
    begun = time.perf_counter()
    grouped = group(histories)
    grouping = time.perf_counter()
    frequency = fit_bgnbd(grouped)
    fitted = time.perf_counter()
    spend = fit_gamma_gamma(repeats + 1, trim(average))
    spent = time.perf_counter()
    foresee_by_model(histories, frequency, spend, 52)
    done = time.perf_counter()
    print(f"\n{MEMBERS:,} members, {len(grouped.weight):,} distinct histories: ", end="")
    print(f"grouped in {grouping - begun:.1f} s, BG/NBD {fitted - grouping:.1f} s, ", end="")
    print(f"Gamma-Gamma {spent - fitted:.1f} s, value {done - spent:.1f} s; peak memory {_memory()} MB")


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
