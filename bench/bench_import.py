"""The whole real year through rules, ledger and tiers, beside a bare COPY of the same rows.

    .venv/bin/python -m bench.bench_import [--data EMPTY_DIRECTORY]

Loads The Complete Journey into a data directory of its own, in this process and a second one; prints
seconds, orders a second and peak memory; then copies the very rows of orders and lines into bare tables.
"""

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path

from django.db import connection

PEER = {
    "orders": "member_id, id, external_id, occurred_at, amount, store FROM activity_order",
    "lines": "member_id, order_id, line_no, sku, quantity, amount, discount, kind FROM activity_orderline",
}


def main() -> None:
    """Load, then copy, on the same server within the same minutes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="load here and keep it; else into a temporary directory")
    given = parser.parse_args().data
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as temporary:
        directory = given or temporary
        os.environ["REGULARS_DATA"] = directory
        os.environ["DJANGO_SETTINGS_MODULE"] = "regulars.config.settings"
        from regulars.postgres import facade as postgres

        with postgres.attach(Path(directory)):
            _measure()


def _measure() -> None:
    import django

    django.setup()
    from regulars.cli.migrate import install
    from regulars.demo import facade as demo
    from regulars.kit.clock import utc_now
    from regulars.ledger import facade as ledger

    begun = time.perf_counter()
    install()
    ready = time.perf_counter()
    steps: list[tuple[float, str]] = []
    report = demo.load_demo(
        now=utc_now(), on_progress=lambda step: steps.append((time.perf_counter(), step.doing))
    )
    loaded = time.perf_counter()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    other = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    proof = ledger.prove()
    proved = time.perf_counter()
    products = next(at for at, doing in steps if doing.startswith("week"))
    orders = report.totals.orders
    print(f"migrations              {ready - begun:7.1f} s")
    print(f"products and first week {products - ready:7.1f} s")
    print(
        f"whole year              {loaded - ready:7.1f} s, {memory} MB at most here, {other} MB in the other"
    )
    print(f"orders                  {orders / (loaded - ready):7.0f}/s")
    copied = _copy()
    print(f"bare COPY of the rows   {orders / copied:7.0f}/s; ours is {copied / (loaded - ready):.3f} of it")
    print(f"replay of {proof.entries} entries {proved - loaded:7.1f} s, agrees: {proof.ok}")


def _copy() -> float:
    """Seconds to COPY the rows of all orders and lines into bare tables."""
    took = 0.0
    with connection.cursor() as cursor:
        for name, columns in PEER.items():
            cursor.execute(f"CREATE TABLE peer_{name} AS SELECT {columns} WHERE false")
            with cursor.copy(f"COPY (SELECT {columns}) TO STDOUT") as source:
                rows = [bytes(block) for block in source]
            blocks = [b"".join(rows[start : start + 1000]) for start in range(0, len(rows), 1000)]
            begun = time.perf_counter()
            with cursor.copy(f"COPY peer_{name} FROM STDIN") as target:
                for block in blocks:
                    target.write(block)
            took += time.perf_counter() - begun
    return took


if __name__ == "__main__":
    main()
