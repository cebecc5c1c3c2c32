"""Posting against the smallest conceivable posting (LIM), on one server in the same minutes.

    .venv/bin/python -m bench.bench_ledger [--seconds 3] [--rounds 5] [--only earn,spend] [--lots 200000]

LIM is one function that updates one row and inserts one, called by pgbench. Ours and LIM take turns; a ratio
is the median of the pairs' ratios, and `cpu` the same for the server's CPU time per operation, which other
work disturbs less. `floor` and `stretch` come from the trial before the ledger was designed.
fsync is on; clients are 16 unless said.
"""

import argparse
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from bench.pgbench import Script, Server, compare
from regulars.kit.ids import MemberId
from regulars.postgres import facade as postgres

MEMBERS = 10_000
NOW = datetime(2026, 6, 1, tzinfo=UTC)
WORDS = "'2026-05-31'::timestamptz"
HASH = "'00000000-0000-0000-0000-000000000000'::uuid"
KEY = "'k' || :k"

LIM_TABLES = f"""
    CREATE TABLE lim_account (id bigint PRIMARY KEY, balance bigint NOT NULL) WITH (fillfactor = 80);
    CREATE TABLE lim_entry (
        id bigserial PRIMARY KEY, account bigint NOT NULL, amount bigint NOT NULL, at timestamptz NOT NULL);
    INSERT INTO lim_account SELECT n, 0 FROM generate_series(1, {MEMBERS}) AS n;
    CREATE FUNCTION lim_post(p_account bigint, p_amount bigint) RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE
        after bigint;
    BEGIN
        UPDATE lim_account SET balance = balance + p_amount WHERE id = p_account RETURNING balance INTO after;
        INSERT INTO lim_entry (account, amount, at) VALUES (p_account, p_amount, now());
        RETURN after;
    END;
    $$;
"""


def pick(low: int, high: int, how: str = "random") -> str:
    """The pgbench lines that choose a member and a key."""
    skew = ", 1.1" if how == "random_zipfian" else ""
    return f"\\set m {how}({low}, {high}{skew})\n\\set k random(1, 1000000000000)\n"


def lim(low: int = 1, high: int = MEMBERS, how: str = "random") -> Script:
    """The smallest posting."""
    return Script.of(pick(low, high, how) + "SELECT lim_post(:m, 5);\n")


def earn(low: int, high: int, how: str = "random") -> str:
    """One award."""
    return pick(low, high, how) + (
        f"SELECT * FROM ledger_earn(:m, 'points', 10, {WORDS}, {KEY}, {HASH}, '2027-06-01'::timestamptz,"
        " NULL, NULL, false, 1, 'base', 'order-1234', 'import-demo', '2026-06-01'::timestamptz);\n"
    )


def spend(low: int, high: int, amount: int = 1, how: str = "random") -> str:
    """One spend."""
    return pick(low, high, how) + (
        f"SELECT * FROM ledger_debit('spend', 'spent', :m, 'points', {amount}, {KEY}, {HASH}, {WORDS}, 1,"
        " 'redemption-1234', '', 'member-1', '2026-06-01'::timestamptz);\n"
    )


@dataclass(frozen=True)
class Row:
    """One line of the table: what is measured against what."""

    name: str
    title: str
    ours: Script
    base: Script
    floor: float
    stretch: float
    clients: int = 16


