"""Fixtures of all rooms: one browser for the whole run, since a thread can drive only one Playwright."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from tests.browser import browser, page

__all__ = ["browser", "page"]


@pytest.fixture(autouse=True)
def default_language() -> Iterator[None]:
    """A request answered in another language leaves it on in its thread: the next test begins anew."""
    yield
    translation.deactivate()
