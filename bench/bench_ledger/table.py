"""The lines of the table, and measuring what is not pgbench against LIM."""

import statistics
from collections.abc import Callable

from bench.bench_ledger.scripts import Row, lim
from bench.pgbench import Script, Server, compare

HEAD = f"{'':56} {'ours/s':>9} {'base/s':>9} {'ratio':>6} {'cpu':>5} {'floor':>6} {'stretch':>7}"


def show(  # noqa: PLR0917 (the columns of the table)
    title: str,
    ours: float,
    base: float,
    ratio: float,
    cpu: float | None = None,
    floor: float | None = None,
    stretch: float | None = None,
) -> None:
    """One line of the table."""
    bar = ""
    if floor is not None and stretch is not None:
        verdict = "stretch" if ratio >= stretch else "ok" if ratio >= floor else "BELOW"
        bar = f"{floor:6.2f} {stretch:7.2f}  {verdict}"
    used = "" if cpu is None else f"{cpu:.2f}"
    print(f"{title:56} {ours:9.0f} {base:9.0f} {ratio:6.2f} {used:>5} {bar}", flush=True)


def note(title: str, words: str) -> None:
    """A line that has no figures, and says why."""
    print(f"{title:56} {words}", flush=True)


def measure_row(server: Server, row: Row, rounds: int) -> None:
    """A row that pgbench runs, beside its base."""
    base_clients = 16 if row.name == "lim" else row.clients
    ours, base, ratio, cpu = compare(
        server, row.ours, row.base, clients=row.clients, base_clients=base_clients, rounds=rounds
    )
    show(row.title, ours, base, ratio, cpu, row.floor, row.stretch)


def measure(  # noqa: PLR0917 (the row, then its bar)
    server: Server,
    title: str,
    run: Callable[[], float],
    rounds: int,
    floor: float | None = None,
    stretch: float | None = None,
    base: Callable[[], float] | None = None,
) -> None:
    """Something else, in turn with LIM at 16 clients or with `base`: both answer operations a second."""
    least = base or (lambda: server.run(_LIM, 16)[0])
    pairs = [(least(), run()) for _ in range(rounds)]
    show(
        title,
        statistics.median(rate for _, rate in pairs),
        statistics.median(rate for rate, _ in pairs),
        statistics.median(rate / floor_rate for floor_rate, rate in pairs),
        None,
        *(floor, stretch),
    )


_LIM: Script = lim()
