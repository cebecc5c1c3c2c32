"""How often one key may ask: a token bucket per key, in this process.

Each web process counts by itself, so with four workers a key gets up to four times the rate. That is enough
to keep one integration that runs wild from starving the others; it is not a quota.
"""

import math
import threading
import time
from collections.abc import Callable

from regulars.kit.errors import TooMany

KEYS_MAX = 10_000


class RateLimit:
    """At most `burst` requests at once, and `rate_per_second` in the long run, for each key."""

    def __init__(
        self, *, rate_per_second: float, burst: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate_per_second
        self._burst = burst
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, key: str) -> None:
        """Take one token. Raises TooMany, saying when the next one is there."""
        now = self._clock()
        with self._lock:
            tokens, filled_at = self._buckets.get(key, (float(self._burst), now))
            tokens = min(self._burst, tokens + (now - filled_at) * self._rate)
            if tokens >= 1:
                if len(self._buckets) >= KEYS_MAX and key not in self._buckets:
                    self._forget_full(now)
                self._buckets[key] = (tokens - 1, now)
                return
        wait_s = math.ceil((1 - tokens) / self._rate)
        raise TooMany(f"This key asks too often; try again in {wait_s} s.", retry_after_seconds=wait_s)

    def _forget_full(self, now: float) -> None:
        """Drop the buckets that have filled up since: a new one would be the same."""
        self._buckets = {
            key: (tokens, filled_at)
            for key, (tokens, filled_at) in self._buckets.items()
            if tokens + (now - filled_at) * self._rate < self._burst
        }
