"""API keys that proved to be good a moment ago: one look into the database a second, not one a request.

A key that is revoked ends at once in the process that revokes it, and within a second in all others.
"""

import time
from collections.abc import Callable

from regulars.identity.types import ApiKeyInfo

REMEMBERED_SECONDS = 1.0
KEYS_MAX = 1_000


class KeyRing:
    """Keys by the hash of their secret, each good for a second. Safe for threads: a step is one of a dict."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[bytes, tuple[float, ApiKeyInfo]] = {}

    def find(self, secret_hash: bytes) -> ApiKeyInfo | None:
        """The key, where it was read within the last second."""
        known = self._known.get(secret_hash)
        return known[1] if known is not None and self._clock() < known[0] else None

    def keep(self, secret_hash: bytes, info: ApiKeyInfo, read_at: float) -> None:
        """Remember a key, from the moment at which it began to be read."""
        if len(self._known) >= KEYS_MAX:
            self.forget()
        self._known[secret_hash] = (read_at + REMEMBERED_SECONDS, info)

    def now(self) -> float:
        """This ring's time."""
        return self._clock()

    def forget(self) -> None:
        """Look at the database again."""
        self._known = {}


RING = KeyRing()