# Members 1 … 10,000 have one lot; 20,001 … 30,000 a hundred; 40,001 … 41,000 three hundred of one point each.
HUNDRED, ONES = 20_000, 40_000
ROWS = (
    Row("earn", "earn", Script.of(earn(1, MEMBERS)), lim(), 0.60, 0.75),
    Row("spend", "spend, 1 open lot", Script.of(spend(1, MEMBERS)), lim(), 0.53, 0.70),
    Row(
        "spend100",
        "spend, 100 open lots",
        Script.of(spend(HUNDRED + 1, HUNDRED + 2_000)),
        lim(1, 2_000),
        0.53,
        0.70,
    ),
    Row("mix", "mix 80/20", Script(((earn(1, MEMBERS), 4), (spend(1, MEMBERS), 1))), lim(), 0.57, 0.70),
    Row(
        "ten",
        "spend that consumes 10 lots",
        Script.of(spend(ONES + 1, ONES + 1_000, 10)),
        lim(1, 1_000),
        0.37,
        0.50,
    ),
    Row("hot", "one hot member, to LIM on one hot row", Script.of(earn(7, 7)), lim(7, 7), 0.70, 0.95),
    Row(
        "zipf",
        "Zipf members, to LIM on the same Zipf",
        Script.of(earn(1, MEMBERS, "random_zipfian")),
        lim(how="random_zipfian"),
        0.55,
        0.70,
    ),
    Row(
        "balance",
        "balance read, to SELECT 1, 4 clients",
        Script.of(
            pick(1, MEMBERS) + "SELECT w.balance - COALESCE((SELECT sum(l.remaining) FROM ledger_open_lot l"
            " WHERE l.member_id = w.member_id AND l.currency = w.currency"
            " AND l.expires_at <= '2026-06-01'), 0)::bigint, w.pending, w.held, w.debt"
            " FROM ledger_wallet w WHERE w.currency = 'points' AND w.member_id = :m;\n"
        ),
        Script.of(pick(1, MEMBERS) + "SELECT 1;\n"),
        0.50,
        0.70,
        4,
    ),
    Row(
        "history",
        "history, 20 rows by keyset, to SELECT 1, 4 clients",
        Script.of(
            pick(HUNDRED + 1, HUNDRED + 2_000)
            + "\\set s random(30, 100)\n"
            + (
                "SELECT seq, posting, kind, debit, credit, amount, balance_after, occurred_at, expires_at,"
                " rule, source, reason, lots, lot_amounts FROM ledger_journal"
                " WHERE member_id = :m AND currency = 'points' AND seq < :s"
                " ORDER BY seq DESC LIMIT 20;\n"
            )
        ),
        Script.of(pick(1, MEMBERS) + "SELECT 1;\n"),
        0.28,
        0.40,
        4,
    ),
)


def prepare(execute: Callable[[str], object], *, lots: int, wanted: set[str]) -> None:
    """Members with one lot, with a hundred, with three hundred of one point; and lots that are due."""
    batch = (
        "SELECT ledger_earn_batch(array_agg(m), array_agg('points'::text), array_agg({amount}::bigint),"
        " array_agg('2026-05-01'::timestamptz), array_agg('start:' || n), array_agg({hash}),"
        " array_agg({expires}), array_agg(NULL::timestamptz), array_agg(NULL::text), array_agg(false),"
        " array_agg(1), array_agg('base'::text), array_agg('order:' || n), 'bench', {now})"
        " FROM (SELECT m, n FROM generate_series({low}, {high}) AS m, generate_series(1, {each}) AS n"
        " ORDER BY n, m) AS s"
    )

    def give(low: int, high: int, each: int, amount: int, expires: str = "'2027-01-01'::timestamptz") -> None:
        for start in range(low, high + 1, 500):
            filled = {"low": start, "high": min(start + 499, high), "each": each, "amount": amount}
            execute(batch.format(**filled, hash=HASH, expires=expires, now="'2026-05-01'::timestamptz"))

    execute(LIM_TABLES)
    give(1, MEMBERS, 1, 10**9)
    if wanted & {"spend100", "history"}:
        give(HUNDRED + 1, HUNDRED + 2_000, 100, 10**6)
    if "ten" in wanted:
        give(ONES + 1, ONES + 1_000, 300, 1)
    if "expiry" in wanted:
        give(1_000_001, 1_000_000 + lots, 1, 5, "'2026-05-20'::timestamptz")
    for table in ("lim_account", "ledger_wallet", "ledger_journal", "ledger_open_lot"):
        execute(f"VACUUM ANALYZE {table}")
    execute("CHECKPOINT")


# -- through Python ------------------------------------------------------------------------------------


def _commands(member_from: int, number: int, size: int) -> list[object]:
    from regulars.ledger.facade import Currency, EarnCommand

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


def _python_client(what: str, number: int, seconds: float, ready: object, results: object) -> None:
    """One process: posts until time is up, and reports how many postings a second."""
    from django.db import connection

    connection.close()
    step, size = {"batch": _batches, "earn": _earns, "spend": _spends, "bare": _bare}[what](number)
    step()
    ready.wait()  # type: ignore[attr-defined]
    begun, done = time.perf_counter(), 0
    while time.perf_counter() - begun < seconds:
        step()
        done += size
    results.put(done / (time.perf_counter() - begun))  # type: ignore[attr-defined]
    connection.close()


