"""The ledger with ten million journal rows: postings, reads, statements, expiry, verification, and memory.

    .venv/bin/python -m bench.bench_journal [--rows 10000000] [--seconds 3] [--rounds 3]

The rows are posted by `ledger_earn_batch`, two connections side by side, a hundred to a member; of each
member's lots ten are due, each on a day of its own, so the sweep writes one more row for each of them.
Memory is the private memory of this process and of the server's together, at its highest.
"""

import argparse
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import psutil

from bench.bench_ledger.house import connect, give, own_server, settle, tell_settings
from bench.bench_ledger.scripts import LIM_TABLES, Row, balance, earn, history, least_read, lim, pick, spend
from bench.bench_ledger.table import HEAD, measure_row
from bench.pgbench import Script, Server
from regulars.kit.actor import SYSTEM
from regulars.kit.ids import MemberId

EACH = 100
DUE = 10
MEMBERS_A_BATCH = 50
STATEMENTS = 300
READ = "{}, to SELECT 1, 4 clients"
# The smallest posting, with as many accounts and as many rows before it as ours has: caches favour neither.
LARGE = """
    CREATE TABLE large_account (id bigint PRIMARY KEY, balance bigint NOT NULL) WITH (fillfactor = 80);
    CREATE TABLE large_entry (
        id bigserial PRIMARY KEY, account bigint NOT NULL, amount bigint NOT NULL, at timestamptz NOT NULL);
    INSERT INTO large_account SELECT n, 0 FROM generate_series(1, {members}) AS n;
    INSERT INTO large_entry (account, amount, at)
        SELECT 1 + n % {members}, 5, now() FROM generate_series(1, {rows}) AS n;
    CREATE FUNCTION large_post(p_account bigint, p_amount bigint) RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE
        after bigint;
    BEGIN
        UPDATE large_account SET balance = balance + p_amount WHERE id = p_account
        RETURNING balance INTO after;
        INSERT INTO large_entry (account, amount, at) VALUES (p_account, p_amount, now());
        RETURN after;
    END;
    $$;
"""


