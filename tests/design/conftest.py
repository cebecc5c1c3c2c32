"""What the tests of design stand on: the small shop of the store, the staff of the console."""

from tests.console.conftest import (
    cheap_passwords,
    kept_staffed,
    live_console,
    staffed,
    strict_templates,
)
from tests.store.conftest import kept_shop, live_shop, shop, sign_in_as

__all__ = [
    "cheap_passwords",
    "kept_shop",
    "kept_staffed",
    "live_console",
    "live_shop",
    "shop",
    "sign_in_as",
    "staffed",
    "strict_templates",
]
