"""Read the options, start the server, print the table, and prove at the end that all of it was exact."""

import argparse
import sys
import time
from collections.abc import Callable

import bench.bench_ledger
from bench.bench_ledger.house import connect, own_server, prepare, tell_settings
from bench.bench_ledger.scripts import BATCH, ROWS, batch, lim
from bench.bench_ledger.table import HEAD, measure, measure_row, show
from bench.pgbench import Server

OTHERS = ("batch", "copy", "python", "http", "nostro", "pgledger", "expiry")
NAMES = tuple(dict.fromkeys([*(row.name for row in ROWS), *OTHERS]))


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(
        description=bench.bench_ledger.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=2, help="of each run (default 2)")
    parser.add_argument("--rounds", type=int, default=5, help="pairs of runs (default 5)")
    parser.add_argument(
        "--lots", type=int, default=1_000_000, help="due lots for the sweep (default 1,000,000)"
    )
    parser.add_argument("--requests", type=int, default=8_000, help="of each run over HTTP (default 8,000)")
    parser.add_argument("--only", default=",".join(NAMES), help=f"some of {', '.join(NAMES)}")
    given = parser.parse_args()
    wanted = set(given.only.split(","))
    if unknown := wanted - set(NAMES):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    with own_server(given.seconds) as server:
        tell_settings(server)
        with connect(server) as connection:
            prepare(connection.execute, lots=given.lots, wanted=wanted)  # type: ignore[arg-type]
        print(HEAD, flush=True)
        for row in ROWS:
            if row.name in wanted:
                measure_row(server, row, given.rounds)
        _measure_others(server, wanted, given)
        _prove()


def _measure_others(server: Server, wanted: set[str], given: argparse.Namespace) -> None:
    # These use Django's rooms, which can be imported only when the server is there and Django set up.
    from bench.bench_ledger import bulk, clients, peers, web

    rounds, seconds = given.rounds, given.seconds

    def python(what: str, processes: int) -> Callable[[], float]:
        return lambda: clients.through_python(what, processes, seconds)

    def batches(clients: int) -> Callable[[], float]:
        return lambda: server.run(batch(), clients)[0] * BATCH

    def copies(processes: int) -> Callable[[], float]:
        return lambda: bulk.copy_and_apply(server, processes, seconds)

    rows: tuple[tuple[str, str, Callable[[], float], tuple[float, ...]], ...] = (
        ("batch", "earn of 1,000 in one call, 16 clients", batches(16), (2.7, 4.0)),
        ("batch", "earn of 1,000 in one call, 1 client", batches(1), ()),
        ("batch", "earn of 1,000 in one call, one Python process", python("batch", 1), ()),
        ("batch", "earn of 1,000 in one call, two Python processes", python("batch", 2), ()),
        ("copy", "COPY to staging + one apply, one process", copies(1), ()),
        ("copy", "COPY to staging + one apply, two processes", copies(2), (3.2, 5.0)),
        ("python", "earn, 8 processes of psycopg alone", python("bare", 8), ()),
        ("python", "earn, 8 Python processes, begin/post/commit", python("earn", 8), ()),
        ("python", "earn, 8 Python processes, one statement", python("give", 8), ()),
        ("python", "spend, 8 Python processes, begin/post/commit", python("spend", 8), ()),
    )
    for name, title, run, bar in rows:
        if name in wanted:
            measure(server, title, run, rounds, *bar)
    if "http" in wanted:
        web.measure_http(server, rounds, given.requests)
    if "nostro" in wanted:
        peers.compare_nostro(server, rounds)
    if "pgledger" in wanted:
        peers.compare_pgledger(server, rounds)
    if "expiry" in wanted:
        before = server.run(lim(), 16)[0]
        rate = bulk.expire_all(server)
        base = (before + server.run(lim(), 16)[0]) / 2
        show(f"expiry of {given.lots:,} due lots, two connections", rate, base, rate / base, None, 5.0, 8.0)


def _prove() -> None:
    # As above: a room.
    from regulars.ledger import facade as ledger

    begun = time.perf_counter()
    report = ledger.prove(workers=2)
    print(f"replay of {report.entries:,} entries in {time.perf_counter() - begun:.1f} s agrees: {report.ok}")
    if not report.ok:
        sys.exit("\n".join(map(str, report.problems)))


if __name__ == "__main__":
    main()
