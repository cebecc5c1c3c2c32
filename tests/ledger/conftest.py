"""Fixtures of the ledger's tests."""

from collections.abc import Iterator

import pytest

from tests.ledger.reading import empty_ledger


@pytest.fixture
def committed_ledger(transactional_db: None) -> Iterator[None]:
    """An empty ledger for a test that commits, and empty again after it."""
    empty_ledger()
    yield
    empty_ledger()
