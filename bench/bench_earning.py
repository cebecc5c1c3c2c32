"""A year of a real shop through `submit_orders`: orders, rules, ledger, tiers, awards.

    .venv/bin/python -m bench.bench_earning [--orders 155848] [--chunk 3000] [--profile]

The orders are made up from a fixed seed in the shape of The Complete Journey: 2,469 members, 155,848
baskets of 9.43 lines, some 68,000 products. The floor in the same run is a bare COPY of the same order
and order line rows into tables of the same columns and keys.
"""

import argparse
import contextlib
import cProfile
import gc
import io
import os
import pstats
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django
import psutil

ORDERS = 155_848
LINES = 9.43
MEMBERS = 2_469
PRODUCTS = 68_000
SEED = 20_261_122
END = datetime(2026, 11, 20, 22, tzinfo=UTC)
BREAD = """
[[earn]]
id = "bread"
name = "Bread days"
type = "multiplier"
factor = 2
match = { categories = ["c1", "c2"] }
"""


def set_up(data_dir: Path) -> None:
    """An empty database with the schema, on a server of its own."""
    os.environ["REGULARS_DATA"] = str(data_dir)
    os.environ["DJANGO_SETTINGS_MODULE"] = "regulars.config.settings"
    from regulars.postgres import facade as postgres  # before Django's settings name its socket

    global _attachment
    _attachment = postgres.attach(data_dir)
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def fill() -> list[int]:
    """Members, products and a programme."""
    from regulars.catalogue.facade import ProductInput, save_products
    from regulars.kit.actor import SYSTEM
    from regulars.members.facade import MemberInput, save_members
    from regulars.rules.facade import publish_programme, read_example

    start = END - timedelta(days=366)
    batch = [MemberInput(external_id=f"h{n}", joined_at=start) for n in range(MEMBERS)]
    saved = save_members(actor=SYSTEM, now=start, batch=batch)
    products = [
        ProductInput(f"{n:07d}", f"Product {n}", f"b{n % 600}", (f"c{n % 40}", f"t{n % 300}"))
        for n in range(PRODUCTS)
    ]
    for at in range(0, PRODUCTS, 10_000):
        save_products(actor=SYSTEM, now=start, batch=products[at : at + 10_000])
    publish_programme(actor=SYSTEM, now=start, text=read_example() + BREAD, effective_from=start)
    return [row.member_id for row in saved if row.member_id is not None]


def make_chunks(member_ids: list[int], orders: int, chunk: int) -> Iterator[list[Any]]:
    """Orders in order of time, each member with a share of its own of them."""
    from regulars.activity.facade import LineInput, OrderInput

    random_ = random.Random(SEED)
    weights = [random_.expovariate(1) + 0.05 for _ in member_ids]
    minutes = 365 * 24 * 60 / orders
    batch = []
    for number in range(orders):
        (member_id,) = random_.choices(member_ids, weights)
        count = min(max(int(random_.expovariate(1 / LINES) + 0.5), 1), 150)
        lines = tuple(
            LineInput(
                line_no=line,
                sku=f"{int(PRODUCTS * random_.random() ** 2.5):07d}",
                quantity=1 if random_.random() < 0.8 else 2,
                amount=int(random_.expovariate(1 / 310)),
                discount=int(random_.expovariate(1 / 50)) if random_.random() < 0.4 else 0,
            )
            for line in range(1, count + 1)
        )
        batch.append(
            OrderInput(
                external_id=f"b{30_000_000_000 + number}",
                member_id=member_id,
                occurred_at=END - timedelta(days=365) + timedelta(minutes=minutes * number),
                currency="EUR",
                lines=lines,
                store=f"s{number % 300}",
                channel="store",
            )
        )
        if len(batch) == chunk:
            yield batch
            batch = []
    if batch:
        yield batch


def copy_bare(batch: list[Any], first_id: int) -> None:
    """The floor: the same rows by COPY, with nothing asked of them."""
    from django.db import connection

    with connection.cursor() as cursor:
        with cursor.copy("COPY bare_order FROM STDIN") as copy:
            for number, order in enumerate(batch, start=first_id):
                amount = sum(line.amount for line in order.lines)
                copy.write_row(
                    (number, order.member_id, order.external_id, order.occurred_at, amount, order.store)
                )
        with cursor.copy("COPY bare_line FROM STDIN") as copy:
            for number, order in enumerate(batch, start=first_id):
                for line in order.lines:
                    copy.write_row(
                        (
                            order.member_id,
                            number,
                            line.line_no,
                            line.quantity,
                            line.amount,
                            line.discount,
                            line.sku,
                        )
                    )


BARE = """
CREATE TABLE bare_order (
    id bigint PRIMARY KEY, member_id bigint, external_id text UNIQUE, occurred_at timestamptz,
    amount bigint, store text
);
CREATE TABLE bare_line (
    member_id bigint, order_id bigint, line_no int, quantity int, amount bigint, discount bigint, sku text,
    PRIMARY KEY (member_id, order_id, line_no)
)
"""


