"""Each test has facts of its own."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def facts_dir(tmp_path: Path, settings) -> Path:
    settings.FACTS_DIR = tmp_path / "facts"
    return settings.FACTS_DIR
