"""The one search and its tables in a real browser: by keys, by hand, and without scripts."""

import pytest
from playwright.sync_api import Browser, Page, expect

from regulars.identity.facade import Role
from tests.barriers import find_barriers
from tests.browser import DESKTOP, watched
from tests.console.conftest import LiveConsole

# A browser and a server: seconds.
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_palette_is_worked_by_keys(live_console: LiveConsole, page: Page) -> None:
    live_console.let_in(page.context, Role.OWNER)
    page.goto(f"{live_console.url}/console/")
    box = page.get_by_role("combobox", name="Search everything")
    page.keyboard.press("Control+k")
    expect(box).to_be_focused()
    expect(page.get_by_role("option", name="Audit trail")).to_be_visible()
    assert find_barriers(page, "search") == []
    box.press_sequentially("lind")
    option = page.get_by_role("option", name="Anna Lindqvist").first
    expect(option).to_have_attribute("aria-selected", "true")
    box.press("Escape")
    expect(box).to_be_hidden()
    page.locator("body").click(position={"x": 700, "y": 5})
    page.keyboard.press("/")
    box.fill("a")
    # Not the pages that were on show before a letter was typed.
    expect(page.get_by_role("group", name="Members")).to_be_visible()
    box.press("ArrowUp")
    last = page.get_by_role("option").last
    expect(last).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", last.get_attribute("id") or "")
    box.fill("lindq")
    expect(option).to_have_attribute("aria-selected", "true")
    box.press("Enter")
    expect(page.get_by_role("heading", name="Anna Lindqvist")).to_be_visible()


def test_a_table_is_sorted_narrowed_and_changed_by_hand(live_console: LiveConsole, page: Page) -> None:
    live_console.let_in(page.context, Role.SUPPORT)
    page.goto(f"{live_console.url}/console/")
    page.get_by_role("link", name="Joined").click()
    expect(page).to_have_url(f"{live_console.url}/console/?sort=-joined")
    expect(page.get_by_role("columnheader", name="Joined")).to_have_attribute("aria-sort", "descending")
    page.get_by_role("searchbox", name="Search", exact=True).press_sequentially("lindq")
    expect(page).to_have_url(f"{live_console.url}/console/?q=lindq&sort=-joined")
    expect(page.get_by_role("link", name="Ben Okafor")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("columnheader", name="Joined")).to_have_attribute("aria-sort", "descending")
    page.go_back()
    expect(page.get_by_role("link", name="Ben Okafor")).to_be_visible()
    adjust = page.get_by_role("button", name="Adjust points")
    expect(adjust).to_be_disabled()
    page.get_by_role("checkbox", name="Choose", exact=True).check()
    expect(page.get_by_text("2 chosen")).to_be_visible()
    adjust.click()
    expect(page.get_by_role("heading", name="Adjust the points of 2 members")).to_be_visible()
    page.get_by_label("Points", exact=True).fill("50")
    page.get_by_label("Reason").fill("The till was down.")
    assert find_barriers(page, "search") == []
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Give 2 members 50 points each?")).to_be_visible()
    assert find_barriers(page, "search") == []


def test_search_and_tables_need_no_scripts(live_console: LiveConsole, browser: Browser) -> None:
    context = browser.new_context(viewport=DESKTOP, java_script_enabled=False)
    live_console.let_in(context, Role.OWNER)
    with watched(context) as (page, complaints):
        page.goto(f"{live_console.url}/console/")
        page.get_by_role("searchbox", name="Search everything").first.fill("lindqvist")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Anna Lindqvist")).to_be_visible()
        page.goto(f"{live_console.url}/console/")
        page.get_by_text("Columns", exact=True).first.click()
        page.get_by_label("Phone").check()
        page.get_by_role("button", name="Apply").click()
        expect(page.get_by_role("columnheader", name="Phone")).to_be_visible()
    assert complaints == []
