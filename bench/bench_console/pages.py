"""Every page of the console, asked for and timed."""

import re
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse

from bench.bench_console.fill import BUSY, POOL
from regulars.catalogue.models import Reward
from regulars.console.urls import urlpatterns
from regulars.identity.models import ApiKey, Operator
from regulars.redemption.models import Redemption

NAMESPACE = "console"
VARIANTS_MAX = 12
"""Addresses of the same page under other sortings and filters, as its own links give them."""
OK = 200
_LINK = re.compile(r'href="([^"]*\?[^"]*)"')


@dataclass(frozen=True)
class Timing:
    """One page: milliseconds to the last byte (median, worst), queries, and the slowest of them."""

    path: str
    median_ms: float
    worst_ms: float
    queries: int
    slowest_ms: float
    slowest: str

    def __str__(self) -> str:
        return (
            f"{self.path[:72]:72} {self.median_ms:6.0f}ms {self.worst_ms:6.0f}ms {self.queries:8}"
            f" {self.slowest_ms:6.0f}ms"
        )


class Watch:
    """Counts the queries and keeps the slowest. Used as an execute wrapper."""

    def __init__(self) -> None:
        self.queries, self.slowest_ms, self.slowest = 0, 0.0, ""

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Run the query and look at the clock."""
        begun = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            taken = (time.perf_counter() - begun) * 1000
            self.queries += 1
            if taken > self.slowest_ms:
                self.slowest_ms, self.slowest = taken, " ".join(str(sql).split())


def list_paths(examples: dict[str, list[object]]) -> Iterator[str]:
    """The addresses of all pages, each with the examples that its parameters allow."""
    for pattern in urlpatterns:
        names = list(pattern.pattern.converters)
        if missing := [name for name in names if name not in examples]:
            print(f"  left out, no example of {', '.join(missing)}: {pattern.name}")
            continue
        for place in range(max((len(examples[name]) for name in names), default=1)):
            values = {name: examples[name][min(place, len(examples[name]) - 1)] for name in names}
            try:
                yield reverse(f"{NAMESPACE}:{pattern.name}", kwargs=values)
            except NoReverseMatch:
                print(f"  left out, its example does not fit: {pattern.name} {values}")


def measure(client: Client, path: str, rounds: int) -> tuple[Timing | None, str]:
    """A page's timing and text; nothing where there is none to read: a form's target, a redirect."""
    response = client.get(path)
    if response.status_code != OK:
        return None, ""
    text = _read(response)
    times, watch = [], Watch()
    for _ in range(rounds):
        watch = Watch()
        with connection.execute_wrapper(watch):
            begun = time.perf_counter()
            _read(client.get(path))
            times.append((time.perf_counter() - begun) * 1000)
    timing = Timing(
        path, statistics.median(times), max(times), watch.queries, watch.slowest_ms, watch.slowest
    )
    return timing, text


def list_variants(path: str, text: str) -> list[str]:
    """What the page's own links make of it: other sortings, filters, pages."""
    own = urlsplit(path).path
    found = dict.fromkeys(unescape(link) for link in _LINK.findall(text))
    variants = [link if link.startswith("/") else own + link for link in found if link.startswith(("?", own))]
    return [link for link in variants if urlsplit(link).path == own][:VARIANTS_MAX]


def give_examples() -> dict[str, list[object]]:
    """Values for the parameters of addresses: a busy member and a usual one, and what is theirs."""
    last = Redemption.objects.order_by("-id").first()
    assert last is not None
    key = ApiKey.objects.first()
    return {
        "member_id": [BUSY, last.member_id],
        "currency": ["points"],
        "seq": [3],
        "order_id": [last.member_id],
        "redemption_id": [last.pk],
        "reward_id": list(Reward.objects.values_list("id", flat=True)[:1]),
        "number": [1],
        "version": [1],
        "operator_id": [Operator.objects.values_list("id", flat=True)[0]],
        "key_id": [key.pk if key else 0],
        "kind": ["order"],
        "code": [POOL],
    }


def _read(response: Any) -> str:
    """The text; of a download that is streamed its beginning, for the rest goes out while it is made."""
    if not response.streaming:
        return str(response.content.decode(errors="replace"))
    first = next(iter(response.streaming_content), b"")
    response.close()
    return str(first.decode(errors="replace"))
