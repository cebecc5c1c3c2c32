"""Postings in bulk: rows that are copied in and applied at once, and the sweep of what is due."""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from multiprocessing import get_context

from bench.bench_ledger.clients import NOW
from bench.bench_ledger.house import connect
from bench.pgbench import Server
from regulars.ledger.operations.sweeps import LOTS_PER_SWEEP

ROWS_A_COPY = 5_000
_STAGING = """
    CREATE TEMPORARY TABLE staging (
        member bigint, currency text, amount bigint, occurred_at timestamptz, key text, hash uuid,
        expires_at timestamptz, activates_at timestamptz, awaits text, sliding boolean, version integer,
        rule text, source text)
"""
_APPLY = """
    SELECT ledger_earn_batch(
        array_agg(member), array_agg(currency), array_agg(amount), array_agg(occurred_at), array_agg(key),
        array_agg(hash), array_agg(expires_at), array_agg(activates_at), array_agg(awaits),
        array_agg(sliding), array_agg(version), array_agg(rule), array_agg(source), 'bench', %s::timestamptz)
    FROM staging
"""
_SWEEP = "SELECT items, more FROM ledger_expire_due(%s::timestamptz, %s::bigint)"
_numbers = count(1)


def copy_and_apply(server: Server, processes: int, seconds: float) -> float:
    """Rows a second: COPY to a staging table and one call that posts them all, in one transaction."""
    with get_context("fork").Pool(processes) as pool:
        jobs = [(server, next(_numbers), seconds) for _ in range(processes)]
        return sum(pool.starmap(_copy_and_apply, jobs))


def _copy_and_apply(server: Server, number: int, seconds: float) -> float:
    with connect(server) as connection:
        connection.execute(_STAGING)
        done, spent = 0, 0.0
        for turn in count():
            block = _write_rows(number, turn)
            begun = time.perf_counter()
            with connection.transaction():
                connection.execute("TRUNCATE staging")
                with connection.cursor() as cursor, cursor.copy("COPY staging FROM STDIN") as copy:
                    copy.write(block)
                connection.execute(_APPLY, [NOW])
            spent += time.perf_counter() - begun
            done += ROWS_A_COPY
            if spent >= seconds:
                break
        return done / spent


def _write_rows(number: int, turn: int) -> str:
    first = 1 + number % 2 * 5_000
    return "".join(
        f"{first + (turn * 7919 + n * 31) % 4_000}\tpoints\t10\t2026-05-31\tc:{number}:{turn}:{n}\t{n:032x}\t"
        "2027-06-01\t\\N\t\\N\tf\t1\tbase\torder:1234\n"
        for n in range(ROWS_A_COPY)
    )


def expire_all(server: Server, connections: int = 2) -> float:
    """Lots a second of the sweep, 10,000 to a transaction; connections skip each other's wallets."""
    begun = time.perf_counter()
    with ThreadPoolExecutor(connections) as pool:
        items = sum(pool.map(lambda _: _expire(server), range(connections)))
    return items / (time.perf_counter() - begun)


def _expire(server: Server) -> int:
    items, more = 0, True
    with connect(server) as connection:
        while more:
            found = connection.execute(_SWEEP, [NOW, LOTS_PER_SWEEP]).fetchone()
            items, more = items + found[0], found[1]  # type: ignore[index, assignment]
    return items
