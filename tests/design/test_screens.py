"""The page of components and the page of the brand: how they look, whether everyone can use them."""

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from regulars.identity.facade import Role
from tests.browser import DESKTOP, watched
from tests.console.conftest import LiveConsole
from tests.store.test_screens import AXE_OPTIONS

# A browser and a server: seconds each.
pytestmark = [pytest.mark.browser, pytest.mark.slow]

NARROW = {"width": 320, "height": 700}
LANGUAGES = {"zh-hans": "组件", "ru": "Компоненты"}
# Each width in one scheme: the other differs in colours alone, and every part stands there in both.
SIZES = [("desktop", "light", DESKTOP), ("narrow", "dark", NARROW)]


def judge(page: Page, name: str, *, but: str = "") -> list[str]:
    """Barriers (`but` in one part), and pixels beyond the screen's edge."""
    found = Axe().run(page, context={"exclude": [[but]]} if but else None, options=AXE_OPTIONS)
    barriers = [f"{name}: {found.generate_report()}"] if found.violations_count else []
    wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return barriers + ([f"{name}: {wider} pixels wider than the screen"] if wider > 0 else [])


@pytest.mark.parametrize(("size", "scheme", "viewport"), SIZES)
def test_components_in_every_state(
    *,
    transactional_db: None,
    live_server: Any,
    browser: Browser,
    tmp_path: Path,
    settings: Any,
    size: str,
    scheme: str,
    viewport: Any,
) -> None:
    settings.DEMO_MODE = True
    context = browser.new_context(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
    findings = []
    with watched(context) as (page, complaints):
        page.goto(f"{live_server.url}/design/")
        for code, heading in LANGUAGES.items():
            page.locator(f".language-switch [value={code}]").click()
            expect(page.get_by_role("heading", level=1)).to_have_text(heading)
            page.screenshot(path=tmp_path / f"components.{code}.{size}.png", full_page=True)
            wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            findings += [f"{code}: {wider} pixels wider than the screen"] if wider > 0 else []
        findings += judge(page, size)
    assert complaints == []
    assert findings == []


def test_the_page_of_components_is_for_debugging_and_demonstrations(client: Any, settings: Any) -> None:
    settings.DEMO_MODE = settings.DEBUG = False
    assert client.get("/design/").status_code == 404


@pytest.mark.parametrize(("size", "scheme", "viewport"), SIZES)
def test_a_brand_is_tried_live_and_saved(
    *, live_console: LiveConsole, browser: Browser, tmp_path: Path, size: str, scheme: str, viewport: Any
) -> None:
    context = browser.new_context(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
    live_console.let_in(context, Role.MARKETER)
    with watched(context) as (page, complaints):
        page.goto(f"{live_console.url}/console/brand/")
        main = page.locator("input[name=main]")
        main.fill("#ffd400")
        page.get_by_text("is too light to be read").wait_for()
        page.screenshot(path=tmp_path / f"brand-refused.{size}.png", full_page=True)
        findings = judge(page, "refused", but=".brand-preview")
        page.locator("[data-recolour=main]").click()
        page.get_by_text("can be read (WCAG AA)").wait_for()
        assert main.input_value() != "#ffd400"
        main.fill("#7a1f5c")
        page.locator("input[name=accent]").fill("#ffb3c7")
        page.locator("input[name=name]").fill("Corner Shop")
        page.locator('link[href*="7a1f5c-ffb3c7"]').wait_for(state="attached")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=tmp_path / f"brand.{size}.png", full_page=True)
        findings += judge(page, "tried")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("link", name="Corner Shop").first).to_be_visible()
        page.goto(f"{live_console.url}/")
        page.screenshot(path=tmp_path / f"branded-store.{size}.png", full_page=True)
        findings += judge(page, "store")
        page.goto(f"{live_console.url}/console/brand/")
        page.get_by_role("button", name="Back to the original look").click()
        expect(page.get_by_role("button", name="Undo")).to_be_visible()
    assert complaints == []
    assert findings == []
