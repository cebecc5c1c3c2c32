"""The nearest peers, in the same run: hf-nostro from PyPI, and pgledger where a copy of its SQL is given.

Neither is a dependency. hf-nostro is installed into an environment of its own that goes away afterwards.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg

from bench.bench_ledger import table
from bench.bench_ledger.house import connect
from bench.bench_ledger.scripts import MEMBERS, Row, lim, pick
from bench.pgbench import Script, Server
from regulars.postgres import facade as postgres

NOSTRO = "hf-nostro[postgres]==0.2.0"
_ID = "('00000000-0000-0000-0000-' || lpad(to_hex(:m::bigint), 12, '0'))::uuid"
_NOSTRO_ACCOUNTS = f"""
    INSERT INTO nostro.account (id, tenant_id, scope_ref)
    SELECT ('00000000-0000-0000-0000-' || lpad(to_hex(n), 12, '0'))::uuid, 'bench', n::text
    FROM generate_series(1, {MEMBERS}) AS n
"""
_NOSTRO_CREDIT = (
    f"SELECT * FROM nostro.credit({_ID}, {{amount}}, 'topup', 'k' || :k, '2027-06-01', 'order-1234',"
    " '{{}}');\n"
)
_NOSTRO_DEBIT = f"SELECT * FROM nostro.debit({_ID}, 1, 'usage', 'd' || :k, 'redemption-1234', '{{}}');\n"


def compare_nostro(server: Server, rounds: int) -> None:
    """Its credit and its debit, each against LIM; or a line that says why not."""
    title = f"peer: {NOSTRO.partition('[')[0]}"
    with contextlib.ExitStack() as stack:
        try:
            python = stack.enter_context(_environment(NOSTRO))
            dsn = f"postgresql:///{postgres.DATABASE}?host={server.socket}&port={postgres.PORT}&user={postgres.ROLE}"
            _run([str(python), "-m", "nostro", "migrate", "--dsn", dsn, "--scale", "0"])
            with connect(server) as connection:
                connection.execute(_NOSTRO_ACCOUNTS)
        except (OSError, subprocess.CalledProcessError, psycopg.Error) as error:
            told = getattr(error, "stderr", None) or str(error)
            table.note(title, f"not measured: {told.strip().splitlines()[-1][:120]}")
            return
        credit = Script.of(pick(1, MEMBERS) + _NOSTRO_CREDIT.format(amount=10))
        server.run(Script.of(pick(1, MEMBERS) + _NOSTRO_CREDIT.format(amount=10**6)), 16)
        table.measure_row(server, Row("nostro", f"{title}, credit", credit, lim()), rounds)
        debit = Script.of(pick(1, MEMBERS) + _NOSTRO_DEBIT)
        table.measure_row(server, Row("nostro", f"{title}, debit", debit, lim()), rounds)


def compare_pgledger(server: Server, rounds: int) -> None:
    """Transfers from one issuer and between random accounts, where PGLEDGER_SQL names a copy of its SQL."""
    title, given = "peer: pgledger", os.environ.get("PGLEDGER_SQL")
    if not given:
        table.note(title, "not measured: PGLEDGER_SQL names no copy of its SQL")
        return
    try:
        with connect(server) as connection:
            connection.execute("CREATE SCHEMA pgledger")
            connection.execute("SET search_path = pgledger")
            connection.execute(Path(given).read_text())  # type: ignore[call-overload]
            connection.execute(
                "CREATE TABLE bench_account AS SELECT n, (pgledger_create_account('a' || n, 'points')).id"
                f" FROM generate_series(0, {MEMBERS}) AS n"
            )
            connection.execute("CREATE UNIQUE INDEX ON bench_account (n) INCLUDE (id)")
            connection.execute("VACUUM ANALYZE bench_account")
    except (OSError, psycopg.Error) as error:
        table.note(title, f"not measured: {str(error).splitlines()[0][:120]}")
        return
    for name, giver in (("one issuer", "0"), ("random accounts", ":g")):
        # Two different accounts, whichever come up.
        chosen = pick(1, MEMBERS) + f"\\set g 1 + (:m + random(0, {MEMBERS - 2})) % {MEMBERS}\n"
        transfer = (
            "SELECT pgledger.pgledger_create_transfer("
            f"(SELECT id FROM pgledger.bench_account WHERE n = {giver}),"
            " (SELECT id FROM pgledger.bench_account WHERE n = :m), '5');\n"
        )
        ours = Script.of(chosen + transfer)
        with _path_of_role(server, "pgledger, public"):
            table.measure_row(server, Row("pgledger", f"{title}, transfers from {name}", ours, lim()), rounds)


@contextlib.contextmanager
def _path_of_role(server: Server, path: str) -> Iterator[None]:
    with connect(server) as connection:
        connection.execute(f"ALTER ROLE {postgres.ROLE} SET search_path = {path}")  # type: ignore[call-overload]
        try:
            yield
        finally:
            connection.execute(f"ALTER ROLE {postgres.ROLE} RESET search_path")


@contextlib.contextmanager
def _environment(requirement: str) -> Iterator[Path]:
    """A Python of its own with one distribution in it, by uv."""
    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.exists() else shutil.which("uv")
    if uv is None:
        raise FileNotFoundError("there is no uv to make it an environment")
    with tempfile.TemporaryDirectory(prefix="regulars-peer-") as directory:
        python = Path(directory, "bin", "python")
        _run([uv, "venv", "--quiet", "--python", sys.executable, directory])
        _run([uv, "pip", "install", "--quiet", "--python", str(python), requirement])
        yield python


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=180)
