"""The server that is measured, and what stands in it before anything is measured."""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import django
import psycopg

from bench.bench_ledger.scripts import DUE, HASH, HUNDRED, LIM_TABLES, MEMBERS, ONES
from bench.pgbench import Server
from regulars.postgres import facade as postgres

SHOWN = (
    *("server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_level", "shared_buffers"),
    *("huge_pages_status", "work_mem", "max_wal_size", "checkpoint_timeout", "autovacuum", "jit"),
    "data_checksums",
)
_BATCH = (
    "SELECT ledger_earn_batch(array_agg(m), array_agg('points'::text), array_agg({amount}::bigint),"
    " array_agg('2026-05-01'::timestamptz), array_agg('start:' || n), array_agg({hash}),"
    " array_agg({expires}), array_agg(NULL::timestamptz), array_agg(NULL::text), array_agg(false),"
    " array_agg(1), array_agg('base'::text), array_agg('order:' || n), 'bench', {now})"
    " FROM (SELECT m, n FROM generate_series({low}, {high}) AS m, generate_series({first}, {last}) AS n"
    " ORDER BY n, m) AS s"
)
Execute = Callable[[str], object]


@contextlib.contextmanager
def own_server(seconds: float) -> Iterator[Server]:
    """A PostgreSQL of its own in a directory that goes away, the whole schema in it, Django set up on it."""
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as directory:
        os.environ["REGULARS_DATA"] = directory
        os.environ.pop("DATABASE_URL", None)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.config.settings")
        with postgres.attach(Path(directory)) as attachment:
            django.setup()
            _migrate()
            server = Server(str(attachment.socket_dir), Path(directory, "postgres", "cluster"), seconds)
            # A role that may call CHECKPOINT, so that every run begins with clean pages.
            as_superuser(server, f"GRANT pg_checkpoint TO {postgres.ROLE}")
            yield server


def _migrate() -> None:
    # Commands can be imported only when Django is set up.
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def connect(server: Server, user: str = postgres.ROLE, **more: object) -> psycopg.Connection:
    """A connection of psycopg alone, committing by itself."""
    return psycopg.connect(
        host=server.socket,
        port=postgres.PORT,
        user=user,
        dbname=postgres.DATABASE,
        autocommit=True,
        **more,  # type: ignore[arg-type]
    )


def as_superuser(server: Server, statement: str) -> None:
    """Run one statement that the application's role may not."""
    with connect(server, postgres.SUPERUSER) as connection:
        connection.execute(statement)  # type: ignore[call-overload]


def tell_settings(server: Server) -> None:
    """What the figures were measured under."""
    with connect(server) as connection:
        told = [f"{name} {connection.execute(f'SHOW {name}').fetchone()[0]}" for name in SHOWN]  # type: ignore[call-overload, index]
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; PostgreSQL: {', '.join(told)}")


def give(
    execute: Execute,
    members: tuple[int, int],
    each: int,
    amount: int,
    *,
    expires: str = "'2027-01-01'::timestamptz",
    first: int = 1,
    size: int = 500,
) -> None:
    """So many awards to each of the members, `size` members to a batch; keys are numbered from `first`."""
    low, high = members
    for start in range(low, high + 1, size):
        filled = {"low": start, "high": min(start + size - 1, high), "first": first, "last": first + each - 1}
        execute(
            _BATCH.format(
                **filled, amount=amount, hash=HASH, expires=expires, now="'2026-05-01'::timestamptz"
            )
        )


def prepare(execute: Execute, *, lots: int, wanted: set[str]) -> None:
    """Members with one lot, with a hundred, with three hundred of one point; and lots that are due."""
    execute(LIM_TABLES)
    give(execute, (1, MEMBERS), 1, 10**9)
    if wanted & {"spend100", "history"}:
        give(execute, (HUNDRED + 1, HUNDRED + 2_000), 100, 10**6)
    if "ten" in wanted:
        give(execute, (ONES + 1, ONES + 2_000), 300, 1)
    if "expiry" in wanted:
        give(execute, (DUE + 1, DUE + lots), 1, 5, expires="'2026-05-20'::timestamptz", size=10_000)
    settle(execute)


def settle(execute: Execute) -> None:
    """True statistics and clean pages."""
    for table in ("lim_account", "ledger_wallet", "ledger_journal", "ledger_open_lot"):
        execute(f"VACUUM ANALYZE {table}")
    execute("CHECKPOINT")
