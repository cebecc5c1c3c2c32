"""Every page in Russian and in Chinese on the narrowest phone: nothing runs over the edge."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from regulars.identity.facade import Role
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.members import facade as members
from regulars.members.facade import MemberInput
from tests.browser import watched
from tests.console import test_screens as console_screens
from tests.console.conftest import LiveConsole
from tests.store import test_screens as store_screens
from tests.store.conftest import LiveShop
from tests.store.shop import Shop

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


def name_at_length(shop: Shop) -> None:
    """Anna by the longest name there may be, without a place to break it."""
    longest = MemberInput("anna", given_name="Wolfe" * 24, family_name="Schlegel" * 15)
    members.save_members(actor=SYSTEM, now=utc_now(), batch=[longest])


@pytest.mark.parametrize("language", LANGUAGES)
def test_store(
    live_shop: LiveShop, browser: Browser, tmp_path: Path, settings: object, language: str
) -> None:
    settings.DEMO_MODE = True  # type: ignore[attr-defined]
    context = browser.new_context(viewport=NARROW, locale=LANGUAGES[language], reduced_motion="reduce")
    live_shop.let_in(context, live_shop.shop.anna)
    # Signed in twice, and with a name that nobody would break.
    live_shop.let_in(browser.new_context(), live_shop.shop.anna)
    name_at_length(live_shop.shop)
    findings = []
    with watched(context) as (page, _complaints):
        page.goto(live_shop.url)  # the member's own language comes before the browser's: it is chosen here
        page.locator(f".language-switch [value={language}]").click()
        expect(page.locator("html")).to_have_attribute("lang", language)
        for name, address in store_screens.list_pages(live_shop).items():
            findings += read_page(page, live_shop.url + address, name, language, tmp_path)
    assert findings == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_console(live_console: LiveConsole, browser: Browser, tmp_path: Path, language: str) -> None:
    context = browser.new_context(viewport=NARROW, locale=LANGUAGES[language], reduced_motion="reduce")
    live_console.let_in(context, Role.OWNER)
    name_at_length(live_console.staffed.shop)
    findings = []
    with watched(context) as (page, _complaints):
        for name, address in console_screens.list_pages(live_console).items():
            findings += read_page(page, live_console.url + address, name, language, tmp_path)
    assert findings == []
