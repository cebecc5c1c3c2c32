"""The models of shelves on the real year, by the protocol of the trial: known weeks 1 to 44, asked 45 to 53.

    .venv/bin/python -m bench.bench_recommend [--only ease,models,diversity] [--picture FILE]

Items with ten buyers or more in the known weeks; A is everything a household bought afterwards, B what it had
never bought before. NDCG@10 over the households that bought any. Seeds are fixed: a second run prints the
same, except seconds. `--picture` draws what a page that shows more of the range costs. Nothing is stored.
"""

import argparse
import os
import resource
import time
from pathlib import Path
from typing import Any

KNOWN_WEEKS, LAST_WEEK = 44, 53
PARTS = ("ease", "models", "diversity")
TRIAL = {
    "recent": (0.257, 0.073),
    "personal": (0.503, 0.068),
    "ease": (0.429, 0.089),
    "als": (0.305, 0.083),
    "blend": (0.508, 0.089),
    "two_stage": (0.527, 0.103),
}
DISTANCES = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.94, 1.0, 1.2, 1.5, 2.0)


def main() -> None:
    """Print table after table, as they stand in README.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--picture", type=Path, help="where to draw the trade-off")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.config.settings")
    import django

    django.setup()
    chosen = options.only.split(",")
    dataset = read_year()
    print(f"read: {len(dataset.purchases):,} purchases, {_memory():,} MB at most so far", flush=True)
    if "ease" in chosen:
        time_ease(dataset)
    if "models" in chosen or "diversity" in chosen:
        trial = try_models(dataset, is_told="models" in chosen)
        if "diversity" in chosen:
            spread(dataset, trial, options.picture)


def read_year() -> Any:
    """The year's purchases as the demonstration reads them. A week begins on day 7 × its number."""
    import numpy as np
    import pyarrow.parquet as pq

    from regulars.demo.dataset import find_folder
    from regulars.demo.wording import name_categories, name_product
    from regulars.recommend.learning.datasets import Dataset, order_purchases
    from regulars.recommend.operations.purchases import make_items

    folder = find_folder()
    lines = pq.read_table(
        folder / "transactions.parquet", columns=["household_id", "product_id", "basket_id", "week"]
    )
    who, what, orders, weeks = (column.to_numpy() for column in lines.columns)
    products = pq.read_table(folder / "products.parquet").to_pydict()
    row_of = {number: row for row, number in enumerate(products["product_id"])}
    members, member = np.unique(who, return_inverse=True)
    skus, item = np.unique(what, return_inverse=True)
    told = [
        tuple(products[name][row_of[sku]] if sku in row_of else None for name in _COLUMNS)
        for sku in skus.tolist()
    ]
    items = make_items(
        [str(sku) for sku in skus],
        [name_product(kind, size, sku) for sku, (_, _, kind, size, _) in zip(skus, told, strict=True)],
        [brand or "" for *_, brand in told],
        [tuple(name_categories(department, category, kind)) for department, category, kind, *_ in told],
    )
    return Dataset(members, items, order_purchases(member, item, weeks * 7, orders))


_COLUMNS = ("department", "product_category", "product_type", "package_size", "brand")


def time_ease(dataset: Any) -> None:
    """EASE alone: fit, and the first ten for every household."""
    import numpy as np

    from regulars.recommend.learning.datasets import History
    from regulars.recommend.learning.models.base import fit, rank
    from regulars.recommend.learning.models.ease import Ease

    begun, worked = time.monotonic(), time.process_time()
    history = History(dataset, 7 * (KNOWN_WEEKS + 1))
    fitted = fit(Ease(), history)
    taken = time.monotonic() - begun
    rank(fitted, history, np.arange(history.shape[0]), 10)
    print(
        f"EASE of {history.shape[0]:,} × {history.shape[1]:,}"
        f" ({'dual' if fitted.weights.is_dual else 'primal'}):"
        f" fit {taken:.1f} s, with the first ten of all {time.monotonic() - begun:.1f} s,"
        f" CPU {time.process_time() - worked:.1f} s, {_memory():,} MB at most",
        flush=True,
    )