class Clock:
    """Seconds by step, in all and in this process: wraps the functions that the steps are made of."""

    def __init__(self, backend: psutil.Process) -> None:
        self.backend = backend
        self.seconds: dict[str, tuple[float, float, float]] = {}

    def read(self) -> tuple[float, float, float]:
        """Now, by the wall, by this process and by the backend that works for it."""
        return time.perf_counter(), time.process_time(), sum(self.backend.cpu_times()[:2])

    def wrap(self, owner: Any, name: str, label: str) -> None:
        """Put a clock on a function where others look it up."""
        setattr(owner, name, self.timed(label, getattr(owner, name)))

    def timed(self, label: str, inner: Callable[..., Any]) -> Callable[..., Any]:
        """The function with a clock on it."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            began = self.read()
            try:
                return inner(*args, **kwargs)
            finally:
                known = self.seconds.get(label, (0.0, 0.0, 0.0))
                wall, own, server = (k + b - a for k, a, b in zip(known, began, self.read(), strict=True))
                self.seconds[label] = (wall, own, server)

        return timed


def watch(clock: Clock) -> None:
    """Say which steps are told apart."""
    from regulars.earning.operations import awarding, orders

    clock.wrap(orders.members, "get_traits", "members: traits")
    clock.wrap(orders.activity, "record_orders", "activity: record")
    clock.wrap(orders.activity, "count_orders_before", "activity: count before")
    clock.wrap(orders.tiers, "load_standings", "tiers: load")
    clock.wrap(orders.tiers, "save_standings", "tiers: save")
    clock.wrap(orders.ledger, "lock_wallets", "ledger: lock")
    clock.wrap(orders.catalogue, "find_traits", "catalogue: products")
    clock.wrap(orders, "_list_occurrences", "earning: baskets (with products)")
    clock.wrap(awarding, "evaluate", "earning: evaluate (rules, tiers)")
    clock.wrap(awarding, "post", "earning: post (with ledger)")
    clock.wrap(awarding.ledger, "earn_batch", "ledger: earn_batch")
    clock.wrap(awarding, "keep", "earning: keep awards")
    clock.wrap(orders, "save_counters", "earning: counters")


def run(arguments: argparse.Namespace) -> None:
    """Submit the orders chunk by chunk; print what each part took."""
    from django.db import connection, transaction

    from regulars.earning import facade as earning
    from regulars.kit.actor import SYSTEM
    from regulars.ledger import facade as ledger

    member_ids = fill()
    with connection.cursor() as cursor:
        cursor.execute(BARE)
    clock = Clock(psutil.Process(connection.connection.info.backend_pid))
    watch(clock)
    submit = clock.timed("all", earning.submit_orders)
    profile = cProfile.Profile() if arguments.profile else None
    if arguments.no_gc:
        gc.disable()
    floor = 0.0
    orders = lines = refused = 0
    for batch in make_chunks(member_ids, arguments.orders, arguments.chunk):
        began = time.perf_counter()
        if not arguments.profile:
            with transaction.atomic():
                copy_bare(batch, orders)
        floor += time.perf_counter() - began
        with profile or contextlib.nullcontext():
            outcomes = submit(actor=SYSTEM, now=END, batch=batch)
        orders += len(batch)
        lines += sum(len(order.lines) for order in batch)
        refused += sum(outcome.status != "accepted" for outcome in outcomes)
        if arguments.verbose:
            print(f"{orders:8d} orders  {clock.seconds['all'][0]:6.1f} s", file=sys.stderr)
    spent, own, server = clock.seconds.pop("all")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{orders} orders, {lines} lines, {refused} not accepted, chunks of {arguments.chunk}")
    print(f"submit_orders {spent:7.1f} s   {orders / spent:8.0f} orders/s   peak {peak:.0f} MB")
    print(f"CPU           {own:7.1f} s in Python, {server:.1f} s in its PostgreSQL backend")
    if not arguments.profile:
        print(f"bare COPY     {floor:7.1f} s   {orders / floor:8.0f} orders/s   ratio {floor / spent:.3f}")
    print("  seconds by step: in all, in Python, in the backend")
    for label, (wall, own, server) in sorted(clock.seconds.items(), key=lambda item: -item[1][0]):
        print(f"  {wall:6.2f}  {own:6.2f}  {server:6.2f}  {label}")
    totals = ledger.get_totals(END)
    print(f"{totals.issued} points issued in {totals.entries} entries, adds up: {totals.adds_up}")
    if arguments.prove:
        print(f"replay equals stored: {ledger.prove().ok}")
    if profile is not None:
        out = io.StringIO()
        pstats.Stats(profile, stream=out).sort_stats("tottime").print_stats(45)
        print(out.getvalue())


def main() -> None:
    """Start a database of its own and measure on it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=ORDERS)
    parser.add_argument("--chunk", type=int, default=3_000)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--prove", action="store_true")
    parser.add_argument("--no-gc", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as directory:
        set_up(Path(directory))
        try:
            run(arguments)
        finally:
            _attachment.close()


_attachment: Any = None

if __name__ == "__main__":
    main()
