"""What a call for all shelves of a member costs, with 16 clients, on the real year.

    REGULARS_DATA=.data .venv/bin/python -m bench.bench_recommend_serving [--calls 4800] [--processes 2]

Needs a data directory that the demo has filled. What models have learnt is used where it is there; otherwise
rows of the same size are written once out of the orders: what each household bought most, what is popular and
they never bought, what goes with what. Clients are threads of processes that call the door itself, with a
basket in every third call: closed (each asks again at once) and paced (each looks for a second in between).
"""

import argparse
import multiprocessing
import os
import statistics
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

CLIENTS = 16
MEMBERS = 600
SHELF_DEPTH = 60
POPULAR = """
SELECT l.sku, count(DISTINCT l.member_id)::int FROM activity_orderline l
JOIN activity_order o ON o.id = l.order_id
WHERE o.occurred_at > %s AND l.sku <> '' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 400
"""
OWN = """
SELECT l.member_id, l.sku, count(*)::int FROM activity_orderline l
WHERE l.member_id = ANY(%s) AND l.sku <> '' GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2
"""


def main() -> None:
    """Fill what is missing, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=4800)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.config.settings")
    import django

    django.setup()
    from regulars.cli.startup import database

    with database():
        members, baskets, now = _prepare()
        load = os.getloadavg()[0]
        for pause in (0.0, 1.0):
            calls = options.calls if not pause else min(options.calls, 480)
            results = _run(options.processes, Work(calls // CLIENTS, pause, members, baskets, now))
            taken = sorted(ms for part, _cpu in results for ms in part)
            cpu = sum(cpu for _part, cpu in results) / len(taken) * 1000
            print(
                f"{'paced, 1 s between' if pause else 'closed'}: {len(taken)} calls, {CLIENTS} clients in "
                f"{options.processes} processes: p50 {statistics.median(taken):.1f} ms, "
                f"p99 {taken[int(len(taken) * 0.99)]:.1f} ms, {cpu:.2f} ms CPU of ours a call; "
                f"load before {load:.1f}"
            )


def _prepare() -> tuple[list[int], list[list[str]], datetime]:
    from django.db import connection, connections

    with connection.cursor() as cursor:
        cursor.execute("SELECT max(occurred_at) FROM activity_order")
        end = cursor.fetchone()[0]
        cursor.execute(
            "SELECT member_id FROM activity_order GROUP BY 1 ORDER BY count(*) DESC, 1 OFFSET 200 LIMIT %s",
            [MEMBERS],
        )
        members = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT count(*) FROM recommend_candidates WHERE member_id = ANY(%s)", [members])
        if not cursor.fetchone()[0]:
            _fill(end, members)
        cursor.execute("SELECT sku FROM recommend_similar ORDER BY md5(sku) LIMIT 60")
        skus = [row[0] for row in cursor.fetchall()]
    connections.close_all()
    baskets = [skus[at : at + 3] for at in range(0, len(skus), 3)] or [[]]
    return members, baskets, end + timedelta(hours=1)


def _fill(end: datetime, members: list[int]) -> None:
    """Rows of the size that learning leaves: each shelf sixty deep, an item with one or two reasons."""
    import random

    from django.db import connection

    from regulars.recommend.models import Candidates, Popular, Similar

    with connection.cursor() as cursor:
        cursor.execute(POPULAR, [end - timedelta(days=28)])
        popular = cursor.fetchall()
        cursor.execute(OWN, [members])
        own: dict[int, list[tuple[str, int]]] = {}
        for member_id, sku, times in cursor.fetchall():
            own.setdefault(member_id, []).append((sku, times))
    skus = [sku for sku, _buyers in popular]
    Popular.objects.get_or_create(
        scope="shop", defaults={"days": 28, "skus": skus, "buyers": [buyers for _sku, buyers in popular]}
    )
    chance = random.Random(1)
    known = {sku for bought in own.values() for sku, _times in bought[:100]}
    weights = [1 / place for place in range(1, 41)]
    Similar.objects.bulk_create(
        Similar(sku=sku, skus=chance.sample(skus, 40), weights=weights) for sku in known
    )
    rows = []
    for member_id, bought in own.items():
        again = bought[:SHELF_DEPTH]
        day = end.date().isoformat()
        often = [[["bought_often", {"orders": times, "last_on": day}]] for _sku, times in again]
        rows.append(_row(member_id, "again", end, [sku for sku, _times in again], often))
        mine = {sku for sku, _times in bought}
        fresh = [sku for sku in skus if sku not in mine]
        why = [["bought_with", {"sku": again[0][0], "name": again[0][0], "last_on": day}]]
        why.append(["popular", {"buyers": 12, "days": 28}])
        for shelf in ("new", "because", "brands", "alike"):
            some = chance.sample(fresh, min(SHELF_DEPTH, len(fresh)))
            rows.append(_row(member_id, shelf, end, some, [why for _sku in some]))
    Candidates.objects.bulk_create(rows)


def _row(member_id: int, shelf: str, end: datetime, skus: list[str], reasons: list[Any]) -> Any:
    from regulars.recommend.models import Candidates

    scores = [1 - place / SHELF_DEPTH for place in range(len(skus))]
    day = end.date() - timedelta(days=1)
    return Candidates(member_id=member_id, shelf=shelf, as_of=day, skus=skus, scores=scores, reasons=reasons)


@dataclass(frozen=True)
class Work:
    """What each client does: so many calls, with a pause after each, for these members, at that time."""

    calls: int
    pause: float
    members: list[int]
    baskets: list[list[str]]
    now: datetime


def _run(processes: int, work: Work) -> list[tuple[list[float], float]]:
    context = multiprocessing.get_context("spawn")
    shares = [(CLIENTS // processes, part, work) for part in range(processes)]
    with context.Pool(processes) as pool:
        return pool.starmap(measure, shares)


def measure(clients: int, part: int, work: Work) -> tuple[list[float], float]:
    """What each call took, milliseconds, in one process of so many threads; and its CPU seconds."""
    import django

    django.setup()
    from django.db import connections

    from regulars.recommend import facade as recommend
    from regulars.recommend.facade import Placement

    taken: list[float] = []
    ready, go = threading.Barrier(clients + 1), threading.Event()

    def ask(client: int) -> None:
        mine: list[float] = []
        for turn in range(work.calls + 20):
            number = (client * 7919 + part * 104729 + turn * 31) % len(work.members)
            basket = work.baskets[turn % len(work.baskets)] if turn % 3 == 0 else ()
            if turn == 20:
                ready.wait()
                go.wait()
                time.sleep(work.pause * client / clients)
            begun = time.perf_counter()
            recommend.list_shelves(
                member_id=work.members[number], now=work.now, placement=Placement.HOME, basket=basket
            )
            if turn >= 20:
                mine.append((time.perf_counter() - begun) * 1000)
                time.sleep(work.pause)
        taken.extend(mine)
        connections.close_all()

    def run(client: int) -> None:
        try:
            ask(client)
        except BaseException:
            # Nobody waits for one that fails.
            ready.abort()
            raise

    threads = [threading.Thread(target=run, args=(client,)) for client in range(clients)]
    for thread in threads:
        thread.start()
    ready.wait()
    cpu = time.process_time()
    go.set()
    for thread in threads:
        thread.join()
    return taken, time.process_time() - cpu


if __name__ == "__main__":
    main()
