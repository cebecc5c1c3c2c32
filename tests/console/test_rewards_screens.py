"""Rewards in a real browser: made with a picture and a live preview, without scripts, without barriers."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from regulars.catalogue import facade as catalogue
from regulars.identity.facade import Role
from tests.barriers import find_barriers
from tests.browser import DESKTOP, watched
from tests.console.conftest import LiveConsole

# A browser and a server: seconds each.
pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = (
    "/console/rewards/",
    "/console/reward/coffee/",
    "/console/reward/coffee/archive/",
    "/console/pool/coffee/",
)


def test_pages_about_rewards_have_no_barriers(live_console: LiveConsole, browser: Browser) -> None:
    context = browser.new_context(viewport=DESKTOP, reduced_motion="reduce")  # type: ignore[arg-type]
    live_console.let_in(context, Role.OWNER)
    findings = []
    with watched(context) as (page, complaints):
        for address in PAGES:
            page.goto(live_console.url + address)
            findings += find_barriers(page, address)
    assert findings == []
    assert complaints == []


def test_a_reward_is_written_with_scripts_and_without(
    live_console: LiveConsole, browser: Browser, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(out, "PNG")
    context = browser.new_context(viewport=DESKTOP, reduced_motion="reduce")
    live_console.let_in(context, Role.MARKETER)
    with watched(context) as (page, complaints):
        page.goto(f"{live_console.url}/console/rewards/new/")
        preview = page.locator("#reward-preview")
        page.get_by_role("group", name="English").get_by_label("Name").fill("Tea for two")
        page.get_by_label("Price in points").fill("120")
        expect(preview.get_by_text("Tea for two").first).to_be_visible()
        page.get_by_label("Upload a picture").set_input_files(
            {"name": "tea.png", "mimeType": "image/png", "buffer": out.getvalue()}
        )
        expect(page.get_by_text("The uploaded picture is kept.")).to_be_visible()
        expect(preview.locator("img").first).to_be_attached()
        expect(page.locator("#picture-shown img")).to_be_attached()
        # Below one another without scripts, a tab each with them, side by side where there is room.
        expect(page.get_by_role("group", name="Русский")).to_be_hidden()
        page.locator("[data-tongue-tabs]").get_by_role("button", name="Русский").click()
        page.get_by_role("group", name="Русский").get_by_label("Name").fill("Чай на двоих")
        page.get_by_label("In which language").select_option("ru")
        expect(preview.get_by_text("Чай на двоих").first).to_be_visible()
        page.get_by_role("button", name="Save and publish…").click()
        page.get_by_role("button", name="Publish", exact=True).click()
        expect(page.get_by_text("“Tea for two” is published.")).to_be_visible()
    assert complaints == []
    made = catalogue.get_reward("tea-for-two")
    assert made.decided.published
    assert made.picture.name.endswith("-640.webp")

    bare = browser.new_context(viewport=DESKTOP, java_script_enabled=False)
    live_console.let_in(bare, Role.MARKETER)
    with watched(bare) as (page, complaints):
        page.goto(f"{live_console.url}/console/reward/tea-for-two/")
        page.get_by_label("Price in points").fill("130")
        page.get_by_role("button", name="Preview").click()
        expect(page.locator("#reward-preview").get_by_text("130").first).to_be_visible()
        assert catalogue.get_reward("tea-for-two").decided.price_points == 120
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("Members see it so from now on.")).to_be_visible()
    assert complaints == []
    assert catalogue.get_reward("tea-for-two").decided.price_points == 130
