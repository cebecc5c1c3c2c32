"""Every page in Russian and in Chinese on the narrowest phone: nothing runs over the edge."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from regulars.identity.facade import Role
from tests.browser import watched
from tests.console import test_screens as console_screens
from tests.console.conftest import LiveConsole
from tests.store import test_screens as store_screens
from tests.store.conftest import LiveShop

# A browser, a server and many pages: seconds each.
pytestmark = [pytest.mark.browser, pytest.mark.slow]

NARROW = {"width": 320, "height": 700}
LANGUAGES = {"ru": "ru-RU", "zh-hans": "zh-CN"}


def read_page(page: Page, url: str, name: str, language: str, tmp_path: Path) -> list[str]:
    page.goto(url)
    if os.environ.get("REGULARS_SCREENSHOTS") == "1":
        page.screenshot(path=tmp_path / f"{name}.{language}.png", full_page=True)
    found = []
    if page.locator("html").get_attribute("lang") != language:
        found.append(f"{name}: is not in {language}")
    wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    if wider > 0:
        found.append(f"{name} in {language}: {wider} pixels wider than the screen")
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_store(
    live_shop: LiveShop, browser: Browser, tmp_path: Path, settings: object, language: str
) -> None:
    settings.DEMO_MODE = True  # type: ignore[attr-defined]
    context = browser.new_context(viewport=NARROW, locale=LANGUAGES[language], reduced_motion="reduce")
    live_shop.let_in(context, live_shop.shop.anna)
    findings = []
    with watched(context) as (page, _complaints):
        page.goto(live_shop.url)  # the member's own language comes before the browser's: it is chosen here
        page.locator(f".language-switch [value={language}]").click()
        for name, address in store_screens.list_pages(live_shop).items():
            findings += read_page(page, live_shop.url + address, name, language, tmp_path)
    assert findings == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_console(live_console: LiveConsole, browser: Browser, tmp_path: Path, language: str) -> None:
    context = browser.new_context(viewport=NARROW, locale=LANGUAGES[language], reduced_motion="reduce")
    live_console.let_in(context, Role.OWNER)
    findings = []
    with watched(context) as (page, _complaints):
        for name, address in console_screens.list_pages(live_console).items():
            findings += read_page(page, live_console.url + address, name, language, tmp_path)
    assert findings == []
