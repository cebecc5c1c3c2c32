"""Fixtures of finance's tests."""

import pytest

from tests.finance.books import publish
from tests.ledger.conftest import committed_ledger

__all__ = ["committed_ledger"]


@pytest.fixture
def programme(db: None) -> None:
    """One in force since 2020, in New York, in euros."""
    publish()