def _batches(number: int) -> tuple[Callable[[], object], int]:
    """A thousand awards in one call and one transaction; the commands are made while others wait for time."""
    from django.db import transaction

    from regulars.kit.actor import SYSTEM
    from regulars.ledger import facade as ledger

    prepared = [_commands(1 + number * 5_000, n, 1_000) for n in range(40)]

    def step() -> None:
        with transaction.atomic():
            ledger.earn_batch(actor=SYSTEM, now=NOW, commands=prepared.pop())

    return step, 1_000


def _earns(number: int) -> tuple[Callable[[], object], int]:
    """One award in a transaction of its own: begin, post, commit."""
    from django.db import transaction

    from regulars.kit.actor import SYSTEM
    from regulars.ledger import facade as ledger

    counter = count(10**6)

    def step() -> None:
        with transaction.atomic():
            ledger.earn(actor=SYSTEM, now=NOW, command=_commands(1 + number * 600, next(counter), 1)[0])

    return step, 1


def _spends(number: int) -> tuple[Callable[[], object], int]:
    """One spend in a transaction of its own."""
    from django.db import transaction

    from regulars.kit.actor import SYSTEM
    from regulars.ledger import facade as ledger

    counter, here = count(), f"s:{os.getpid()}"

    def step() -> None:
        n = next(counter)
        member = MemberId(1 + number * 600 + n * 7919 % 4_000)
        with transaction.atomic():
            ledger.spend(actor=SYSTEM, now=NOW, member_id=member, amount=1, key=f"{here}:{n}", source="r")

    return step, 1


def _bare(number: int) -> tuple[Callable[[], object], int]:
    """The earn's statement through psycopg alone, committing by itself: what the driver allows."""
    import psycopg
    from django.conf import settings

    from regulars.ledger.operations.calls import statement

    types = (
        "bigint text bigint timestamptz text uuid timestamptz timestamptz text boolean integer text text text"
    )
    text = statement("ledger_earn", *types.split(), "timestamptz")
    at = settings.DATABASES["default"]
    connection = psycopg.connect(
        host=at["HOST"], port=at["PORT"], user=at["USER"], dbname=at["NAME"], autocommit=True
    )
    cursor, counter = psycopg.Cursor(connection), count()
    zero, here = "0" * 32, f"p:{os.getpid()}"

    def step() -> None:
        n = next(counter)
        cursor.execute(
            text,
            (
                *(
                    str(1 + number * 600 + n * 7919 % 4_000),
                    "points",
                    "10",
                    NOW.isoformat(),
                    f"{here}:{n}",
                    zero,
                ),
                *("2027-06-01", None, None, "false", "1", "base", "order-1234", "bench", NOW.isoformat()),
            ),
            prepare=True,
        )
        cursor.fetchone()

    return step, 1


def through_python(what: str, processes: int, seconds: float) -> float:
    """Postings a second of so many Python processes together."""
    context = multiprocessing.get_context("fork")
    ready, results = context.Barrier(processes), context.Queue()
    workers = [
        context.Process(target=_python_client, args=(what, number, seconds, ready, results))
        for number in range(processes)
    ]
    for worker in workers:
        worker.start()
    rates = [results.get(timeout=seconds * 10 + 60) for _ in workers]
    for worker in workers:
        worker.join()
    return sum(rates)


def expire_all() -> float:
    """Lots a second of the sweep, in transactions of 10,000."""
    from regulars.ledger import facade as ledger

    begun, items, more = time.perf_counter(), 0, True
    while more:
        sweep = ledger.expire_due(now=NOW)
        items, more = items + sweep.items, sweep.more
    return items / (time.perf_counter() - begun)


# -- the table -----------------------------------------------------------------------------------------


def show(  # noqa: PLR0917 (the columns of the table)
    title: str, ours: str, base: str, ratio: float, cpu: str, floor: float | None, stretch: float | None
) -> None:
    """One line of the table."""
    bar = f"{floor:6.2f} {stretch:7.2f}  {'ok' if ratio >= floor else 'BELOW'}" if floor and stretch else ""
    print(f"{title:52} {ours:>9} {base:>9} {ratio:6.2f} {cpu:>5} {bar}", flush=True)


