"""Fixtures of the ledger's tests."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.ledger.reading import empty_ledger
from tests.ledger.sealing import Sealer


@pytest.fixture
def committed_ledger(transactional_db: None) -> Iterator[None]:
    """An empty ledger for a test that commits, and empty again after it."""
    empty_ledger()
    yield
    empty_ledger()


@pytest.fixture
def sealer(settings: Any, tmp_path: Path) -> Sealer:
    """Keys and published checkpoints in directories of this test alone."""
    settings.SIGNING_DIR, settings.CHECKPOINTS_DIR = tmp_path / "signing", tmp_path / "checkpoints"
    return Sealer(settings.SIGNING_DIR, settings.CHECKPOINTS_DIR)
