"""Fixtures of all rooms: one browser for the whole run, since a thread can drive only one Playwright."""

from tests.browser import browser, page

__all__ = ["browser", "page"]
