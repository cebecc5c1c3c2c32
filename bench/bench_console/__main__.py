"""Fill the shop, or find it filled, and time every page."""

import argparse
import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django

import bench.bench_console
from bench.pgbench import Server
from regulars.postgres import facade as postgres

LIMIT_MS = 300
EMAIL = "bench@example.org"


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(
        description=bench.bench_console.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--members", type=int, default=1_000_000, help="ten journal rows each")
    parser.add_argument("--data", type=Path, help="where the shop is kept for the next run")
    parser.add_argument("--rounds", type=int, default=5, help="requests for each page (default 5)")
    parser.add_argument("--only", default="", help="part of the path: measure these pages alone")
    given = parser.parse_args()
    with _shop(given.data, given.members):
        _measure(given.rounds, given.only)


@contextlib.contextmanager
def _shop(data: Path | None, members: int) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        directory = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="regulars-bench-")))
        directory.mkdir(parents=True, exist_ok=True)
        os.environ["REGULARS_DATA"] = str(directory)
        os.environ.pop("DATABASE_URL", None)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.config.settings")
        attachment = stack.enter_context(postgres.attach(directory))
        django.setup()
        # These can be imported only when Django is set up.
        from django.core.management import call_command

        from bench.bench_console.fill import fill
        from regulars.members.models import Member

        call_command("migrate", verbosity=0)
        if not Member.objects.exists():
            print(f"filling a shop with {members:,} members", flush=True)
            fill(Server(str(attachment.socket_dir), directory / "postgres" / "cluster", 1), members)
        yield


def _measure(rounds: int, only: str) -> None:
    # As above.
    from bench.bench_console.pages import give_examples, list_paths, list_variants, measure
    from regulars.kit.clock import utc_now
    from regulars.ledger.facade import renew_reach

    # What the worker does every five minutes.
    renew_reach(now=utc_now())
    client = _sign_in(_hire())
    over = seen = 0
    print(f"{'page':72} {'median':>8} {'worst':>8} {'queries':>8} {'slowest':>8}")
    waiting = [path for path in list_paths(give_examples()) if only in path]
    known = set(waiting)
    while waiting:
        path = waiting.pop(0)
        timing, text = measure(client, path, rounds)
        if timing is None:
            continue
        if "?" not in path:
            variants = [one for one in list_variants(path, text) if one not in known]
            known.update(variants)
            waiting[:0] = variants
        seen += 1
        over += timing.median_ms > LIMIT_MS
        print(
            f"{path[:72]:72} {timing.median_ms:6.0f}ms {timing.worst_ms:6.0f}ms {timing.queries:8}"
            f" {timing.slowest_ms:6.0f}ms",
            flush=True,
        )
        if timing.median_ms > LIMIT_MS:
            print(f"    slowest: {timing.slowest[:300]}")
    print(f"{seen} pages, {over} over {LIMIT_MS} ms")


def _sign_in(operator_id: int) -> Any:
    # As above.
    from django.test import Client

    from regulars.identity.facade import SignInWay, open_operator_session
    from regulars.identity.models import Operator
    from regulars.identity.sessions import NUMBER
    from regulars.kit.clock import utc_now

    client = Client(SERVER_NAME="localhost")
    client.force_login(Operator.objects.get(id=operator_id))
    session = client.session
    session[NUMBER] = open_operator_session(
        operator_id=operator_id, way=SignInWay.PASSWORD, agent="bench", address="", now=utc_now()
    )
    session.save()
    return client


def _hire() -> int:
    # As above.
    from regulars.identity import facade as identity
    from regulars.identity.models import Operator
    from regulars.kit.actor import SYSTEM
    from regulars.kit.clock import utc_now

    found = Operator.objects.filter(email=EMAIL).first()
    if found is not None:
        return int(found.pk)
    made = identity.create_operator(
        actor=SYSTEM,
        now=utc_now(),
        email=EMAIL,
        password="a long enough phrase",  # noqa: S106 (of a shop that is thrown away)
        role=identity.Role.OWNER,
        name="Bench",
    )
    return int(made.id)


if __name__ == "__main__":
    main()