class Memory:
    """The private memory of this process and of all server processes together, watched ten times a second."""

    def __init__(self, server: Server) -> None:
        number = int((server.cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        self._server, self._own = psutil.Process(number), psutil.Process()
        self._ended = threading.Event()
        self.most = (0, 0)

    def __enter__(self) -> "Memory":
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.1):
            server = sum(_private(process) for process in self._server.children())
            self.most = max(self.most[0], _private(self._own)), max(self.most[1], server)

    def __str__(self) -> str:
        own, server = (size / 1e6 for size in self.most)
        return f"{own:5.0f} MB in Python, {server:5.0f} MB in the server"


def _private(process: psutil.Process) -> int:
    try:
        memory = process.memory_info()
    except psutil.NoSuchProcess:
        return 0
    return int(memory.rss - memory.shared)


def main() -> None:
    """Fill, measure, sweep, verify."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=10_000_000, help="of the journal (default 10,000,000)")
    parser.add_argument("--seconds", type=float, default=3, help="of each run of pgbench (default 3)")
    parser.add_argument("--rounds", type=int, default=3, help="pairs of runs (default 3)")
    given = parser.parse_args()
    members = given.rows // EACH
    with own_server(given.seconds) as server:
        tell_settings(server)
        _timed(server, "posting in batches, two connections", lambda: _fill(server, members))
        size = _ask(server, "SELECT pg_database_size(current_database())")
        print(f"{'on disk':44}{size / 1e9:9.2f} GB, {size / given.rows:.0f} bytes a row")
        with connect(server) as connection:
            connection.execute(LARGE.format(members=members, rows=given.rows))  # type: ignore[arg-type]
            settle(connection.execute)  # type: ignore[arg-type]
        _measure_single(
            server,
            (
                Row("earn", "earn, to LIM on 10,000 accounts", Script.of(earn(1, members)), lim()),
                Row(
                    "like", "earn, to LIM as large", Script.of(earn(1, members)), _large(members), 0.60, 0.75
                ),
                Row(
                    "history",
                    READ.format("history, 20 rows"),
                    history(1, members),
                    least_read(),
                    0.28,
                    0.40,
                    4,
                ),
            ),
            given.rounds,
        )
        _measure_rooms(server, members, given.rounds)


def _large(members: int) -> Script:
    return Script.of(pick(1, members) + "SELECT large_post(:m, 5);\n")


def _fill(server: Server, members: int) -> int:
    middle = members // 2
    with connect(server) as connection:
        connection.execute(LIM_TABLES)

    def share(low: int, high: int) -> None:
        with connect(server) as own:
            for start in range(low, high + 1, 2_000):
                part = (start, min(start + 1_999, high))
                give(own.execute, part, EACH - DUE, 1_000, size=MEMBERS_A_BATCH)  # type: ignore[arg-type]
                for number in range(DUE):
                    day = f"'2026-05-{number + 10}'::timestamptz"
                    more = {"expires": day, "first": EACH + number, "size": 2_000}
                    give(own.execute, part, 1, 5, **more)  # type: ignore[arg-type]

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(share, 1, middle), pool.submit(share, middle + 1, members)]:
            done.result()
    with connect(server) as connection:
        settle(connection.execute)  # type: ignore[arg-type]
    return members * EACH


def _measure_single(server: Server, rows: Sequence[Row], rounds: int) -> None:
    print(HEAD, flush=True)
    for row in rows:
        measure_row(server, row, rounds)


def _measure_rooms(server: Server, members: int, rounds: int) -> None:
    # Django's rooms can be imported only when the server is there and Django set up.
    from bench.bench_ledger.bulk import expire_all
    from bench.bench_ledger.clients import NOW
    from regulars.ledger import facade as ledger

    def seal() -> int:
        ledger.seal_ledger(actor=SYSTEM, now=NOW)
        return _ask(server, "SELECT count(*) FROM ledger_journal")

    def statements() -> int:
        written = 0
        for number in range(STATEMENTS):
            member = MemberId(number * 7919 % members + 1)
            written += bool("".join(ledger.write_statement(member, NOW)))
        return written

    def sweep() -> int:
        before = _ask(server, "SELECT count(*) FROM ledger_open_lot")
        expire_all(server)
        return before - _ask(server, "SELECT count(*) FROM ledger_open_lot")

    def verify() -> int:
        report = ledger.prove(workers=os.cpu_count() or 1)
        if not report.ok:
            sys.exit("\n".join(map(str, report.problems)))
        return report.entries

    def total() -> int:
        totals = ledger.get_totals(NOW)
        if not totals.adds_up:
            sys.exit("the totals do not add up")
        return totals.entries

    _timed(server, "totals, adding up", total)
    _timed(server, "sealing: hash chains and a signed root", seal)
    _timed(server, "statements with proof, 100 entries each", statements)
    _timed(server, "expiry of due lots", sweep)
    _measure_single(
        server,
        (
            # After the sweep: before it, a tenth of all lots lies due, which no shop ever leaves so.
            Row("balance", READ.format("balance read"), balance(1, members), least_read(), 0.50, 0.70, 4),
            Row("spend", "spend", Script.of(spend(1, members)), lim(), 0.53, 0.70),
        ),
        rounds,
    )
    _timed(server, f"full replay, {os.cpu_count()} connections: it agrees", verify)


def _timed(server: Server, title: str, run: Callable[[], int]) -> None:
    with Memory(server) as memory:
        begun = time.perf_counter()
        done = run()
        seconds = time.perf_counter() - begun
    print(f"{title:44}{done:12,} in {seconds:7.1f} s {done / seconds:10,.0f}/s   {memory}", flush=True)


def _ask(server: Server, query: str) -> int:
    with connect(server) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[call-overload]
        return int(row[0])


if __name__ == "__main__":
    main()
