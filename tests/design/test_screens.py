"""The page of components and the page of the brand: how they look, whether everyone can use them."""

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from regulars.identity.facade import Role
from tests.browser import DESKTOP, PHONE, watched
from tests.console.conftest import LiveConsole
from tests.store.test_screens import AXE_OPTIONS

# A browser and a server: seconds each.
pytestmark = [pytest.mark.browser, pytest.mark.slow]

SIZES = {"desktop": DESKTOP, "phone": PHONE, "narrow": {"width": 320, "height": 700}}
LANGUAGES = {"en": "Components", "ru": "Компоненты", "zh-hans": "组件"}


def judge(page: Page, name: str, *, but: str = "") -> list[str]:
    """Barriers (`but` in one part), and pixels beyond the screen's edge."""
    found = Axe().run(page, context={"exclude": [[but]]} if but else None, options=AXE_OPTIONS)
    barriers = [f"{name}: {found.generate_report()}"] if found.violations_count else []
    wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return barriers + ([f"{name}: {wider} pixels wider than the screen"] if wider > 0 else [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_components_in_every_state(
    *, transactional_db: None, live_server: Any, browser: Browser, tmp_path: Path, settings: Any, scheme: str
) -> None:
    settings.DEMO_MODE = True
    findings = []
    for size, viewport in SIZES.items():
        context = browser.new_context(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
        with watched(context) as (page, complaints):
            page.goto(f"{live_server.url}/design/")
            for code, heading in LANGUAGES.items():
                page.locator(f".language-switch [value={code}]").click()
                expect(page.get_by_role("heading", level=1)).to_have_text(heading)
                page.screenshot(path=tmp_path / f"components.{code}.{size}.{scheme}.png", full_page=True)
                findings += judge(page, f"{size} {code}")
        assert complaints == []
    assert findings == []


def test_the_page_of_components_is_for_debugging_and_demonstrations(client: Any, settings: Any) -> None:
    settings.DEMO_MODE = settings.DEBUG = False
    assert client.get("/design/").status_code == 404


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_brand_is_tried_live_and_saved(
    *, live_console: LiveConsole, browser: Browser, tmp_path: Path, scheme: str
) -> None:
    findings = []
    for size, viewport in SIZES.items():
        context = browser.new_context(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
        live_console.let_in(context, Role.MARKETER)
        with watched(context) as (page, complaints):
            page.goto(f"{live_console.url}/console/brand/")
            main = page.locator("input[name=main]")
            main.fill("#ffd400")
            page.get_by_text("is too light to be read").wait_for()
            page.screenshot(path=tmp_path / f"brand-refused.{size}.{scheme}.png", full_page=True)
            findings += judge(page, f"refused {size}", but=".brand-preview")
            page.locator("[data-recolour=main]").click()
            page.get_by_text("can be read (WCAG AA)").wait_for()
            assert main.input_value() != "#ffd400"
            main.fill("#7a1f5c")
            page.locator("input[name=accent]").fill("#ffb3c7")
            page.locator("input[name=name]").fill(f"Corner Shop {size}")
            page.locator('link[href*="7a1f5c-ffb3c7"]').wait_for(state="attached")
            page.wait_for_load_state("networkidle")
            page.screenshot(path=tmp_path / f"brand.{size}.{scheme}.png", full_page=True)
            findings += judge(page, f"tried {size}")
            page.get_by_role("button", name="Save").click()
            expect(page.get_by_role("link", name=f"Corner Shop {size}").first).to_be_visible()
            page.goto(f"{live_console.url}/")
            page.screenshot(path=tmp_path / f"branded-store.{size}.{scheme}.png", full_page=True)
            findings += judge(page, f"store {size}")
            page.goto(f"{live_console.url}/console/brand/")
            page.get_by_role("button", name="Back to the original look").click()
            expect(page.get_by_role("button", name="Undo")).to_be_visible()
        assert complaints == []
    assert findings == []
