"""A real browser for tests: finds a Chromium, opens pages, and fails a test whose page complains.

The fixtures `browser` and `page` come from the root conftest; use them with `live_server`.
Playwright's synchronous API runs an event loop in the test's thread, which Django takes for asynchronous
code: DJANGO_ALLOW_ASYNC_UNSAFE says that it is not.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
]
# The shell has no windows, and takes a third less CPU than what has.
NAMES = [
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
]
PLACES = [
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
]
MISSING = (
    "There is no Chromium for the browser tests: install Debian's package `chromium-headless-shell` or "
    "`chromium`, or Chrome, or run `playwright install chromium`, or name one in CHROMIUM; "
    "REGULARS_NO_BROWSER=1 leaves these tests out."
)
# What htmx says of a question that was open when its page was left. Of a failure it says `sendError` as well.
LEFT = ("htmx:sendAbort", "htmx:afterRequest")
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


def find_chromium(own: Path | None = None) -> Path | None:
    """CHROMIUM, else one that the system has, else Playwright's own."""
    if named := os.environ.get("CHROMIUM"):
        return Path(named)
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    return next((place for place in [*PLACES, *([own] if own else [])] if place.exists()), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for the whole run. Where there is none: a failure that says what to install."""
    if os.environ.get("REGULARS_NO_BROWSER") == "1":
        pytest.skip("REGULARS_NO_BROWSER=1 leaves the browser tests out.")
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = find_chromium(_own(playwright))
        if chromium is None or not chromium.exists():
            pytest.fail(MISSING, pytrace=False)
        running = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield running
        running.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    else:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh desktop page. Whatever it complains of (scripts, policy, missing files) fails the test."""
    context = browser.new_context(viewport=DESKTOP, color_scheme="light", reduced_motion="reduce")
    with watched(context) as (opened, complaints):
        yield opened
    assert not complaints, complaints


class watched:  # noqa: N801  (a context manager, used like a function)
    """Opens a page in a context, collects what it complains of, and closes both."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.complaints: list[str] = []

    def __enter__(self) -> tuple[Page, list[str]]:
        opened = self.context.new_page()
        opened.on("console", self._hear)
        opened.on("pageerror", lambda error: self.complaints.append(str(error)))
        return opened, self.complaints

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(LEFT):
            self.complaints.append(message.text)


def _own(playwright: Playwright) -> Path | None:
    path = playwright.chromium.executable_path
    return Path(path) if path else None
