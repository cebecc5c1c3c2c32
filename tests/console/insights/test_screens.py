"""Insights in a real browser: no barriers, and the way from a number down to its members and its file."""

import csv
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Browser, Page, expect

from regulars.analytics.models import LifestyleTheme, MemberMeasure
from regulars.identity.facade import Role
from regulars.kit.clock import utc_now
from tests.barriers import find_barriers
from tests.browser import DESKTOP, watched
from tests.console.conftest import LiveConsole
from tests.console.insights import samples
from tests.console.insights.test_pages import BEHIND, PAGES, copy_facts

# A browser and a server: seconds each.
pytestmark = [pytest.mark.browser, pytest.mark.slow]
# What is drawn is one picture with a name; to look at each of its thousand strokes takes minutes.
PICTURES = ".plot-canvas svg"


def fill(live_console: LiveConsole) -> None:
    """Reports with all there is to show, a lifestyle, and one member measured."""
    copy_facts()
    anna = live_console.staffed.shop.anna
    with transaction.atomic():
        for kind, report in samples.make_all((anna,)).items():
            samples.store(kind, report, utc_now())
        LifestyleTheme.objects.create(
            code="cats", name="Cat Food", categories=[["Cat Food", 1.0]], members=375, rank=0
        )
        MemberMeasure.objects.create(
            member_id=anna,
            as_of=samples.AS_OF,
            segment="champions",
            orders_count=61,
            spent_minor=380_000,
            currency="USD",
            value_minor=412_000,
            risk=0.11,
            risk_reasons=[{"code": "silence", "effect": -0.2, "value": 3.0}],
        )


def test_pages_have_no_barriers(live_console: LiveConsole, browser: Browser) -> None:
    fill(live_console)
    context = browser.new_context(viewport=DESKTOP, reduced_motion="reduce")  # type: ignore[arg-type]
    findings = []
    with watched(context) as (page, complaints):
        live_console.let_in(context, Role.MARKETER)
        for name, address in PAGES.items():
            page.goto(f"{live_console.url}{address}?period=84d")
            expect(page.locator("[data-plot]:not([data-ready])")).to_have_count(0)
            for summary in page.locator(".plot-table > summary").all()[-1:]:
                summary.click()
            findings += find_barriers(page, name, but=PICTURES)
        for name, address in {"lifestyles": "/console/insights/lifestyles/", "behind": BEHIND}.items():
            page.goto(live_console.url + address)
            findings += find_barriers(page, name)
    assert findings == []
    assert complaints == []


def test_from_the_menu_down_to_the_members_and_their_file(
    live_console: LiveConsole, page: Page, tmp_path: Path
) -> None:
    fill(live_console)
    live_console.let_in(page.context, Role.MARKETER)
    page.goto(f"{live_console.url}/console/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Overview").first.click()
    expect(page.get_by_role("heading", name="1,421 members could have a reward")).to_be_visible()
    page.wait_for_load_state()  # Escape needs the page's script, which comes after its words
    # What is meant comes with focus and goes with Escape.
    page.get_by_role("button", name="What is meant: Churn rate").focus()
    meaning = page.get_by_role("tooltip").filter(has_text="had not lapsed")
    expect(meaning).to_be_visible()
    page.keyboard.press("Escape")
    expect(meaning).to_be_hidden()
    page.get_by_role("link", name="Value", exact=True).click()
    page.get_by_role("link", name="Champions").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("RFM segment: Champions")
    anna = page.locator(".row-link").first
    name = anna.inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    with Path(download.value.path()).open(encoding="utf-8") as stream:
        assert [row["name"] for row in csv.DictReader(stream)] == [name]
    anna.click()
    expect(page.get_by_text("low, 11.0%")).to_be_visible()


def test_a_chart_is_read_by_keyboard_and_follows_the_colours(live_console: LiveConsole, page: Page) -> None:
    fill(live_console)
    live_console.let_in(page.context, Role.MARKETER)
    page.goto(f"{live_console.url}{PAGES['retention']}?period=84d")
    grid = page.get_by_role("img", name="Who came back, by the month of the first purchase")
    grid.focus()
    page.keyboard.press("ArrowRight")
    said = page.locator("#cohorts [data-plot-said]")
    expect(said).to_contain_text("March 2026 · 300 · 28–55: 82.0% 246 of 300 members")
    expect(page.locator(".plot-tip-body")).to_contain_text("246 of 300 members")
    page.keyboard.press("End")
    expect(said).to_contain_text("so far; not final")
    cell = page.locator("#cohorts svg path[fill^=rgb]").first
    light: Any = cell.get_attribute("fill")
    page.get_by_role("button", name="Dark", exact=True).first.click()
    expect(cell).not_to_have_attribute("fill", light)
    page.keyboard.press("Escape")
    page.locator("#cohorts summary").click()
    table = page.locator("#cohorts table")
    expect(table.get_by_role("row")).to_have_count(samples.MONTHS)
    grid.focus()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    page.wait_for_url("**/insights/members/?measure=retention**")
