"""Postings through Python: through the ledger's door, and through psycopg alone."""

import multiprocessing
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

import psycopg
from django.conf import settings
from django.db import connection, transaction

from regulars.kit.actor import SYSTEM
from regulars.kit.ids import MemberId
from regulars.kit.statements import Lookup
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Currency, EarnCommand
from regulars.ledger.operations.calls import statement

NOW = datetime(2026, 6, 1, tzinfo=UTC)
BATCHES_A_SECOND_MAX = 50
Step = Callable[[], object]

_TYPES = (
    "bigint text bigint timestamptz text uuid timestamptz timestamptz text boolean integer text text text"
)
EARN = statement("ledger_earn", *_TYPES.split(), "timestamptz")


class Exhausted(Exception):
    """What was prepared is used up: the clock stops here."""


def commands(member_from: int, number: int, size: int) -> list[EarnCommand]:
    """Awards to four thousand members in turn."""
    return [
        EarnCommand(
            MemberId(member_from + (number * 7919 + n * 31) % 4_000),
            Currency.POINTS,
            10,
            NOW,
            f"b:{os.getpid()}:{number}:{n}",
            NOW + timedelta(days=365),
            rule="base",
            source="order:1234",
        )
        for n in range(size)
    ]


def _batches(number: int, seconds: float) -> tuple[Step, int]:
    """A thousand awards in one call and one transaction; the commands are made while the clock stands."""
    prepared = [
        commands(1 + number * 5_000, n, 1_000) for n in range(round(BATCHES_A_SECOND_MAX * seconds) + 2)
    ]

    def step() -> None:
        if not prepared:
            raise Exhausted
        with transaction.atomic():
            ledger.earn_batch(actor=SYSTEM, now=NOW, commands=prepared.pop())

    return step, 1_000


def _earns(number: int, _seconds: float) -> tuple[Step, int]:
    """One award in a transaction of its own: begin, post, commit."""
    counter = count(10**6)

    def step() -> None:
        with transaction.atomic():
            ledger.earn(actor=SYSTEM, now=NOW, command=commands(1 + number * 600, next(counter), 1)[0])

    return step, 1


def _gifts(number: int, _seconds: float) -> tuple[Step, int]:
    """One award as a statement that commits by itself."""
    counter = count(10**6)

    def step() -> None:
        n = next(counter)
        holder = Lookup("SELECT %s::bigint", str(1 + number * 600 + n * 7919 % 4_000))
        key = f"g:{os.getpid()}:{n}"
        ledger.give_points(actor=SYSTEM, now=NOW, holder=holder, amount=10, key=key, reason="r", asked=(10,))

    return step, 1


def _spends(number: int, _seconds: float) -> tuple[Step, int]:
    """One spend in a transaction of its own."""
    counter, here = count(), f"s:{os.getpid()}"

    def step() -> None:
        n = next(counter)
        member = MemberId(1 + number * 600 + n * 7919 % 4_000)
        with transaction.atomic():
            ledger.spend(actor=SYSTEM, now=NOW, member_id=member, amount=1, key=f"{here}:{n}", source="r")

    return step, 1


def _bare(number: int, _seconds: float) -> tuple[Step, int]:
    """The earn's statement through psycopg alone, committing by itself: what the driver allows."""
    at = settings.DATABASES["default"]
    bare = psycopg.connect(
        host=at["HOST"], port=at["PORT"], user=at["USER"], dbname=at["NAME"], autocommit=True
    )
    cursor, counter = psycopg.Cursor(bare), count()
    zero, here, now = "0" * 32, f"p:{os.getpid()}", NOW.isoformat()

    def step() -> None:
        n = next(counter)
        member = str(1 + number * 600 + n * 7919 % 4_000)
        values = (
            *(member, "points", "10", now, f"{here}:{n}", zero, "2027-06-01", None, None, "false", "1"),
            *("base", "order-1234", "bench", now),
        )
        cursor.execute(EARN, values, prepare=True)
        cursor.fetchone()

    return step, 1


_MAKERS = {"batch": _batches, "earn": _earns, "give": _gifts, "spend": _spends, "bare": _bare}


def _client(what: str, number: int, seconds: float, ready: Barrier, results: "Queue[float]") -> None:
    """One process: posts until time is up, and reports how many postings a second."""
    connection.close()
    step, size = _MAKERS[what](number, seconds)
    step()
    ready.wait()
    begun, done = time.perf_counter(), 0
    try:
        while time.perf_counter() - begun < seconds:
            step()
            done += size
    except Exhausted:
        pass
    results.put(done / (time.perf_counter() - begun))
    connection.close()


def through_python(what: str, processes: int, seconds: float) -> float:
    """Postings a second of so many Python processes together."""
    connection.close()  # a connection must not be shared by those that are forked
    context = multiprocessing.get_context("fork")
    ready, results = context.Barrier(processes), context.Queue()
    workers = [
        context.Process(target=_client, args=(what, number, seconds, ready, results))
        for number in range(processes)
    ]
    for worker in workers:
        worker.start()
    rates: list[float] = [results.get(timeout=seconds * 10 + 60) for _ in workers]
    for worker in workers:
        worker.join()
    return sum(rates)
