"""Pure decisions of the trail."""

import hashlib

from regulars.trail.errors import KeyInvalid

KEY_LENGTH_MAX = 255


def check_key(key: str) -> None:
    """Refuse a key that cannot name one request for ever. Raises KeyInvalid."""
    if not key or len(key) > KEY_LENGTH_MAX or not key.isascii() or not key.isprintable():
        raise KeyInvalid(
            f"An idempotency key has 1 to {KEY_LENGTH_MAX} printable ASCII characters; a UUID is a good one."
        )


def lock_number(scope: str, key: str) -> int:
    """The advisory lock that stands for (scope, key): 64 signed bits.

    Two keys that fall on one number merely wait for each other.
    """
    digest = hashlib.sha256(f"{scope}\0{key}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
