"""The page of components and the page of the brand: how they look, whether everyone can use them."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from regulars.identity.facade import Role
from tests.barriers import find_barriers, find_overflow
from tests.browser import DESKTOP, watched
from tests.console.conftest import LiveConsole

# A browser and a server: seconds each.
pytestmark = [pytest.mark.browser, pytest.mark.slow]

LANGUAGES = {"zh-hans": "组件", "ru": "Компоненты"}


def test_components_in_every_state(
    transactional_db: None, live_server: Any, browser: Browser, settings: Any
) -> None:
    settings.DEMO_MODE = True
    context = browser.new_context(viewport=DESKTOP, reduced_motion="reduce")  # type: ignore[arg-type]
    findings = []
    with watched(context) as (page, complaints):
        page.goto(f"{live_server.url}/design/")
        for code, heading in LANGUAGES.items():
            page.locator(f".language-switch [value={code}]").click()
            expect(page.get_by_role("heading", level=1)).to_have_text(heading)
            findings += find_overflow(page, code)
        findings += find_barriers(page, "components")
    assert complaints == []
    assert findings == []


def test_the_page_of_components_is_for_debugging_and_demonstrations(client: Any, settings: Any) -> None:
    settings.DEMO_MODE = settings.DEBUG = False
    assert client.get("/design/").status_code == 404


def test_a_brand_is_tried_live_and_saved(live_console: LiveConsole, browser: Browser) -> None:
    context = browser.new_context(viewport=DESKTOP, reduced_motion="reduce")  # type: ignore[arg-type]
    live_console.let_in(context, Role.MARKETER)
    with watched(context) as (page, complaints):
        page.goto(f"{live_console.url}/console/brand/")
        main = page.locator("input[name=main]")
        main.fill("#ffd400")
        expect(page.get_by_text("is too light to be read")).to_be_visible()
        findings = find_barriers(page, "refused", but=".brand-preview")
        page.locator("[data-recolour=main]").click()
        expect(page.get_by_text("can be read (WCAG AA)")).to_be_visible()
        expect(main).not_to_have_value("#ffd400")
        main.fill("#7a1f5c")
        page.locator("input[name=accent]").fill("#ffb3c7")
        page.locator("input[name=name]").fill("Corner Shop")
        sample = page.locator(".brand-preview .btn").first
        expect(sample).to_have_css("background-color", "rgb(122, 31, 92)")
        findings += find_barriers(page, "tried")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("status").first).to_contain_text("Saved")
        expect(page.get_by_role("link", name="Corner Shop").first).to_be_visible()
        page.goto(f"{live_console.url}/")
        findings += find_barriers(page, "store")
        page.goto(f"{live_console.url}/console/brand/")
        page.get_by_role("button", name="Back to the original look").click()
        expect(page.get_by_role("button", name="Undo")).to_be_visible()
    assert complaints == []
    assert findings == []
