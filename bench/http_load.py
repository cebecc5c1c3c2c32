"""A small closed-loop load: a bounded number of requests from keep-alive clients, and what each took.

The clients are sockets that one process watches, with requests written out before the clock starts: they
share the machine with what they measure, and must not be the most of it.
"""

import heapq
import random
import selectors
import socket
import statistics
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Target:
    """What each client asks, in turn. `unique_header` gets another value with every request."""

    port: int
    method: str
    paths: tuple[str, ...]
    headers: Mapping[str, str]
    bodies: tuple[bytes, ...] = ()
    unique_header: str = ""

    def write(self, index: int) -> bytes:
        """The request of that number, whole."""
        body = self.bodies[index % len(self.bodies)] if self.bodies else b""
        lines = [f"{self.method} {self.paths[index % len(self.paths)]} HTTP/1.1", "Host: localhost"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.unique_header:
            lines.append(f"{self.unique_header}: {uuid.uuid4()}")
        if self.bodies:
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*lines, "", ""]).encode() + body


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


class Client:
    """One connection: what it has still to ask, and what it is being told."""

    def __init__(self, port: int, requests: list[bytes]) -> None:
        self.requests = requests
        self.took: list[float] = []
        self.failed = 0
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._heard = b""
        self._begun = 0.0

    def ask(self) -> bool:
        """Send the next request; False where there is none."""
        if not self.requests:
            return False
        self._begun = time.perf_counter()
        self.socket.sendall(self.requests.pop())
        return True

    def hear(self) -> bool:
        """Take in what has come; True where the answer is whole."""
        part = self.socket.recv(65_536)
        if not part:
            raise SystemExit("the server closed a connection that was to be kept")
        self._heard += part
        head, found, body = self._heard.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return False
        self.took.append(time.perf_counter() - self._begun)
        self.failed += not b"200" <= head[9:12] < b"300"
        self._heard = b""
        return True


def _length(head: bytes) -> int:
    lower = head.lower()
    at = lower.find(b"content-length:")
    if at < 0:
        raise SystemExit("an answer does not say how long it is")
    return int(lower[at + 15 :].split(b"\r\n", 1)[0])


def run_load(target: Target, *, requests: int, clients: int = 16, pause_seconds: float = 0) -> Load:
    """Send `requests` over so many connections, each asking again when it has been answered.

    With a pause, a client first does nothing for up to twice as long, as a person who reads does.
    """
    written = [target.write(index) for index in range(requests)]
    crowd = [Client(target.port, written[number::clients]) for number in range(clients)]
    chance = random.Random(1)
    due: list[tuple[float, int]] = []
    with selectors.DefaultSelector() as watch:
        started = time.perf_counter()
        for number, client in enumerate(crowd):
            watch.register(client.socket, selectors.EVENT_READ, number)
            heapq.heappush(due, (started + chance.uniform(0, 2 * pause_seconds), number))
        waiting = 0
        while due or waiting:
            while due and due[0][0] <= time.perf_counter():
                waiting += crowd[heapq.heappop(due)[1]].ask()
            patience = due[0][0] - time.perf_counter() if due else TIMEOUT_SECONDS
            ready = watch.select(max(0, patience)) if due or waiting else []
            if not ready and not due and waiting:
                raise SystemExit(f"no answer within {TIMEOUT_SECONDS} s")
            for key, _ in ready:
                if crowd[key.data].hear():
                    waiting -= 1
                    pause = chance.uniform(0, 2 * pause_seconds) if pause_seconds else 0
                    heapq.heappush(due, (time.perf_counter() + pause, key.data))
        elapsed = time.perf_counter() - started
    for client in crowd:
        client.socket.close()
    took = sorted(value for client in crowd for value in client.took)
    cuts = statistics.quantiles(took, n=100)
    failed = sum(client.failed for client in crowd)
    return Load(len(took) / elapsed, cuts[49] * 1000, cuts[98] * 1000, failed)
