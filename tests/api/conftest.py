"""A caller with every scope, in a shop with a programme."""

import pytest

from regulars.api import auth
from regulars.api.rate import RateLimit
from regulars.identity.keyring import KeyRing
from regulars.identity.operations import keys
from tests.api.client import Caller
from tests.redemption.examples import publish


@pytest.fixture(autouse=True)
def _no_rate_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "RATE", RateLimit(rate_per_second=100_000, burst=100_000))
    # A key is remembered for a second; here for the whole test, for queries are counted.
    monkeypatch.setattr(keys, "RING", KeyRing(clock=lambda: 0.0))


@pytest.fixture
def caller(db: None) -> Caller:
    publish()
    return Caller()
