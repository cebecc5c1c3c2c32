"""How fast the evaluator is: a year of a real shop's size, made up from a fixed seed, on one core.

    .venv/bin/python -m bench.bench_rules [--baskets 155848] [--profile]

The figure that says whether the work done per line is right is the ratio to the floor: the least that
any evaluator must do, which is to look at each line once and add up its amount.
"""

import argparse
import cProfile
import pstats
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.conf import settings

from regulars.rules.document import parse_programme
from regulars.rules.evaluation import evaluate_basket
from regulars.rules.types import Basket, BasketLine, MemberState, Programme

BASKETS = 155_848
LINES_PER_BASKET = 9.43
PRODUCTS = 30_000
SEED = 20_261_122

PROGRAMME = """
[programme]
name = "Bench"
time_zone = "Europe/Berlin"
currency = "EUR"
round_at = "{round_at}"

[expiry]
kind = "after_months"
months = 12

[[earn]]
id = "purchases"
type = "per_amount"
points = 1
per = 1.00

[[earn]]
id = "bread"
type = "multiplier"
factor = 2
match = {{ categories = ["c1", "c2"] }}

[[earn]]
id = "brand"
type = "multiplier"
factor = 1.5
match = {{ brands = ["b3"] }}

[[earn]]
id = "weekend"
type = "multiplier"
factor = 1.2
window = {{ weekdays = ["saturday", "sunday"] }}

[[earn]]
id = "eggs"
type = "per_quantity"
points = 5
match = {{ categories = ["c7"] }}
caps = [{{ scope = "member", period = "month", points = 500 }}]

[[earn]]
id = "first"
type = "bonus"
points = 100
first_purchase = true

[[earn]]
id = "big"
type = "bonus"
points = 25
basket_min = 50.00

[[earn]]
id = "gold_days"
type = "bonus"
points = 10
audience = {{ tiers = ["gold"] }}
window = {{ active_from = 2026-03-01, active_to = 2026-06-01 }}
{extra}
[tiers]
metric = "points"

[[tiers.tier]]
code = "silver"
threshold = 0

[[tiers.tier]]
code = "gold"
threshold = 1000
earn_multiplier = 1.25
"""

WHEN = """
[[earn]]
id = "evening"
type = "bonus"
points = 3
when = "basket.hour >= 18 && basket.total > 1000 && member.orders > 2"
"""

Work = list[tuple[MemberState, Basket]]


def make_work(baskets: int) -> Work:
    """Baskets of a supermarket's shape: many small ones, a long tail of products, repeated categories."""
    chance = random.Random(SEED)
    products = [
        (
            str(1_000_000 + n),
            f"b{chance.randrange(400)}",
            (f"c{chance.randrange(40)}", f"d{chance.randrange(300)}"),
        )
        for n in range(PRODUCTS)
    ]
    start = datetime(2025, 11, 20, 8, tzinfo=UTC)
    work = []
    for number in range(baskets):
        lines = []
        for line_no in range(1, 2 + int(chance.expovariate(1 / (LINES_PER_BASKET - 0.5)))):
            sku, brand, categories = products[min(int(chance.paretovariate(0.3)), PRODUCTS - 1)]
            amount = chance.randrange(50, 900)
            lines.append(
                BasketLine(line_no, sku, chance.randrange(1, 3), amount, brand=brand, categories=categories)
            )
        occurred_at = start + timedelta(minutes=number * 365 * 24 * 60 // baskets)
        state = MemberState(tier=chance.choice(("silver", "gold", None)), orders_before=number % 60)
        work.append((state, Basket(occurred_at, tuple(lines), store="1")))
    return work


def measure(run: Callable[[], object]) -> float:
    """Seconds of processor time."""
    begun = time.process_time()
    run()
    return time.process_time() - begun


def look_at_all(work: Work) -> int:
    """The floor: every line looked at once, its amount added up."""
    total = 0
    for _state, basket in work:
        for line in basket.lines:
            total += line.amount
    return total


def evaluate_all(programme: Programme, work: Work) -> int:
    """Every basket evaluated; the points given in all."""
    return sum(evaluate_basket(programme, state, basket).points_of("points") for state, basket in work)


def main() -> None:
    """Print lines per second for each way of rounding, and with a condition in CEL."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--baskets", type=int, default=BASKETS)
    parser.add_argument("--profile", choices=("line", "subtotal"), help="show where the time goes instead")
    options = parser.parse_args()
    if not settings.configured:
        settings.configure(USE_I18N=False)
    work = make_work(options.baskets)
    lines = sum(len(basket.lines) for _state, basket in work)
    print(f"{len(work):,} baskets, {lines:,} lines, seed {SEED}")
    if options.profile:
        programme = parse_programme(PROGRAMME.format(round_at=options.profile, extra=""))
        with cProfile.Profile() as profile:
            evaluate_all(programme, work)
        pstats.Stats(profile).sort_stats("tottime").print_stats(20)
        return
    floor = measure(lambda: look_at_all(work))
    print(f"floor: {floor:.2f} s")
    for title, round_at, extra in (
        ("8 rules, rounded by line", "line", ""),
        ("8 rules, rounded by subtotal", "subtotal", ""),
        ("8 rules and a condition in CEL", "line", WHEN),
    ):
        programme = parse_programme(PROGRAMME.format(round_at=round_at, extra=extra))
        seconds = measure(lambda programme=programme: evaluate_all(programme, work))
        print(
            f"{title}: {seconds:.2f} s, {lines / seconds:,.0f} lines/s, "
            f"{seconds / len(work) * 1e6:.1f} µs a basket, {seconds / floor:.0f} × the floor"
        )


if __name__ == "__main__":
    main()
