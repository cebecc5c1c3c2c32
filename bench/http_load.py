"""A small closed-loop load: a bounded number of requests from keep-alive clients, and what each took."""

import http.client
import statistics
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing import get_context


@dataclass(frozen=True, slots=True)
class Target:
    """What each client asks, in turn."""

    port: int
    method: str
    paths: tuple[str, ...]
    headers: Mapping[str, str]
    bodies: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Load:
    """What was measured: requests a second and latencies in milliseconds."""

    per_second: float
    p50_ms: float
    p99_ms: float
    failed: int

    def __str__(self) -> str:
        failed = f", {self.failed} FAILED" if self.failed else ""
        return f"{self.per_second:8.0f}/s   p50 {self.p50_ms:6.1f} ms   p99 {self.p99_ms:6.1f} ms{failed}"


def run_load(target: Target, *, requests: int, clients: int = 16, processes: int = 2) -> Load:
    """Send `requests` over `clients` connections; several processes keep the clients from being the limit."""
    context = get_context("fork")
    queue = context.SimpleQueue()
    share = clients // processes
    started = time.perf_counter()
    workers = [
        context.Process(target=_clients, args=(target, number * share, share, requests // clients, queue))
        for number in range(processes)
    ]
    for worker in workers:
        worker.start()
    parts = [queue.get() for _ in workers]
    elapsed = time.perf_counter() - started
    for worker in workers:
        worker.join()
    took = sorted(value for part, _ in parts for value in part)
    cuts = statistics.quantiles(took, n=100)
    return Load(len(took) / elapsed, cuts[49] * 1000, cuts[98] * 1000, sum(failed for _, failed in parts))


def _clients(target: Target, first: int, count: int, each: int, queue) -> None:  # type: ignore[no-untyped-def]
    took: list[float] = []
    failures = [0]
    threads = [
        threading.Thread(target=_client, args=(target, first + n, each, took, failures)) for n in range(count)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    queue.put((took, failures[0]))


def _client(target: Target, number: int, each: int, took: list[float], failures: list[int]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=30)
    for turn in range(each):
        index = number * each + turn
        body = target.bodies[index % len(target.bodies)] if target.bodies else None
        begun = time.perf_counter()
        connection.request(
            target.method, target.paths[index % len(target.paths)], body=body, headers=dict(target.headers)
        )
        answer = connection.getresponse()
        answer.read()
        took.append(time.perf_counter() - begun)
        if answer.status >= 300:
            failures[0] += 1
    connection.close()