def measure(server: Server, rounds: int, wanted: set[str]) -> None:
    """All rows, one after another."""
    from django.db import connection

    print(f"{'':52} {'ours/s':>9} {'base/s':>9} {'ratio':>6} {'cpu':>5} {'floor':>6} {'stretch':>7}")
    for row in ROWS:
        if row.name in wanted:
            ours, base, ratio, cpu = compare(
                server, row.ours, row.base, clients=row.clients, base_clients=row.clients, rounds=rounds
            )
            show(row.title, f"{ours:.0f}", f"{base:.0f}", ratio, f"{cpu:.2f}", row.floor, row.stretch)
    python: Sequence[tuple[str, str, str, int, float | None, float | None]] = (
        ("batch", "earn_batch of 1,000, one Python process", "batch", 1, 2.7, 4.0),
        ("batch", "earn_batch of 1,000, two Python processes", "batch", 2, 2.7, 4.0),
        ("python", "earn, 8 processes of psycopg alone", "bare", 8, None, None),
        ("python", "earn, 8 Python processes, begin/post/commit", "earn", 8, None, None),
        ("python", "spend, 8 Python processes, begin/post/commit", "spend", 8, None, None),
    )
    for name, title, what, processes, floor, stretch in python:
        if name in wanted:
            pairs = []
            for _ in range(rounds):
                connection.close()
                pairs.append((server.run(lim(), 16)[0], through_python(what, processes, server.seconds)))
            base = statistics.median(least for least, _ in pairs)
            ours = statistics.median(rate for _, rate in pairs)
            ratio = statistics.median(rate / least for least, rate in pairs)
            show(title, f"{ours:.0f}", f"{base:.0f}", ratio, "", floor, stretch)
    if "expiry" in wanted:
        before = server.run(lim(), 16)[0]
        rate = expire_all()
        base = (before + server.run(lim(), 16)[0]) / 2
        show("expiry of due lots, one a wallet", f"{rate:.0f}", f"{base:.0f}", rate / base, "", 5.0, 8.0)


def run(directory: str, seconds: float, rounds: int, lots: int, wanted: set[str]) -> None:
    """A server of its own, with the ledger in it; and a proof at the end that all of it was exact."""
    os.environ["REGULARS_DATA"] = directory
    os.environ.pop("DATABASE_URL", None)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.config.settings")
    with postgres.attach(Path(directory)) as attachment:
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        from regulars.ledger import facade as ledger

        call_command("migrate", "ledger", verbosity=0)
        # A role that may call CHECKPOINT, so that every run begins with clean pages.
        superuser = {"host": str(attachment.socket_dir), "port": postgres.PORT, "user": postgres.SUPERUSER}
        _as_superuser(superuser, f"GRANT pg_checkpoint TO {postgres.ROLE}")
        with connection.cursor() as cursor:
            prepare(cursor.execute, lots=lots, wanted=wanted)
        server = Server(str(attachment.socket_dir), Path(directory, "postgres", "cluster"), seconds)
        measure(server, rounds, wanted)
        begun = time.perf_counter()
        report = ledger.prove()
        taken = time.perf_counter() - begun
        connection.close()
        print(f"replay of {report.entries} entries in {taken:.1f} s agrees: {report.ok}")
        if not report.ok:
            sys.exit("\n".join(map(str, report.problems)))


def _as_superuser(address: dict[str, object], statement: str) -> None:
    import psycopg

    with psycopg.connect(**address, dbname=postgres.DATABASE, autocommit=True) as connection:  # type: ignore[arg-type]
        connection.execute(statement)


def main() -> None:
    """Read the options and run."""
    names = [*(row.name for row in ROWS), "batch", "python", "expiry"]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=3, help="of each run (default 3)")
    parser.add_argument("--rounds", type=int, default=5, help="pairs of runs (default 5)")
    parser.add_argument("--lots", type=int, default=200_000, help="due lots for the sweep (default 200,000)")
    parser.add_argument("--only", default=",".join(names), help=f"some of {', '.join(names)}")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as directory:
        run(directory, given.seconds, given.rounds, given.lots, set(given.only.split(",")))


if __name__ == "__main__":
    main()
