"""Awards over HTTP: one web process, sixteen keep-alive clients, synchronous_commit off, as for its peer."""

import contextlib
import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

from bench.bench_ledger import table
from bench.bench_ledger.clients import through_python
from bench.bench_ledger.house import as_superuser
from bench.bench_ledger.scripts import MEMBERS
from bench.http_load import Load, Target, run_load
from bench.pgbench import Server
from bench.serving import hello_web, regulars_web
from regulars.identity.facade import Scope, issue_api_key
from regulars.kit.actor import SYSTEM
from regulars.members.facade import MemberInput, save_members
from regulars.postgres import facade as postgres
from regulars.rules.facade import publish_programme, read_example

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def measure_http(server: Server, rounds: int, requests: int) -> None:
    """The row of the table; then what the same web process can do at most, and reads."""
    secret = _make_shop()
    keyed = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    body = json.dumps({"points": 10, "reason": "Bench"}).encode()

    def gifts(port: int) -> Target:
        paths = tuple(f"/api/v1/members/{1 + n * 7919 % 4_000}/points" for n in range(4_000))
        return Target(port, "POST", paths, keyed, (body,), unique_header="Idempotency-Key")

    def reads(port: int) -> Target:
        return Target(port, "GET", tuple(f"/api/v1/members/{n}/balance" for n in range(1, 4_001)), keyed)

    def bare() -> float:
        return through_python("bare", 1, server.seconds)

    with _commits(server, "off"), regulars_web() as port, hello_web() as empty:
        run_load(gifts(port), requests=400)
        run_load(reads(port), requests=400)
        table.measure(
            *(server, "HTTP earn, one worker, to a bare psycopg loop"),
            *(lambda: _rate(gifts(port), requests), rounds, 0.50, 0.80),
            base=bare,
        )
        table.measure(
            *(server, "HTTP balance, one worker, to HTTP that does nothing"),
            *(lambda: _rate(reads(port), requests), rounds),
            base=lambda: _rate(Target(empty, "GET", ("/",), {}), requests * 2),
        )
    with regulars_web() as port:
        run_load(gifts(port), requests=400)
        table.measure(
            server, "HTTP earn, synchronous_commit on", lambda: _rate(gifts(port), requests), rounds
        )


def _rate(target: Target, requests: int) -> float:
    load: Load = run_load(target, requests=requests)
    if load.failed:
        raise SystemExit(f"{load.failed} requests failed")
    return load.per_second


def _make_shop() -> str:
    """Members whose ids are those of wallets, a programme, and a key: its secret."""
    publish_programme(actor=SYSTEM, now=NOW, text=read_example(), effective_from=NOW)
    for start in range(0, MEMBERS, 1_000):
        batch = [MemberInput(external_id=f"m{start + n}") for n in range(1_000)]
        save_members(actor=SYSTEM, now=NOW, batch=batch)
    label = f"bench {uuid.uuid4()}"
    _, secret = issue_api_key(
        actor=SYSTEM, now=NOW, label=label, scopes=[Scope.MEMBERS_READ, Scope.POINTS_GIVE]
    )
    return secret


@contextlib.contextmanager
def _commits(server: Server, how: str) -> Iterator[None]:
    """New connections of the application commit so; those of others as ever."""
    as_superuser(server, f"ALTER ROLE {postgres.ROLE} SET synchronous_commit = {how}")
    try:
        yield
    finally:
        as_superuser(server, f"ALTER ROLE {postgres.ROLE} RESET synchronous_commit")