def try_models(dataset: Any, *, is_told: bool) -> Any:
    """All models by the protocol."""
    from regulars.recommend.learning.selection import choose_model
    from regulars.recommend.learning.splits import Split
    from regulars.recommend.learning.trial import TWO_STAGE, run_trial
    from regulars.recommend.types import Task

    begun, worked = time.monotonic(), time.process_time()
    split = Split(7 * (KNOWN_WEEKS + 1), 7 * (LAST_WEEK + 1))
    trial = run_trial(dataset, split, known_min=56)
    seconds, cpu = time.monotonic() - begun, time.process_time() - worked
    if not is_told:
        return trial
    for task, letter in ((Task.ANY, "A"), (Task.NEW, "B")):
        found = trial.of(task)
        choice = choose_model(list(found.values()))
        print(f"\n{letter}: {found['recent'].ndcg.members:,} households, {trial.items:,} items")
        for name, one in found.items():
            known = TRIAL.get(name)
            gap = choice.differences.get(name)
            print(
                f"  {name:<10} {one.ndcg.value:.4f} ± {one.ndcg.error:.4f}"
                f" | trial {known[task is Task.NEW] if known else '':<5}"
                f" | to {choice.winner} {f'{gap.value:+.4f} ± {gap.error:.4f}' if gap else '':<17}"
                f" | recall {one.recall.value:.4f} coverage {one.coverage:.4f}"
                f" novelty {one.novelty.value:.2f} diversity {one.diversity.value:.3f}"
                f" calibration {one.calibration.value:.3f}"
                f" | {one.seconds:.1f} s"
            )
        ratio = found[TWO_STAGE].ndcg.value / found["recent"].ndcg.value
        print(f"  two stages to what is popular lately: × {ratio:.3f}")
    print(f"\nall of it: {seconds:.0f} s, CPU {cpu:.0f} s, {_memory():,} MB at most", flush=True)
    return trial


def spread(dataset: Any, trial: Any, picture: Path | None) -> None:
    """What a page of ten that shows more of the range costs, of what was never bought."""
    import numpy as np

    from regulars.recommend.learning.datasets import History
    from regulars.recommend.learning.diversity import DEFAULT, Spread, spread_pages
    from regulars.recommend.learning.lists import POOL_SIZE
    from regulars.recommend.learning.models.twostage.features import teach
    from regulars.recommend.learning.models.twostage.ranker import TwoStage
    from regulars.recommend.learning.trial import find_truths, judge
    from regulars.recommend.types import Task

    history = History(dataset, trial.split.cut)
    truth = find_truths(history, trial.split.after)[Task.NEW]
    two = TwoStage(history, trial.rankers, teach(history))
    listed = two.list_both(truth.members, {Task.NEW: POOL_SIZE}, POOL_SIZE)[Task.NEW]
    named = {"history": history, "truth": truth, "seconds": 0.0}
    plain = judge("plain", Task.NEW, listed.items[:, :10], **named)
    print(f"\nplain: NDCG {plain.ndcg.value:.4f}, coverage {plain.coverage:.4f}")
    points = []
    for distance in DISTANCES:
        laid = spread_pages(listed.items, listed.scores, count=10, spread=Spread(DEFAULT.kept, distance))
        pages = np.take_along_axis(listed.items, laid[:, :10], axis=1)
        found = judge("spread", Task.NEW, pages, **named)
        loss = 1 - found.ndcg.value / plain.ndcg.value
        points.append((loss, found.coverage / plain.coverage, distance))
        mark = " *" if distance == DEFAULT.distance else ""
        print(
            f"  distance {distance:<4} loss {loss:7.2%}  coverage × {points[-1][1]:.2f}"
            f"  novelty {found.novelty.value:.2f}  diversity {found.diversity.value:.3f}{mark}",
            flush=True,
        )
    if picture is not None:
        picture.write_text(draw(points, DEFAULT.distance), encoding="utf-8")


def draw(points: list[tuple[float, float, float]], taken: float) -> str:
    """Coverage over what it costs; the point that is taken stands out."""
    from regulars.cli.insights_picture import Drawing

    left, top, wide, high = 72, 92, 560, 300
    drawing = Drawing("What showing more of the range costs", left + wide + 40, top + high + 72)
    drawing.text(32, 44, "What showing more of the range costs", size=20, weight=600)
    drawing.text(32, 68, "Products on anybody's first page of ten, against the ranker alone", look="soft")
    most_loss = max(0.06, *(loss for loss, *_ in points))
    most = max(times for _, times, _ in points) * 1.08

    def place(loss: float, times: float) -> tuple[float, float]:
        return left + wide * max(loss, 0) / most_loss, top + high * (1 - times / most)

    for times in range(0, int(most) + 1, 2):
        _, y = place(0, times)
        drawing.parts.append(f"<line x1='{left}' y1='{y:.1f}' x2='{left + wide}' y2='{y:.1f}' class='rule'/>")
        drawing.text(left - 10, y + 4, f"× {times}", look="soft", size=12, anchor="end")
    for percent in range(0, int(most_loss * 100) + 1):
        x, _ = place(percent / 100, 0)
        drawing.text(x, top + high + 22, f"{percent} %", look="soft", size=12, anchor="middle")
    drawing.text(left + wide, top + high + 48, "NDCG@10 lost", look="soft", size=12, anchor="end")
    path = " ".join("{:.1f},{:.1f}".format(*place(loss, times)) for loss, times, _ in points)
    drawing.parts.append(f"<polyline points='{path}' class='line'/>")
    for loss, times, distance in points:
        x, y = place(loss, times)
        radius = 6 if distance == taken else 3
        drawing.parts.append(f"<circle cx='{x:.1f}' cy='{y:.1f}' r='{radius}' class='bar'/>")
        if distance == taken:
            drawing.text(x + 12, y + 16, f"taken: × {times:.1f} for {loss:.1%}", weight=600)
    return drawing.write()


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
